import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GitHub, type GitHubOptions } from './github.ts';

/** Starts a server on 127.0.0.1 that behaves like GitHub. Close it at the end of the test. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const root = await mkdtemp(path.join(tmpdir(), 'flyball-github-'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new GitHub(server, { root, url: `http://127.0.0.1:${port}`, options });
}
