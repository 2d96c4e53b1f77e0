import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { asOf, examples, flyball, git } from '../scan/fleet.ts';
import { anExampleChange, growPaths } from './example-change.ts';

interface CheckJson {
  readonly base: string;
  readonly head: string;
  readonly conclusion: string;
  readonly deltaPerMonth: { readonly likely: { readonly amount: string } };
  readonly changes: readonly { readonly workload: { readonly name: string } }[];
  readonly options: readonly {
    readonly change: string;
    readonly suggestion: { readonly path: string; readonly line: number; readonly text: string } | null;
  }[];
}

const folder = mkdtempSync(path.join(tmpdir(), 'flyball-check-'));
const config = path.join(examples, 'flyball.yml');
const common = ['--config', config, '--as-of', asOf, '--out', path.join(folder, 'out')];
let fleet: string;
let text: Awaited<ReturnType<typeof flyball>>;
let json: CheckJson;

beforeAll(async () => {
  fleet = await anExampleChange(folder);
  const check = (...args: readonly string[]) => flyball(folder, 'check', '--repo', fleet, ...args, ...common);
  text = await check('--base', 'main', '--head', 'grow');
  json = JSON.parse((await check('--base', 'main', '--head', 'grow', '--json')).stdout) as CheckJson;
}, 180_000);

describe('a change of the example fleet', () => {
  test('is told in a sentence, a table, and how each figure came about', () => {
    expect(text.stdout).toMatch(
      /^This change adds \$21,855 a month \(\+\$21,855 to \+\$32,723\), more than a policy allows\.\n/,
    );
    expect(text.stdout).toContain('caption-server/overlays/prod-us/replicas.json:2');
    expect(text.stdout).toContain('unit price on the bill over 4320 node-hours of prod-us');
    expect(text.stdout).toContain('83 % like batch/caption-images');
    expect(text.exitCode).toBe(1);
  });

  test('is what the published schema says', () => {
    const schema: object = JSON.parse(readFileSync('docs/schema/check-result.schema.json', 'utf8'));
    const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);

    validate(json);
    expect(validate.errors).toBeNull();
  });

  test('is compared with where it began, not with what main became meanwhile', () => {
    expect(json.base).toBe(git(fleet, 'merge-base', 'main', 'grow').trim());
    expect(json.changes.map(({ workload }) => workload.name)).toEqual([
      'caption-server',
      'caption-video',
      'clip-server',
      'llama-chat',
    ]);
  });

  test('is judged by the rules of its base: those that it brings along are not read', () => {
    expect(json.conclusion).toBe('failure');
    expect(text.stdout).toContain('$45,958 a month is above the threshold of $10,000');
  });

  test('every suggestion changes exactly the value on its line, and only lines of the change have one', () => {
    const suggestions = json.options.flatMap(({ suggestion }) => suggestion ?? []);
    const edited = suggestions.map((suggestion) => {
      const lines = git(fleet, 'show', `grow:${suggestion.path}`).split('\n');
      return [suggestion.path, lines[suggestion.line - 1], suggestion.text];
    });

    expect(edited).toEqual([
      [growPaths.video, nodeSelector('p5.4xlarge'), nodeSelector('g6e.xlarge')],
      [
        growPaths.clip,
        '  replicas: 10   # launch week, revisit (search-411)',
        '  replicas: 3   # launch week, revisit (search-411)',
      ],
      [
        growPaths.llama,
        '  minReplicas: 8    # cold start is four minutes, so keep some warm',
        '  minReplicas: 4    # cold start is four minutes, so keep some warm',
      ],
    ]);
  });
});

test('a revision that is not there is told by name', async () => {
  const result = await flyball(folder, 'check', '--repo', fleet, '--base', 'main', '--head', '--output=x', ...common);

  expect(result.stderr).toContain('The repository has no commit "--output=x".');
  expect(result.exitCode).toBe(1);
});

test('without a base nothing is compared', async () => {
  const result = await flyball(folder, 'check', '--repo', fleet, ...common);

  expect([result.exitCode, result.stderr]).toEqual([2, expect.stringContaining('--base is missing')]);
});

function nodeSelector(type: string): string {
  return `            node.kubernetes.io/instance-type: ${type}`;
}
