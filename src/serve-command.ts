import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { OperatorConfig } from './config/index.ts';
import { clientOptions, readSecret } from './connect-github.ts';
import { ProblemError, type EpochMs } from './domain/index.ts';
import { makeGitHubApp } from './github/index.ts';
import { openEmbeddedDatabase, openPostgres, type Database } from './jobs/index.ts';
import { readOperatorConfig } from './operator-config.ts';
import { runJobProcess } from './job-process.ts';
import { startServing } from './serve.ts';
import { exitCodes, type ExitCode, type Terminal } from './terminal.ts';

/** `flyball serve`: runs until SIGTERM or SIGINT. */
export async function serveCommand(
  options: { readonly config?: string; readonly asOf?: EpochMs },
  terminal: Terminal,
): Promise<ExitCode> {
  const { config } = await readOperatorConfig(options.config, terminal.cwd);
  const { server, github } = config;
  if (github.app === undefined) throw missing('github.appId and its key are not set', 'Register the App');
  if (server.webhookSecret === undefined) throw missing('server.webhookSecretFile is not set', 'Make a secret');
  const environment = process.env;
  const privateKey = await readSecret(github.app.privateKey, { what: 'the App’s private key', environment });
  const webhookSecret = (await readSecret(server.webhookSecret, { what: 'the webhook secret', environment })).trim();
  const client = clientOptions(github, environment);
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write: writeTo(terminal) });
  const replica = `${os.hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  await mkdir(server.folder, { recursive: true });
  const running = await startServing({
    app: makeGitHubApp({ ...client, appId: github.app.id, privateKey }),
    credentials: { appId: github.app.id, privateKey, webhookSecret, baseUrl: client.baseUrl },
    database: await openDatabase(config, (error) => log.warn({ reason: error.message }, 'PostgreSQL hung up')),
    host: server.host,
    port: server.port,
    stopGraceSeconds: server.stopGraceSeconds,
    replica,
    now: terminal.now,
    log,
    run: ({ repository, pull }, signal) =>
      runJobProcess({
        program: [...process.execArgv, process.argv[1] ?? ''],
        arguments: [
          ...(pull === undefined ? ['scan'] : ['check', '--pull', String(pull)]),
          '--github',
          repository,
          '--out',
          path.join(server.folder, 'scans'),
          ...(options.config === undefined ? [] : ['--config', options.config]),
          ...(options.asOf === undefined ? [] : ['--as-of', new Date(options.asOf).toISOString()]),
        ],
        cwd: terminal.cwd,
        signal,
      }),
  });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await running.stop();
  return exitCodes.done;
}

function writeTo(terminal: Terminal): (line: string) => void {
  return (line) => void terminal.stdout.write(line);
}

async function openDatabase(
  { server }: Pick<OperatorConfig, 'server'>,
  onError: (error: Error) => void,
): Promise<Database> {
  const { databaseUrlEnvironment: name } = server;
  if (name === undefined) return openEmbeddedDatabase(path.join(server.folder, 'queue'));
  const what = 'the URL of PostgreSQL';
  return openPostgres(await readSecret({ kind: 'environment', name }, { what, environment: process.env }), onError);
}

function missing(what: string, remedy: string): ProblemError {
  return new ProblemError({
    code: 'CONFIG_INVALID',
    severity: 'error',
    place: { kind: 'none' },
    message: `flyball serve cannot start: ${what}.`,
    remedy: `${remedy}, and name it in flyball.yml. See docs/serve.md.`,
  });
}
