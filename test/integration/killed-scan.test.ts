import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aFleet, examples } from '../scan/fleet.ts';

const cli = [path.resolve('node_modules/tsx/dist/cli.mjs'), path.resolve('src/cli.ts')];
/** Moments at which a scan of the example reads manifests, bills and metrics, scores, proves and writes branches. */
const moments = [900, 1_600, 2_400, 3_300, 4_300, 5_400, 6_600, 8_000];

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
  return JSON.parse(stdout.replaceAll(out, '.').replaceAll(fleet, './fleet'));
}

test('after scans that were killed at any moment the next one succeeds, and says what an undisturbed one says', async () => {
  const undisturbed = scratch();
  const killed = scratch();
  const fleet = aFleet(undisturbed);
  cpSync(fleet, path.join(killed, 'fleet'), { recursive: true });
  const expected = finished(fleet, path.join(undisturbed, 'out'));
  let killedCount = 0;
  for (const moment of moments) {
    const child = spawn(process.execPath, scanArguments(path.join(killed, 'fleet'), path.join(killed, 'out')), {
      stdio: 'ignore',
      detached: true,
    });
    const ended = new Promise<string | null>((resolve) => {
      child.on('close', (_, signal) => resolve(signal));
    });
    await wait(moment);
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    if ((await ended) === 'SIGKILL') killedCount += 1;
  }
  expect(killedCount).toBeGreaterThan(2);
  const after = finished(path.join(killed, 'fleet'), path.join(killed, 'out'));

  expect(statuses(after)).toEqual(statuses(expected));
  expect(withoutStatus(after)).toEqual(withoutStatus(expected));
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
