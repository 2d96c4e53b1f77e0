import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../metrics-servers/start-server.ts';

/** Trino 476 needs it. */
const javaVersionMin = 24;

export interface TrinoServer {
  readonly url: string;
  /** Runs one statement and returns the rows of its answer. @throws Error with Trino's message. */
  query(sql: string): Promise<readonly (readonly unknown[])[]>;
  stop(): Promise<void>;
}

export interface TrinoInstallation {
  readonly home: string;
  readonly java: string;
}

/** What .ci/install-trino prepared, or `FLYBALL_TRINO` names, with a Java that runs it; undefined when one is not here. */
export function findTrino(): TrinoInstallation | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const home = process.env['FLYBALL_TRINO'] ?? path.join(cache, 'flyball-ci-tools/trino-476');
  const java = javaPrograms().find((program) => javaVersion(program) >= javaVersionMin);
  return java !== undefined && existsSync(path.join(home, 'lib')) ? { home, java } : undefined;
}

function javaPrograms(): readonly string[] {
  const folder = '/usr/lib/jvm';
  const installed = existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name, 'bin/java')) : [];
  const named = process.env['JAVA_HOME'] === undefined ? [] : [path.join(process.env['JAVA_HOME'], 'bin/java')];
  return [...named, 'java', ...installed];
}

function javaVersion(program: string): number {
  const { stderr } = spawnSync(program, ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

/** Starts a coordinator that reads Parquet files below `folder/lake` as the catalog `lake`. */
export async function startTrino({ home, java }: TrinoInstallation, folder: string): Promise<TrinoServer> {
  const port = await freePort();
  const settings = path.join(folder, 'etc');
  await mkdir(path.join(settings, 'catalog'), { recursive: true });
  await mkdir(path.join(folder, 'lake'), { recursive: true });
  const write = (file: string, lines: readonly string[]): Promise<void> =>
    writeFile(path.join(settings, file), `${lines.join('\n')}\n`);
  await write('config.properties', [
    'coordinator=true',
    'node-scheduler.include-coordinator=true',
    `http-server.http.port=${port}`,
    `discovery.uri=http://127.0.0.1:${port}`,
    'query.max-memory=512MB',
    'query.max-memory-per-node=400MB',
    'memory.heap-headroom-per-node=200MB',
    'catalog.management=static',
  ]);
  await write('catalog/lake.properties', [
    'connector.name=hive',
    'hive.metastore=file',
    'hive.metastore.catalog.dir=local:///meta',
    'fs.native-local.enabled=true',
    `local.location=${path.join(folder, 'lake')}`,
    'hive.non-managed-table-writes-enabled=true',
  ]);
  const child = spawn(
    java,
    [
      '-Xmx1G',
      '-Duser.timezone=UTC',
      `-Djava.io.tmpdir=${folder}`,
      '--add-modules=jdk.incubator.vector',
      '-cp',
      path.join(home, 'lib/*'),
      `-Dconfig=${path.join(settings, 'config.properties')}`,
      '-Dnode.environment=test',
      '-Dnode.id=one',
      `-Dnode.data-dir=${path.join(folder, 'data')}`,
      `-Dcatalog.config-dir=${path.join(settings, 'catalog')}`,
      'io.trino.server.TrinoServer',
    ],
    { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const remember = (text: Buffer): void => {
    output = (output + text.toString()).slice(-20_000);
  };
  child.stdout.on('data', remember);
  child.stderr.on('data', remember);
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const url = `http://127.0.0.1:${port}`;
  await untilStarted(
    url,
    () => child.exitCode !== null,
    () => output,
  );
  return {
    url,
    query: (sql) => runQuery(url, sql),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function untilStarted(url: string, hasEnded: () => boolean, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt += 1) {
    if (hasEnded()) throw new Error(`Trino ended:\n${output()}`);
    const info = await fetch(`${url}/v1/info`).catch(() => undefined);
    if (info?.ok === true && !((await info.json()) as { readonly starting: boolean }).starting) return;
    await sleep(500);
  }
  throw new Error(`Trino did not start within two minutes:\n${output()}`);
}

interface Answer {
  readonly nextUri?: string;
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string };
}

async function runQuery(url: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const headers = { 'X-Trino-User': 'test' };
  let answer = (await (await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql })).json()) as Answer;
  const rows = [...(answer.data ?? [])];
  while (answer.nextUri !== undefined) {
    answer = (await (await fetch(answer.nextUri, { headers })).json()) as Answer;
    rows.push(...(answer.data ?? []));
  }
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return rows;
}
