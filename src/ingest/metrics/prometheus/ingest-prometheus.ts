import { createHash } from 'node:crypto';
import {
  compareProblems,
  dayMs,
  epochMs,
  formatUtcDate,
  hourMs,
  ProblemError,
  type EpochMs,
  type Problem,
  type Progress,
} from '../../../domain/index.ts';
import { forgetOtherPaths, readRow, recallPath, storeSource, type Ledger } from '../../../ledger/index.ts';
import type { IngestedFile, IngestResult } from '../../source-files/index.ts';
import { createPrometheusClient, type PrometheusClient } from './client.ts';
import { openEndpoint } from './endpoint.ts';
import { boundaryQuery, equalTo, type RangeBoundary } from './hour-queries.ts';
import { loadDay } from './load-day.ts';
import { realPacing, type Pacing } from './pacing.ts';
import { exporterPodsOnly, noGpuNames, noGpuSeries, noPodNames } from './problems.ts';
import type { PrometheusSource } from './source.ts';

export interface PrometheusIngest {
  readonly sources: readonly PrometheusSource[];
  /** The days that the window touches are read, up to the last whole hour before its end. */
  readonly window: { readonly start: EpochMs; readonly end: EpochMs };
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Where secrets named by variable are looked up. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly pacing?: Pacing;
}

/** Scrapes and remote writes arrive this late at most; an hour younger than that is not whole yet. */
const settleMs = 5 * 60_000;

/** Changes when the same answers would be stored differently. */
const storedForm = 'hours 1';

/**
 * Reads the hours of metrics servers into the ledger, a UTC day at a time, each in its own transaction. A whole day
 * that is held already is not asked for again; a day that is not over, or was answered in part, is replaced.
 * Days outside the window, and those of servers that are no longer configured, are forgotten.
 */
export async function ingestPrometheus(ledger: Ledger, options: PrometheusIngest): Promise<IngestResult> {
  if (options.sources.length > 0) options.progress.stage('reading metrics servers');
  const results: IngestResult[] = [];
  const held = new Set<string>();
  for (const source of options.sources) results.push(await ingestSource(ledger, source, options, held));
  await forgetOtherPaths(ledger, 'prometheus', held);
  return {
    files: results.flatMap((result) => result.files),
    problems: results.flatMap((result) => result.problems).toSorted(compareProblems),
  };
}

