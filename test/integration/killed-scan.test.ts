import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aFleet, examples } from '../scan/fleet.ts';

const cli = [path.resolve('node_modules/tsx/dist/cli.mjs'), path.resolve('src/cli.ts')];
/** Moments at which a scan of the example reads manifests, bills and metrics, scores, proves and writes branches. */
const moments = [900, 1_600, 2_400, 3_300, 4_300, 5_400, 6_600, 8_000];
/** Moments at which a scan of an address fetches folders and files, and later copies them. */
const fetching = [600, 700, 800, 900, 1_000, 1_200, 5_000, 7_000];

function scratch(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flyball-killed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function scanArguments(fleet: string, out: string): readonly string[] {
  const config = path.join(examples, 'flyball.yml');
  return [...cli, 'scan', '--repo', fleet, '--config', config, '--out', out, '--as-of', '2026-11-01', '--json'];
}

/** The result of a scan that nobody disturbs, without the places where it was written. */
function finished(fleet: string, out: string): unknown {
  const { stdout, stderr, status } = spawnSync(process.execPath, scanArguments(fleet, out), {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout.replaceAll(out, '.'));
}

/** How many of some scans were killed before they ended. */
async function kill(at: readonly number[], fleet: string, out: string): Promise<number> {
  let killedCount = 0;
  for (const moment of at) {
    const child = spawn(process.execPath, scanArguments(fleet, out), { stdio: 'ignore', detached: true });
    const ended = new Promise<string | null>((resolve) => {
      child.on('close', (_, signal) => resolve(signal));
    });
    await wait(moment);
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    if ((await ended) === 'SIGKILL') killedCount += 1;
  }
  return killedCount;
}

test.each([
  { of: 'a folder', at: moments, address: (fleet: string) => fleet },
  { of: 'an address that is fetched in parts', at: fetching, address: (fleet: string) => pathToFileURL(fleet).href },
])(
  'after scans of $of that were killed at any moment the next one says what an undisturbed one says',
  async ({ at, address }) => {
    const folder = scratch();
    const fleet = aFleet(folder);
    spawnSync('git', ['-C', fleet, 'config', 'uploadpack.allowFilter', 'true']);
    const [undisturbed, killed] = [path.join(folder, 'undisturbed'), path.join(folder, 'killed')];
    const expected = finished(address(fleet), undisturbed);

    expect(await kill(at, address(fleet), killed)).toBeGreaterThan(2);
    const after = finished(address(fleet), killed);

    expect(statuses(after)).toEqual(statuses(expected));
    expect(withoutStatus(after)).toEqual(withoutStatus(expected));
  },
);

test('an address that is fetched in parts gives the same branches, commits and diffs as its folder', () => {
  const folder = scratch();
  const fleet = aFleet(folder);
  spawnSync('git', ['-C', fleet, 'config', 'uploadpack.allowFilter', 'true']);

  const whole = finished(fleet, path.join(folder, 'whole')) as Scan;
  const parts = finished(pathToFileURL(fleet).href, path.join(folder, 'parts')) as Scan;

  expect(parts.proposals.length).toBeGreaterThan(5);
  expect(parts.proposals).toEqual(whole.proposals);
});

interface Scan {
  readonly proposals: readonly { readonly branch: string; readonly status: string }[];
}

/** A branch that a killed scan had made already is found unchanged. */
function statuses(result: unknown): readonly string[] {
  return (result as Scan).proposals.map(({ status }) => (status === 'unchanged' ? 'created' : status));
}

function withoutStatus(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result, (key, value: unknown) => (key === 'status' ? undefined : value))) as unknown;
}
