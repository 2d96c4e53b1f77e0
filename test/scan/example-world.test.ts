import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeFleetRepository } from '../../examples/demo.ts';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { asOf, examples, flyball, git } from './fleet.ts';

interface Truth {
  readonly workload: string;
  readonly change: string;
}

const truths: readonly Truth[] = [
  ...readFileSync(path.join(examples, 'TRUTH.md'), 'utf8').matchAll(
    /^\| ([\w-]+\/[\w-]+\/\w+\/[\w-]+) \| [^|]+ \| ([^|]+) \|/gm,
  ),
].map((row) => ({ workload: row[1] ?? '', change: (row[2] ?? '').trim() }));

interface ScanJson {
  readonly proposals: readonly {
    readonly workload: {
      readonly cluster: string;
      readonly namespace: string;
      readonly kind: string;
      readonly name: string;
    };
    readonly changes: readonly {
      readonly lever: string;
      readonly from: unknown;
      readonly to: unknown;
      readonly line: number;
      readonly path: string;
    }[];
    readonly publication: { readonly branch: string };
  }[];
}

const folder = mkdtempSync(path.join(tmpdir(), 'flyball-world-'));
const out = path.join(folder, 'out');
const forge = path.join(out, 'forge', 'fleet.git');
let text: Awaited<ReturnType<typeof flyball>>;
let json: ScanJson;

beforeAll(async () => {
  const fleet = await makeFleetRepository(path.join(folder, 'fleet'));
  const args = ['scan', '--repo', fleet, '--config', path.join(examples, 'flyball.yml'), '--as-of', asOf, '--out', out];
  text = await flyball(folder, ...args);
  json = JSON.parse((await flyball(folder, ...args, '--json')).stdout) as ScanJson;
}, 120_000);

describe('the example fleet', () => {
  test('every planted truth is found, and nothing is proposed for the healthy', () => {
    const expected = truths
      .filter(({ change }) => change !== 'none')
      .map(({ workload, change }) => `${workload}: ${change}`);
    const found = json.proposals.map(({ workload, changes }) => {
      const id = [workload.cluster, workload.namespace, workload.kind, workload.name].join('/');
      return `${id}: ${changes.map(({ lever, from, to }) => `${lever} ${String(from)} → ${String(to)}`).join(', ')}`;
    });

    expect(truths.length).toBeGreaterThanOrEqual(14);
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  test('every branch changes one line of one file: the line of the value', () => {
    for (const {
      publication: { branch },
      changes,
    } of json.proposals) {
      const diff = git(forge, 'diff', '--unified=0', 'main', branch);
      const removed = diff.split('\n').filter((line) => /^-(?!-)/.test(line));
      const added = diff.split('\n').filter((line) => /^\+(?!\+)/.test(line));
      const [change] = changes;

      expect([removed.length, added.length]).toEqual([1, 1]);
      expect(removed[0]?.replace(/^-/, '').replace(String(change?.from), String(change?.to))).toBe(
        added[0]?.replace(/^\+/, ''),
      );
      expect(diff).toContain(`@@ -${change?.line} +${change?.line} @@`);
      expect(git(forge, 'rev-list', '--count', `main..${branch}`).trim()).toBe('1');
    }
  });

  test('the first line of the output names the backend', () => {
    expect(text.stdout.split('\n')[0]).toMatch(/^backend: (tfjs-node-gpu|tfjs-node|webgpu|wasm|cpu) \(/);
  });

  test('coverage, what got no verdict and where everything lies is said', () => {
    expect(text.stdout).toMatch(/coverage: 9\d\.\d % of \$14\d,\d{3} /);
    expect(text.stdout).toContain('nccl-stuck: signals-disagree');
    expect(text.stdout).toContain('ocr-batch: no-metrics');
    expect(text.stdout).toContain(forge);
    expect(text.stderr).toContain('METRICS_WITHOUT_WORKLOAD');
    expect(text.exitCode).toBe(0);
  });

  test('a second scan changes nothing: same commits, same bytes', async () => {
    const pages = path.join(out, 'pages');
    const read = () => new Map(readdirSync(pages).map((name) => [name, readFileSync(path.join(pages, name), 'utf8')]));
    const before = { refs: git(forge, 'for-each-ref'), pages: read() };

    await flyball(
      folder,
      'scan',
      '--repo',
      path.join(folder, 'fleet'),
      '--config',
      path.join(examples, 'flyball.yml'),
      '--as-of',
      asOf,
      '--out',
      out,
    );

    expect(git(forge, 'for-each-ref')).toBe(before.refs);
    expect(read()).toEqual(before.pages);
  }, 60_000);

  test('the queries on a page run on the ledger and return rows', async () => {
    const page = readFileSync(
      path.join(out, 'pages', 'prod-us_inference_Deployment_clip-server_scale-down.md'),
      'utf8',
    );
    const queries = [...page.matchAll(/```text\n(SELECT[\s\S]*?)\n```/g)].map((match) => match[1] ?? '');
    const instance = await DuckDBInstance.create(path.join(out, 'ledger.duckdb'), { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();

    expect(queries).toHaveLength(2);
    for (const query of queries) expect((await connection.runAndReadAll(query)).currentRowCount).toBeGreaterThan(30);
    connection.closeSync();
    instance.closeSync();
  });
});
