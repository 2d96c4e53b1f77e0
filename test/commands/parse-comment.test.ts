import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandHelp, parseComment, type Command } from '../../src/commands/index.ts';

function commands(body: string): readonly Command[] {
  return parseComment(body).lines.flatMap((line) => (line.kind === 'command' ? [line.command] : []));
}

function mistakes(body: string): readonly string[] {
  return parseComment(body).lines.flatMap((line) => (line.kind === 'mistake' ? [line.message] : []));
}

describe('a line that begins with /flyball is a command', () => {
  test.each<[string, Command]>([
    ['/flyball help', { name: 'help' }],
    ['/Flyball   RESCAN', { name: 'rescan' }],
    ['/flyball why inference/clip-server', { name: 'why', workload: 'inference/clip-server' }],
    ['/flyball set replicas=4', { name: 'set', lever: 'replicas', value: 4 }],
    ['/flyball set minreplicas = 2', { name: 'set', lever: 'minReplicas', value: 2 }],
    ['/flyball set suspend=true', { name: 'set', lever: 'suspend', value: true }],
    ['/flyball set instanceType=g6.xlarge', { name: 'set', lever: 'instanceType', value: 'g6.xlarge' }],
    ['/flyball snooze 14d', { name: 'snooze', until: { kind: 'days', days: 14 }, reason: undefined }],
    [
      '/flyball snooze until 2026-12-24 launch week',
      { name: 'snooze', until: { kind: 'day', day: '2026-12-24' as never }, reason: 'launch week' },
    ],
    ['/flyball ignore', { name: 'ignore', until: undefined, reason: undefined }],
    [
      '/flyball ignore needed for failover until 2027-01-31',
      { name: 'ignore', until: { kind: 'day', day: '2027-01-31' as never }, reason: 'needed for failover' },
    ],
    [
      '/flyball waive gpu-budget until 2026-12-01 launch of the new model',
      {
        name: 'waive',
        policy: 'gpu-budget',
        until: { kind: 'day', day: '2026-12-01' as never },
        reason: 'launch of the new model',
      },
    ],
    ['/flyball feedback planned load test', { name: 'feedback', verdict: 'planned', reason: 'load test' }],
  ])('%s', (body, command) => {
    expect(commands(body)).toEqual([command]);
    expect(mistakes(body)).toEqual([]);
  });

  test('several lines are several commands, in their order and with their line', () => {
    expect(parseComment('Thanks!\n\n/flyball status\nand then\r\n/flyball hold\n').lines).toEqual([
      { kind: 'command', line: 3, command: { name: 'status' } },
      { kind: 'command', line: 5, command: { name: 'hold' } },
    ]);
  });

  test('every command of the help is known', () => {
    for (const { name } of commandHelp) expect(mistakes(`/flyball ${name}`).join('')).not.toContain('no such command');
  });
});

describe('no command is', () => {
  test.each([
    ['quoted text', '> /flyball recreate'],
    ['a code block', '```\n/flyball recreate\n```'],
    ['an indented code block', 'text\n\n    /flyball recreate'],
    ['an open code block', '~~~\n/flyball recreate'],
    ['a list item', '- /flyball recreate'],
    ['a heading', '# /flyball recreate'],
    ['an HTML comment', '<!--\n/flyball recreate\n-->'],
    ['a word in a sentence', 'write /flyball recreate to do so'],
    ['another command', '/flyballs recreate'],
  ])('%s', (_, body) => {
    expect(parseComment(body)).toEqual({ lines: [], leftOut: 0 });
  });
});

describe('a mistake is told, with what would be right', () => {
  test.each([
    ['/flyball', 'A command is missing; /flyball help lists them.'],
    ['/flyball recsan', 'There is no such command; did you mean /flyball rescan?'],
    ['/flyball merge', 'There is no such command; /flyball help lists them.'],
    ['/flyball why', 'It is written /flyball why <workload>.'],
    ['/flyball snooze', 'It is written /flyball snooze <14d|until DATE> [reason].'],
    ['/flyball snooze 0d', 'It is written /flyball snooze <14d|until DATE> [reason].'],
    ['/flyball snooze until 2026-02-30', 'It is written /flyball snooze <14d|until DATE> [reason].'],
    ['/flyball waive gpu-budget until 2026-12-01', 'It is written /flyball waive <policy> until DATE <reason>.'],
    ['/flyball set replicas=-1', 'replicas does not take this value.'],
    ['/flyball set instanceType=$(reboot)', 'instanceType does not take this value.'],
    ['/flyball hold on', 'It is written /flyball hold.'],
    ['/flyball feedback maybe', 'It is written /flyball feedback wrong|planned [reason].'],
  ])('%s', (body, message) => {
    expect(mistakes(body)).toEqual([message]);
    expect(commands(body)).toEqual([]);
  });
});

test('of five hundred commands ten are read, and the others are counted', () => {
  const body = '/flyball recreate\n\n'.repeat(500);

  expect(parseComment(body)).toMatchObject({ lines: { length: 10 }, leftOut: 490 });
});

test('whatever is written, reading it ends and never gives a command that is not in the text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom('/flyball ', 'hold', '\n', '> ', '```', '<', '- '))),
      (parts) => {
        const body = parts.join('');
        const named = commands(body).map(({ name }) => name);

        expect(named.every((name) => body.toLowerCase().includes(name))).toBe(true);
      },
    ),
  );
});
