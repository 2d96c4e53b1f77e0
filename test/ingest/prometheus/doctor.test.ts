import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { doctorCommand } from '../../../src/doctor.ts';
import { matrix, sendJson, withServer, type Asked } from './answering-server.ts';

/** Runs `flyball doctor` with one metrics server configured, and gives its exit code and what it says of the server. */
async function doctor(
  answer: (asked: Asked) => { readonly status: number; readonly body: unknown },
): Promise<{ readonly exitCode: number; readonly line: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'flyball-doctor-'));
  let said = '';
  const stream = { write: (text: string) => (said += text) !== '', isTTY: false, columns: 80 };
  try {
    return await withServer(
      (asked, response) => {
        const { status, body } = answer(asked);
        sendJson(response, status, body);
      },
      async ({ url }) => {
        await writeFile(path.join(folder, 'flyball.yml'), `metrics: [{ kind: prometheus, url: '${url}' }]\n`);
        const terminal = { stdout: stream, stderr: stream, now: () => Date.UTC(2026, 9, 3), cwd: folder };
        const exitCode = await doctorCommand({ backend: 'cpu' }, terminal);
        return { exitCode, line: said.split('\n').find((line) => line.startsWith('metrics')) ?? '' };
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const seconds = Date.UTC(2026, 9, 3) / 1000;

function series(query: string | null): unknown {
  const isGpu = query?.includes('DCGM_FI') === true;
  return matrix(isGpu ? [{ metric: { __name__: 'DCGM_FI_DEV_GPU_UTIL' }, values: [[seconds, '16']] }] : []);
}

describe('flyball doctor on a metrics server', () => {
  test('says how many DCGM series there are', async () => {
    const { exitCode, line } = await doctor(({ form }) => ({ status: 200, body: series(form.get('query')) }));

    expect(line).toMatch(/^metrics +http:\/\/localhost:\d+ answers, with 1 DCGM_FI_\* metrics of up to 16 series$/);
    expect(exitCode).toBe(0);
  });

  test('is not well with a server that has no DCGM series, or refuses the credentials', async () => {
    const empty = await doctor(() => ({ status: 200, body: matrix([]) }));
    const refused = await doctor(() => ({ status: 401, body: {} }));

    expect(empty).toMatchObject({ exitCode: 1, line: expect.stringContaining('has no DCGM_FI_* series at present') });
    expect(refused).toMatchObject({ exitCode: 1, line: expect.stringContaining('HTTP 401') });
    expect(refused.line).toContain('bearerTokenFile');
  });
});
