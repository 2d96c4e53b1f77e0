import {
  cpSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  appendFileSync,
  readdirSync,
  existsSync,
  truncateSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { aFleet, asOf, examples, flyball, git, scratchFolder } from './fleet.ts';

/** A copy of the example's bills and staging's metrics, small enough to scan often, with its configuration. */
function aWorld(folder: string): { readonly config: string; readonly metrics: string; readonly billing: string } {
  const billing = path.join(folder, 'billing');
  const metrics = path.join(folder, 'metrics');
  mkdirSync(billing);
  mkdirSync(metrics);
  cpSync(path.join(examples, 'billing/aws/focus-2026-10.parquet'), path.join(billing, 'aws.parquet'));
  cpSync(path.join(examples, 'billing/gcp/focus-2026-10.csv.gz'), path.join(billing, 'gcp.csv.gz'));
  cpSync(path.join(examples, 'metrics/staging/dcgm-2026-10.prom.gz'), path.join(metrics, 'staging.prom.gz'));
  const config = path.join(folder, 'flyball.yml');
  writeFileSync(config, 'billing: [{ path: billing }]\nmetrics: [{ path: metrics }]\n');
  return { config, metrics, billing };
}

function scanOf(folder: string, fleet: string, config: string, ...more: readonly string[]) {
  return flyball(
    folder,
    'scan',
    '--repo',
    fleet,
    '--config',
    config,
    '--as-of',
    asOf,
    '--out',
    path.join(folder, 'out'),
    ...more,
  );
}

/** What staging's metrics always find: the rest of the scan went on. */
function expectStagingFound(stdout: string): void {
  expect(stdout).toContain('sandbox/llm-sandbox');
  expect(stdout).toContain('research/notebook-ray');
}

describe('input that is broken on purpose', () => {
  test('a billing file cut in half is named, with what to do, and nothing of it is used', async () => {
    const folder = scratchFolder();
    const { config, billing } = aWorld(folder);
    const file = path.join(billing, 'gcp.csv.gz');
    truncateSync(file, Math.floor(statSync(file).size / 2));

    const { stdout, stderr, exitCode } = await scanOf(folder, aFleet(folder), config);

    expect(stderr).toMatch(/error\[BILLING_FILE_TRUNCATED\] .*gcp\.csv\.gz/);
    expect(stderr).toMatch(/export|download/i);
    expect(exitCode).toBe(1);
    expectStagingFound(stdout);
  });

  test('a metrics file with one bad line is read but for that line, which is shown', async () => {
    const folder = scratchFolder();
    const { config, metrics } = aWorld(folder);
    const file = path.join(metrics, 'staging.prom.gz');
    const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
    lines.splice(500, 0, 'DCGM_FI_DEV_GPU_UTIL{gpu="0" 12 1793000000');
    writeFileSync(file, gzipSync(lines.join('\n')));

    const { stdout, stderr } = await scanOf(folder, aFleet(folder), config);

    expect(stderr).toMatch(/error\[METRICS_LINE_INVALID\] .*staging\.prom\.gz:501:\d+/);
    expectStagingFound(stdout);
  });

  test('a policy with a wrong type and an unknown field gets both places, and the other policies hold', async () => {
    const folder = scratchFolder();
    const { config } = aWorld(folder);
    const fleet = aFleet(folder, (root) => {
      const file = path.join(root, 'policies/training-budget.yaml');
      const text = readFileSync(file, 'utf8')
        .replace('daily: 2500', 'daily: "plenty"')
        .replace('type: notify', 'type: notify\n    colour: red');
      writeFileSync(file, text);
    });

    const { stdout, stderr } = await scanOf(folder, fleet, config);

    expect(stderr).toMatch(/error\[POLICY_INVALID\] policies\/training-budget\.yaml:\d+:\d+.*daily/);
    expect(stderr).toMatch(/error\[POLICY_INVALID\] policies\/training-budget\.yaml:\d+:\d+.*colour/);
    expectStagingFound(stdout);
  });

  test('an unquoted slackChannel is told apart from an empty one, with the quoted fix', async () => {
    const folder = scratchFolder();
    const { config } = aWorld(folder);
    const fleet = aFleet(folder, (root) => {
      const file = path.join(root, 'policies/training-budget.yaml');
      const text = readFileSync(file, 'utf8').replace(
        /escalateTo: .*/,
        'escalateTo:\n      slackChannel: #ml-training',
      );
      writeFileSync(file, text);
    });

    const { stderr } = await scanOf(folder, fleet, config);

    expect(stderr).toMatch(/error\[POLICY_UNQUOTED_HASH\] policies\/training-budget\.yaml:\d+:\d+/);
    expect(stderr).toContain('slackChannel: "#ml-training"');
  });

  test('a workload without metrics and metrics without a workload are both named', async () => {
    const folder = scratchFolder();
    const { config, metrics } = aWorld(folder);
    const lost =
      'DCGM_FI_PROF_SM_ACTIVE{cluster="staging",Hostname="n1",gpu="0",UUID="GPU-1",modelName="NVIDIA L4",exported_namespace="lost",exported_pod="ghost-0"} 0.5 1793000000';
    writeFileSync(path.join(metrics, 'lost.prom'), `# TYPE DCGM_FI_PROF_SM_ACTIVE gauge\n${lost}\n# EOF\n`);

    const { stderr } = await scanOf(folder, aFleet(folder), config);

    expect(stderr).toMatch(/warning\[WORKLOAD_WITHOUT_METRICS\] apps\/ocr-batch\/prod-us\/deployment\.yaml:1:1/);
    expect(stderr).toMatch(/warning\[METRICS_WITHOUT_WORKLOAD\] .*lost\/ghost/);
  });

  test('a manifest that is a symbolic link out of the repository is reported and never read', async () => {
    const folder = scratchFolder();
    const { config } = aWorld(folder);
    const outside = path.join(folder, 'outside.yaml');
    writeFileSync(
      outside,
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: outsider }\nspec: { replicas: 9 }\n',
    );
    const fleet = aFleet(folder, (root) =>
      symlinkSync('../../../../outside.yaml', path.join(root, 'apps/llm-sandbox/staging/outside.yaml')),
    );

    const { stdout, stderr } = await scanOf(folder, fleet, config);

    expect(stderr).toMatch(/error\[MANIFEST_PATH_ESCAPES\] apps\/llm-sandbox\/staging\/outside\.yaml/);
    expect(stdout + stderr).not.toContain('outsider');
    expect(readFileSync(outside, 'utf8')).toContain('replicas: 9');
    expectStagingFound(stdout);
  });

  test('nothing outside the output folder is written, in the scanned repository least of all', async () => {
    const folder = scratchFolder();
    const { config } = aWorld(folder);
    const fleet = aFleet(folder);
    const before = git(fleet, 'for-each-ref') + git(fleet, 'status', '--porcelain');

    await scanOf(folder, fleet, config);

    expect(git(fleet, 'for-each-ref') + git(fleet, 'status', '--porcelain')).toBe(before);
    expect(readdirSync(folder).toSorted()).toEqual(['billing', 'fleet', 'flyball.yml', 'metrics', 'out']);
  });

  test('a broken operator configuration stops the scan with every mistake listed', async () => {
    const folder = scratchFolder();
    const config = path.join(folder, 'flyball.yml');
    writeFileSync(config, 'biling: []\nledger: { memoryLimitMib: lots }\n');

    const { stderr, exitCode } = await scanOf(folder, aFleet(folder), config);

    expect(stderr).toMatch(/flyball\.yml:1:1.*biling/);
    expect(stderr).toContain('billing');
    expect(stderr).toMatch(/flyball\.yml:2:\d+.*memoryLimitMib/);
    expect(exitCode).toBe(1);
  });

  test('a folder that is no Git repository is told so, with what to do', async () => {
    const folder = scratchFolder();

    const { stderr, exitCode } = await flyball(folder, 'scan', '--repo', folder, '--as-of', asOf);

    expect(stderr).toContain('error[REPOSITORY_UNREADABLE]');
    expect(stderr).toContain('git init');
    expect(exitCode).toBe(1);
  });
});