async function ingestSource(
  ledger: Ledger,
  source: PrometheusSource,
  options: PrometheusIngest,
  held: Set<string>,
): Promise<IngestResult> {
  const variant = variantOf(source);
  const days = daysOf(source.url, variant, options.window);
  const files: IngestedFile[] = [];
  const problems: Problem[] = [];
  let server: Promise<Server> | undefined;
  let endpoint: Awaited<ReturnType<typeof openEndpoint>> | undefined;
  const sourceIds: number[] = [];
  let seriesWithoutGpu = 0;
  try {
    for (const [index, day] of days.entries()) {
      // Whatever comes of this run, what is held of a day stays until it is replaced.
      held.add(day.wholePath).add(day.openPath);
      options.progress.step(index, days.length, day.openPath);
      const known = day.isOver
        ? await recallPath(ledger, { kind: 'prometheus', path: day.wholePath, variant })
        : undefined;
      if (known !== undefined) {
        held.delete(day.openPath);
        sourceIds.push(known.sourceId);
        files.push({
          path: day.wholePath,
          digest: known.digest,
          rows: known.rows,
          rejectedRows: 0,
          status: 'unchanged',
        });
        continue;
      }
      endpoint ??= await openEndpoint(source, options.environment ?? process.env);
      server ??= greet(
        createPrometheusClient(endpoint, {
          concurrency: source.concurrency,
          pacing: options.pacing ?? realPacing,
          signal: options.signal,
        }),
        source,
        days,
      );
      const stored = await storeDay(ledger, await server, { source, day, variant });
      held.delete(stored.path === day.wholePath ? day.openPath : day.wholePath);
      problems.push(...stored.problems);
      seriesWithoutGpu = Math.max(seriesWithoutGpu, stored.seriesWithoutGpu);
      sourceIds.push(stored.sourceId);
      files.push({ path: stored.path, digest: stored.digest, rows: stored.rows, rejectedRows: 0, status: 'ingested' });
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    problems.push(error.problem);
  } finally {
    endpoint?.close();
  }
  if (seriesWithoutGpu > 0) problems.push(noGpuNames(source.url, seriesWithoutGpu));
  problems.push(...(await reviewHolders(ledger, source.url, sourceIds)));
  return { files, problems };
}

interface Day {
  /** Hours since 1970: the first, and the one after the last. */
  readonly firstHour: number;
  readonly endHour: number;
  readonly isOver: boolean;
  readonly wholePath: string;
  readonly openPath: string;
}

function daysOf(
  url: string,
  variant: string,
  window: { readonly start: EpochMs; readonly end: EpochMs },
): readonly Day[] {
  const endHour = Math.floor((window.end - settleMs) / hourMs);
  const days: Day[] = [];
  for (let dayStart = Math.floor(window.start / dayMs) * dayMs; dayStart / hourMs < endHour; dayStart += dayMs) {
    const firstHour = dayStart / hourMs;
    const path = `${url} ${variant.slice(0, 8)} ${formatUtcDate(epochMs(dayStart))}`;
    days.push({
      firstHour,
      endHour: Math.min(firstHour + 24, endHour),
      isOver: firstHour + 24 <= endHour,
      wholePath: path,
      openPath: `${path} in part`,
    });
  }
  return days;
}

interface Server {
  readonly client: PrometheusClient;
  readonly boundary: RangeBoundary;
  readonly metricNames: ReadonlySet<string> | undefined;
}

/** Learns how the server cuts ranges and which metrics it has, so that only those are asked for. */
async function greet(client: PrometheusClient, source: PrometheusSource, days: readonly Day[]): Promise<Server> {
  const atMs = (days[0]?.firstHour ?? 0) * hourMs;
  const endMs = (days.at(-1)?.endHour ?? 0) * hourMs;
  let boundary: RangeBoundary = 'left-open';
  for await (const { series } of client.queryRange(boundaryQuery, { startMs: atMs, endMs: atMs, stepMs: hourMs })) {
    if (series[0]?.points[0]?.[1] === 2) boundary = 'closed';
  }
  const matchers = ['__name__!=""', ...equalTo(source.matchLabels)];
  const names = await client.metricNames({ startMs: atMs, endMs }, `{${matchers.join(',')}}`);
  return { client, boundary, metricNames: names === undefined ? undefined : new Set(names) };
}

async function storeDay(
  ledger: Ledger,
  server: Server,
  what: { readonly source: PrometheusSource; readonly day: Day; readonly variant: string },
): Promise<{
  readonly path: string;
  readonly sourceId: number;
  readonly rows: number;
  readonly digest: string;
  readonly problems: readonly Problem[];
  readonly seriesWithoutGpu: number;
}> {
  const { source, day, variant } = what;
  let loaded: Awaited<ReturnType<typeof loadDay>> | undefined;
  let path = day.openPath;
  const identity = {
    kind: 'prometheus' as const,
    variant,
    digest: '',
    get path() {
      return path;
    },
  };
  const stored = await storeSource(ledger, identity, async (sourceId) => {
    const { firstHour, endHour } = day;
    loaded = await loadDay({
      ...server,
      ledger,
      sourceId,
      firstHour,
      endHour,
      matchers: equalTo(source.matchLabels),
      cluster: source.cluster ?? '',
    });
    // An empty day may be one that the server has not got back yet: it is asked for again.
    if (day.isOver && loaded.isWhole && loaded.rows > 0) path = day.wholePath;
    return loaded;
  });
  return {
    path,
    sourceId: stored.sourceId,
    rows: stored.rows,
    digest: loaded?.digest ?? '',
    problems: loaded?.problems ?? [],
    seriesWithoutGpu: loaded?.seriesWithoutGpu ?? 0,
  };
}

/** What decides which samples are read and under which cluster; a change of it reads everything anew. */
function variantOf(source: PrometheusSource): string {
  const sorted = (record: Readonly<Record<string, unknown>>): unknown =>
    Object.entries(record).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const parts = [storedForm, source.cluster ?? '', sorted(source.matchLabels), sorted(source.headers)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Whether any GPU was seen, and whether its labels say which pod held it. */
async function reviewHolders(ledger: Ledger, url: string, sourceIds: readonly number[]): Promise<readonly Problem[]> {
  if (sourceIds.length === 0) return [];
  const row = await readRow(
    ledger.connection,
    `SELECT count(DISTINCT (cluster, hostname, gpu, hour)) FILTER (holder = 'unknown') AS unknown_hours,
       count(*) FILTER (holder = 'pod') AS pod_rows, count(DISTINCT (cluster, hostname, gpu, hour)) AS gpu_hours
     FROM gpu_hour WHERE source_id IN (${sourceIds.map(Number).join(', ')})`,
  );
  const gpuHours = row.number('gpu_hours');
  const unknownHours = row.number('unknown_hours');
  if (gpuHours === 0) return [noGpuSeries(url)];
  if (unknownHours > 0) return [exporterPodsOnly(url, unknownHours)];
  return row.number('pod_rows') === 0 ? [noPodNames(url, gpuHours)] : [];
}
