import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** What a provider writes beside an export's files. */
export interface RunManifest {
  /** It lies beside the runs, as that of legacy CUR, and names the one that counts. */
  readonly isBesideRuns: boolean;
  readonly runId: string;
  readonly submittedAtMs: number | undefined;
  /** Names of all files of the run, without folders; empty when the manifest lists none. */
  readonly fileNames: readonly string[];
}

/** A manifest larger than this is none. */
const manifestBytesMax = 16 * 2 ** 20;

/** The manifests of a run's folder, of the folder of its period, and of the `metadata` folder of AWS Data Exports. */
export async function readManifests(period: string, run: string): Promise<readonly RunManifest[]> {
  const dataFolder = path.dirname(period);
  const metadata = path.join(path.dirname(dataFolder), 'metadata', path.basename(period));
  const inMetadata = path.basename(dataFolder) === 'data' ? [path.join(metadata, path.relative(period, run))] : [];
  const folders = [...new Set([run, ...inMetadata])].filter((folder) => folder !== period);
  const own = await Promise.all(folders.map((folder) => manifestsIn(folder, false)));
  return [...own.flat(), ...(await manifestsIn(period, true))];
}

async function manifestsIn(folder: string, isBesideRuns: boolean): Promise<readonly RunManifest[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => /manifest\.json$/i.test(name))
      .map((name) => readManifest(path.join(folder, name), isBesideRuns)),
  );
  return found.filter((manifest) => manifest !== undefined);
}

async function readManifest(file: string, isBesideRuns: boolean): Promise<RunManifest | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > manifestBytesMax) return undefined;
  const content = parse(await readFile(file, 'utf8').catch(() => ''));
  if (content === undefined) return undefined;
  const runInfo = fieldsOf(content['runInfo']);
  const submittedAtMs = Date.parse(textOf(runInfo['submittedTime']));
  return {
    isBesideRuns,
    runId: textOf(content['assemblyId']),
    submittedAtMs: Number.isNaN(submittedAtMs) ? undefined : submittedAtMs,
    fileNames: [
      ...listOf(content['reportKeys']).map(textOf),
      ...listOf(content['dataFiles']).map(textOf),
      ...listOf(content['blobs']).map((blob) => textOf(fieldsOf(blob)['blobName'])),
    ]
      .map((name) => path.posix.basename(name))
      .filter((name) => name !== ''),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