describe('hostile text', () => {
  const hostile =
    'x|y @everyone </details><script>alert(1)</script>\n## owned [click](https://evil.example) `tick` --> ${{ secrets.X }} \u001b[31m';

  /** The names and labels that an attacker can choose: a label of a manifest, a tag of a bill, a label of a metric. */
  async function scanHostile() {
    const folder = scratchFolder();
    const { config, metrics } = aWorld(folder);
    const fleet = aFleet(folder, (root) => {
      const file = path.join(root, 'apps/llm-sandbox/staging/deployment.yaml');
      const text = readFileSync(file, 'utf8').replace('team: assistants', `team: ${JSON.stringify(hostile)}`);
      writeFileSync(file, text);
      appendFileSync(
        path.join(root, 'policies/training-budget.yaml'),
        `---\napiVersion: finops.apexlogic.com/v1alpha1\nkind: CostPolicy\nmetadata: { name: ${JSON.stringify(hostile)} }\nspec:\n  targetWorkloadSelector: { matchLabels: { app: llm-sandbox } }\n  costThreshold: { daily: 1 }\n  actionOnExceed: { type: pause }\n`,
      );
    });
    const label = hostile.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    writeFileSync(
      path.join(metrics, 'hostile.prom'),
      `DCGM_FI_PROF_SM_ACTIVE{cluster="staging",Hostname="n1",gpu="0",UUID="GPU-1",modelName="NVIDIA L4",exported_namespace="${label}",exported_pod="${label}-0"} 0.5 1793000000\n# EOF\n`,
    );
    const scanned = await scanOf(folder, fleet, config);
    return { ...scanned, pages: path.join(folder, 'out', 'pages') };
  }

  test('neither a page, nor Markdown, nor the terminal gives it any power', async () => {
    const { stdout, stderr, pages } = await scanHostile();

    expect(existsSync(path.join(pages, 'index.html'))).toBe(true);
    const read = (ending: string) =>
      readdirSync(pages)
        .filter((name) => name.endsWith(ending))
        .map((name) => readFileSync(path.join(pages, name), 'utf8'));
    for (const text of read('.html')) {
      expect(text).not.toMatch(/<script|<\/details><script|href="https:\/\/evil/);
      expect(text).toContain("default-src 'none'");
    }
    for (const text of read('.md')) {
      const html = new MarkdownIt({ html: true, linkify: true }).render(text);
      expect(html).not.toMatch(/<script|href="https:\/\/evil|<h2>owned/);
      expect(html.replaceAll(/<code[^>]*>[\s\S]*?<\/code>/g, '')).not.toContain('@everyone');
    }
    expect(stdout + stderr).not.toContain('\u001b[31m');
    expectStagingFound(stdout);
  });
});

test('a repository that nobody prepared is scanned to its end, and nothing is made up about it', async () => {
  const folder = scratchFolder();
  const fleet = path.join(folder, 'plain');
  mkdirSync(path.join(fleet, 'k8s'), { recursive: true });
  writeFileSync(
    path.join(fleet, 'k8s', 'app.yaml'),
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: app }\nspec:\n  template:\n    spec:\n      containers: [{ name: a, resources: { limits: { nvidia.com/gpu: 1 } } }]\n',
  );
  writeFileSync(path.join(fleet, 'k8s', 'chart.yaml'), 'replicas: {{ .Values.replicas }}\n');
  git(fleet, 'init', '--quiet', '--initial-branch=main');
  git(fleet, 'add', '--all');
  git(fleet, 'commit', '--quiet', '--message=Plain');

  const { stdout, exitCode } = await flyball(folder, 'scan', '--repo', fleet, '--dry-run', '--json', '--as-of', asOf);
  const result = JSON.parse(stdout) as {
    readonly proposals: readonly unknown[];
    readonly workloadsSeen: number;
    readonly problems: readonly { readonly code: string }[];
  };

  expect(exitCode).toBe(0);
  expect(result).toMatchObject({ proposals: [], workloadsSeen: 1, problems: [{ code: 'WORKLOAD_WITHOUT_METRICS' }] });
  expect(git(fleet, 'branch', '--list')).toBe('* main\n');
});
