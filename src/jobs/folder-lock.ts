import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProblemError } from '../domain/index.ts';

/** Longer names of sockets are refused by the kernel. */
const socketPathBytesMax = 100;

/**
 * Keeps a folder for this process until the result is called. The lock is a socket that this process listens on: the
 * kernel gives it up with the process, however that ends, and a number that a new process got again cannot deceive.
 * @throws ProblemError QUEUE_LOCKED when another process has the folder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(path.dirname(folder), { recursive: true });
  const socket = socketOf(path.resolve(folder));
  for (let tries = 0; tries < 2; tries += 1) {
    const server = await listen(socket);
    if (server !== undefined) return () => new Promise((resolve) => server.close(() => resolve()));
    if (await isAnswered(socket)) throw locked(folder);
    await rm(socket, { force: true });
  }
  throw locked(folder);
}

function socketOf(folder: string): string {
  const beside = `${folder}.lock`;
  if (Buffer.byteLength(beside) <= socketPathBytesMax) return beside;
  return path.join(tmpdir(), `flyball-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}.lock`);
}

/** Undefined when the socket is there already. */
function listen(socket: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(socket, () => {
      server.unref();
      resolve(server);
    });
  });
}

function isAnswered(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

function locked(folder: string): ProblemError {
  return new ProblemError({
    code: 'QUEUE_LOCKED',
    severity: 'error',
    place: { kind: 'file', path: folder },
    message: 'Another process has the queue in this folder open; two would damage it.',
    remedy: 'Stop it, give this one its own server.folder, or let both share a PostgreSQL. See docs/serve.md.',
  });
}
