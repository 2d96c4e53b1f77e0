import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { aFleet, asOf, examples, flyball, scratchFolder } from '../scan/fleet.ts';
import { isInstalled, startPrometheus, startVictoriaMetrics } from './metrics-servers/start-server.ts';

interface Scan {
  readonly proposals: readonly {
    readonly workload: unknown;
    readonly changes: unknown;
    readonly saving: unknown;
    readonly diff: string;
  }[];
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

const servers = [
  { name: 'Prometheus', command: 'prometheus', start: startPrometheus },
  { name: 'VictoriaMetrics', command: 'victoria-metrics', start: startVictoriaMetrics },
];

/** Scans the example's fleet with its bills and one source of metrics. */
async function scanOf(folder: string, fleet: string, metrics: string): Promise<{ exitCode: number; scan: Scan }> {
  const config = path.join(folder, 'flyball.yml');
  writeFileSync(config, `billing: [{ path: ${path.join(examples, 'billing')} }]\nmetrics: [${metrics}]\n`);
  const out = path.join(folder, 'out');
  const options = ['--repo', fleet, '--config', config, '--out', out, '--as-of', asOf, '--json', '--dry-run'];
  const { exitCode, stdout, stderr } = await flyball(folder, 'scan', ...options);
  if (stdout === '') throw new Error(stderr);
  return { exitCode, scan: JSON.parse(stdout) as Scan };
}

function decided({ proposals }: Scan): unknown {
  return proposals.map(({ workload, changes, saving, diff }) => ({ workload, changes, saving, diff }));
}

for (const { name, command, start } of servers) {
  if (!isInstalled(command)) console.warn(`SKIPPED: ${command} is not installed; scans that ask it are not checked`);

  describe.skipIf(!isInstalled(command))(`a scan that asks ${name}`, () => {
    test('proposes what a scan of the same samples in files proposes, and keeps what it read when the server is gone', async () => {
      const [files, server] = [scratchFolder(), scratchFolder()];
      const fleet = aFleet(files);
      const samples = path.join(examples, 'metrics/staging/dcgm-2026-10.prom.gz');
      const openMetricsFile = path.join(server, 'staging.om');
      writeFileSync(openMetricsFile, gunzipSync(readFileSync(samples)));
      const running = await start(server, openMetricsFile);
      onTestFinished(() => running.stop());
      const source = `{ kind: prometheus, url: "${running.url}" }`;

      const fromFiles = await scanOf(files, fleet, `{ path: ${samples} }`);
      const fromServer = await scanOf(server, fleet, source);
      await running.stop();
      const afterwards = await scanOf(server, fleet, source);

      expect(fromFiles.scan.proposals.length).toBeGreaterThan(1);
      expect(decided(fromServer.scan)).toEqual(decided(fromFiles.scan));
      expect(fromServer.exitCode).toBe(fromFiles.exitCode);
      expect(afterwards.exitCode).toBe(3);
      expect(afterwards.scan.problems.map(({ code }) => code)).toContain('SOURCE_UNREACHABLE');
      expect(decided(afterwards.scan)).toEqual(decided(fromFiles.scan));
    }, 120_000);
  });
}
