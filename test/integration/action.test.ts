import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { aFleet, fleet } from '../github/fleet.ts';
import { examples, scratchFolder } from '../scan/fleet.ts';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: {
    readonly steps: readonly {
      readonly name: string;
      readonly run: string;
      readonly env?: Readonly<Record<string, string>>;
    }[];
  };
}

/** What a runner puts in the place of `${{ … }}`. */
function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the action asks for ${name}`);
    return value;
  });
}

test('the Action opens what a token may open, and checks what a pull request costs', async () => {
  const folder = scratchFolder();
  const manifest = readFileSync(path.join(examples, 'gitops/apps/llm-sandbox/staging/deployment.yaml'), 'utf8');
  const world = await aFleet({ files: { 'clusters/staging/llm-sandbox.yaml': manifest } });
  // As `npm run build` does, beside what the package has.
  const built = path.join(folder, 'action');
  await run(process.execPath, [
    path.join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    path.join(root, 'tsconfig.build.json'),
    '--outDir',
    path.join(built, 'dist'),
  ]);
  for (const name of ['node_modules', 'package.json', 'policies', 'models']) {
    symlinkSync(path.join(root, name), path.join(built, name));
  }
  writeFileSync(
    path.join(folder, 'flyball.yml'),
    `billing: [{ path: ${examples}/billing }]\nmetrics: [{ path: ${examples}/metrics/staging }]\n`,
  );
  const action = parse(readFileSync(path.join(root, 'action.yml'), 'utf8')) as Action;
  const step = action.runs.steps.find(({ name }) => name === 'Scan or check');
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: value = '' }]) => [`inputs.${name}`, value]),
  );
  const values = {
    ...inputs,
    'inputs.repository': `${fleet.owner}/${fleet.repo}`,
    'inputs.token': world.ana.token ?? '',
    'github.api_url': world.github.apiUrl,
    'github.action_path': built,
  };
  const act = (more: Readonly<Record<string, string>> = {}) => {
    const filled = Object.entries(step?.env ?? {}).map(([name, text]) => [
      name,
      filledIn(text, { ...values, ...more }),
    ]);
    return run('bash', ['-e', '-c', step?.run ?? ''], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, ...(Object.fromEntries(filled) as Record<string, string>) },
    });
  };

  const { stdout } = await act();
  const { data: pulls } = await world.anasOctokit.rest.pulls.list({ ...fleet, state: 'open' });

  expect(stdout).toContain('onboarding opened');
  expect(pulls.map(({ title }) => title)).toEqual(['Configure Flyball']);

  const grown = manifest.replace('replicas: 2', 'replicas: 9');
  await world.anasOctokit.rest.pulls.merge({ ...fleet, pull_number: pulls[0]?.number ?? 0 });
  await world.github.push(world.repository, {
    by: world.ana,
    branch: 'grow',
    files: { 'clusters/staging/llm-sandbox.yaml': grown },
  });
  const { data: made } = await world.anasOctokit.rest.pulls.create({
    ...fleet,
    title: 'Grow',
    head: 'grow',
    base: 'main',
  });
  const checked = await act({ 'inputs.pull-request': String(made.number) });
  const { data: comments } = await world.anasOctokit.rest.issues.listComments({ ...fleet, issue_number: made.number });

  // Only Apps write check runs, and the token is a person's.
  expect(checked.stdout).toContain('check run refused, comment created');
  expect(comments.map(({ body = '' }) => body)).toEqual([expect.stringContaining('replicas `2` → `9`')]);
}, 180_000);
