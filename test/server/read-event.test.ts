import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { readEvent } from '../../src/server/index.ts';

const login = 'flyball[bot]';
const repository = { full_name: 'acme/fleet', default_branch: 'main' };
const ana = { login: 'ana', type: 'User' };
const bot = { login, type: 'Bot' };

function reason(event: string, payload: Readonly<Record<string, unknown>>): string | undefined {
  const wanted = readEvent(event, { repository, sender: ana, ...payload }, login);
  return wanted.kind === 'jobs'
    ? wanted.jobs.map((job) => `${job.reason}${job.pull === undefined ? '' : ` #${job.pull}`}`).join(', ')
    : undefined;
}

test.each([
  ['a push to the default branch', 'push', { ref: 'refs/heads/main' }, 'push'],
  ['a push to a branch of Flyball', 'push', { ref: 'refs/heads/flyball/building/x' }, undefined],
  ['a tag that is called like the branch', 'push', { ref: 'refs/tags/main' }, undefined],
  ['a dispatch for Flyball', 'repository_dispatch', { action: 'flyball-scan' }, 'dispatch'],
  ['a dispatch for others', 'repository_dispatch', { action: 'deploy' }, undefined],
  ['a command', 'issue_comment', { action: 'created', comment: { body: 'ok\n/flyball explain' } }, 'command'],
  [
    'a comment that only speaks of one',
    'issue_comment',
    { action: 'created', comment: { body: 'use /flyball' } },
    undefined,
  ],
  ['a command of a bot', 'issue_comment', { action: 'created', comment: { body: '/flyball' }, sender: bot }, undefined],
  ['an edited command', 'issue_comment', { action: 'edited', comment: { body: '/flyball' } }, undefined],
  ['a box of the dashboard', 'issues', { action: 'edited', issue: { user: bot } }, 'dashboard'],
  ['an issue of somebody', 'issues', { action: 'edited', issue: { user: ana } }, undefined],
  ['its own change of the dashboard', 'issues', { action: 'edited', issue: { user: bot }, sender: bot }, undefined],
  ['its pull request, closed', 'pull_request', { action: 'closed', pull_request: { user: bot } }, 'pull-request'],
  ['a pull request of somebody', 'pull_request', { action: 'closed', pull_request: { user: ana } }, undefined],
  [
    'one that is opened',
    'pull_request',
    { action: 'opened', pull_request: { user: ana, number: 7 } },
    'pull-request #7',
  ],
  [
    'one of a bot',
    'pull_request',
    { action: 'opened', sender: bot, pull_request: { user: { login: 'renovate[bot]' }, number: 7 } },
    'pull-request #7',
  ],
  [
    'its own, opened',
    'pull_request',
    { action: 'opened', sender: bot, pull_request: { user: bot, number: 7 } },
    undefined,
  ],
  ['new commits', 'pull_request', { action: 'synchronize', pull_request: { user: ana, number: 7 } }, 'pull-request #7'],
  [
    'another title',
    'pull_request',
    { action: 'edited', changes: { title: {} }, pull_request: { user: ana, number: 7 } },
    undefined,
  ],
  [
    'another base',
    'pull_request',
    { action: 'edited', changes: { base: {} }, pull_request: { user: ana, number: 7 } },
    'pull-request #7',
  ],
  [
    'a number that is none',
    'pull_request',
    { action: 'opened', pull_request: { user: ana, number: '7; --x' } },
    undefined,
  ],
  [
    'its check, pressed again',
    'check_run',
    { action: 'rerequested', check_run: { app: { slug: 'flyball' }, external_id: '7' } },
    'rerun #7',
  ],
  [
    'the check of another App',
    'check_run',
    { action: 'rerequested', check_run: { app: { slug: 'ci' }, external_id: '7' } },
    undefined,
  ],
  [
    'its own check, as it is made',
    'check_run',
    { action: 'created', check_run: { app: { slug: 'flyball' }, external_id: '7' } },
    undefined,
  ],
  [
    'all its checks, pressed again',
    'check_suite',
    { action: 'rerequested', check_suite: { app: { slug: 'flyball' }, pull_requests: [{ number: 7 }, { number: 8 }] } },
    'rerun #7, rerun #8',
  ],
  ['an event that nobody asked for', 'star', { action: 'created' }, undefined],
])('%s', (_name, event, payload, expected) => {
  expect(reason(event, payload)).toBe(expected);
});

test.each(['--upload-pack=x/y', 'acme', 'acme/..', 'acme/fleet/more', '../etc', 'acme/a b', '-a/b'])(
  'the repository %s is none',
  (name) => {
    expect(reason('push', { ref: 'refs/heads/main', repository: { full_name: name, default_branch: 'main' } })).toBe(
      undefined,
    );
  },
);

test('whatever a payload is, reading it never throws', () => {
  const events = fc.constantFrom(
    'push',
    'issues',
    'issue_comment',
    'pull_request',
    'check_run',
    'check_suite',
    'repository_dispatch',
    'installation',
  );
  fc.assert(
    fc.property(events, fc.jsonValue(), (event, payload) => {
      expect(['nothing', 'jobs', 'repositories-changed']).toContain(readEvent(event, payload, login).kind);
    }),
  );
});
