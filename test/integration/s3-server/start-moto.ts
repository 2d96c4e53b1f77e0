import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { version } from '@duckdb/node-api';
import { freePort } from '../metrics-servers/start-server.ts';

const tools = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'flyball-ci-tools');

/** What .ci/install-object-storage prepared: an S3 server, and DuckDB's extensions of this version. */
export function findObjectStorage(): { readonly moto: string; readonly extensionDirectory: string } | undefined {
  const moto = path.join(tools, 'moto/bin/moto_server');
  const extensionDirectory = path.join(tools, `duckdb-extensions-${version()}`);
  const isHere = existsSync(path.join(extensionDirectory, 'httpfs.duckdb_extension'));
  return isHere && spawnSync(moto, ['--help']).status === 0 ? { moto, extensionDirectory } : undefined;
}

export interface S3Server {
  /** Host and port. */
  readonly endpoint: string;
  put(key: string, content: string | Uint8Array<ArrayBuffer>): Promise<void>;
  remove(key: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an S3 server with one empty bucket. */
export async function startMoto(moto: string, bucket: string): Promise<S3Server> {
  const port = await freePort();
  const child = spawn(moto, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const endpoint = `127.0.0.1:${port}`;
  const send = async (method: string, key: string, body?: string | Uint8Array<ArrayBuffer>): Promise<void> => {
    const answer = await fetch(`http://${endpoint}/${bucket}${key}`, {
      method,
      // moto takes any signature, and lets nobody without one replace an object.
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/s3/aws4_request' },
      ...(body === undefined ? {} : { body }),
    });
    if (!answer.ok) throw new Error(`${method} ${key}: HTTP ${answer.status}`);
  };
  for (let attempt = 0; ; attempt += 1) {
    const isUp = await fetch(`http://${endpoint}/`).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    if (attempt > 200 || child.exitCode !== null) throw new Error('moto did not start');
    await sleep(100);
  }
  await send('PUT', '');
  return {
    endpoint,
    put: (key, content) => send('PUT', `/${key}`, content),
    remove: (key) => send('DELETE', `/${key}`),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
