import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface GitServer {
  /** Of a repository below the served folder: `http://127.0.0.1:…/name`. */
  url(name: string): string;
  /** Bytes of every answer so far. */
  bytesSent(): number;
  close(): Promise<void>;
}

/** `git http-backend` over real HTTP, gone after the test. */
export async function aGitServer(
  root: string,
  options: {
    readonly protocol?: 'version 0';
    /** What the header must say; everybody may read where it is left out. */
    readonly authorization?: string;
  } = {},
): Promise<GitServer> {
  let bytesSent = 0;
  const server = createServer((request, response) => {
    if (options.authorization !== undefined && request.headers.authorization !== options.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'],
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
        ...(options.protocol === undefined && { GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '') }),
      },
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf('\r\n\r\n');
      const headers = answer.subarray(0, end).toString('latin1').split('\r\n');
      for (const header of headers) {
        const colon = header.indexOf(':');
        const [name, value] = [header.slice(0, colon), header.slice(colon + 1).trim()];
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      bytesSent += answer.length - end - 4;
      response.end(answer.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: (name) => `http://127.0.0.1:${port}/${name}`, bytesSent: () => bytesSent, close };
}
