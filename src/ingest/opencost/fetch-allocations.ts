import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hourMs, type EpochMs, type Problem, type Progress } from '../../domain/index.ts';

/** A server that speaks OpenCost's allocation API. https://opencost.io/docs/integrations/api */
export interface AllocationServer {
  /** With its path, such as `http://opencost.opencost:9003/allocation` or `…/model/allocation` of Kubecost. */
  readonly url: string;
  /** Holds the bearer token; read anew for each run. Undefined: none is sent. */
  readonly tokenFile: string | undefined;
  /** Hours that one request asks for; an answer of many workloads can be large. */
  readonly windowHours: number;
  readonly timeoutSeconds: number;
}

/** An answer above this is refused. */
const answerBytesMax = 64 * 2 ** 20;

/** Windows that ended within this time before the newest one are asked for again: bills of the cloud come late. */
const restatedHours = 72;

/**
 * Saves the allocations of a period, one JSON file for each window, into a folder that belongs to this server alone;
 * read that folder as `opencost` afterwards. Windows saved before are kept. The first failure ends it and is reported:
 * what is saved already still counts.
 */
export async function fetchAllocations(
  server: AllocationServer,
  options: {
    readonly windowStart: EpochMs;
    readonly windowEnd: EpochMs;
    readonly folder: string;
    readonly progress: Progress;
  },
): Promise<readonly Problem[]> {
  const stepMs = server.windowHours * hourMs;
  const first = Math.floor(options.windowStart / stepMs) * stepMs;
  const windows: { readonly start: number; readonly end: number }[] = [];
  for (let start = first; start + stepMs <= options.windowEnd; start += stepMs)
    windows.push({ start, end: start + stepMs });
  options.progress.stage('asking OpenCost for allocations');
  await mkdir(options.folder, { recursive: true });
  const token = server.tokenFile === undefined ? '' : await readFile(server.tokenFile, 'utf8').catch(() => undefined);
  if (token === undefined) return [tokenUnreadable(server.tokenFile ?? '')];
  for (const [index, window] of windows.entries()) {
    const query = queryOf(server, window);
    options.progress.step(index, windows.length, query);
    const file = path.join(options.folder, `${stamp(window.start)}-${stamp(window.end)}.json`);
    const isSettled = window.end <= options.windowEnd - restatedHours * hourMs;
    if (isSettled && (await stat(file).catch(() => undefined)) !== undefined) continue;
    try {
      const answer = await ask(`${server.url}?${query}`, {
        token: token.trim(),
        timeoutSeconds: server.timeoutSeconds,
      });
      await writeFile(`${file}.part`, answer, { mode: 0o600 });
      await rename(`${file}.part`, file);
    } catch (error) {
      return [unreachable({ url: server.url, query }, error)];
    }
  }
  return [];
}

function queryOf({ windowHours }: AllocationServer, window: { readonly start: number; readonly end: number }): string {
  return new URLSearchParams({
    window: `${iso(window.start)},${iso(window.end)}`,
    aggregate: 'cluster,namespace,controllerKind,controller',
    step: `${windowHours}h`,
    includeIdle: 'true',
    accumulate: 'false',
  }).toString();
}

/** Does not follow redirects, which would carry the token elsewhere. */
async function ask(
  url: string,
  { token, timeoutSeconds }: { readonly token: string; readonly timeoutSeconds: number },
): Promise<Buffer> {
  const response = await fetch(url, {
    headers: { accept: 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutSeconds * 1000),
  });
  if (!response.ok) throw new Error(`it answered with status ${response.status}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax)
      throw new Error(`its answer is larger than ${answerBytesMax / 2 ** 20} MiB; ask for shorter windows`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

function iso(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function stamp(time: number): string {
  return iso(time).replaceAll(/[-:]/g, '');
}

function tokenUnreadable(file: string): Problem {
  return {
    code: 'SOURCE_UNREACHABLE',
    severity: 'error',
    place: { kind: 'file', path: file },
    message: 'The token for OpenCost cannot be read, so nothing was asked. Allocations saved before still count.',
    remedy: 'Correct opencost.tokenFile, or let this user read the file.',
  };
}

function unreachable(place: { readonly url: string; readonly query: string }, error: unknown): Problem {
  return {
    code: 'SOURCE_UNREACHABLE',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `OpenCost gave no allocations: ${reasonOf(error)}. Windows saved before still count; later ones are missing, so that the cost shown is too low.`,
    remedy:
      'Check opencost.url and the network; for slow servers shorten opencost.windowHours or raise opencost.timeoutSeconds.',
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}
