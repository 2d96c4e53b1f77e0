import { hourMs, ProblemError, type Problem } from '../../../domain/index.ts';
import { storeSource, type Ledger } from '../../../ledger/index.ts';
import { keptMetricNames } from '../known-metrics.ts';
import { createPrometheusClient, type PrometheusClient } from './client.ts';
import { openEndpoint, type Endpoint } from '../../http/index.ts';
import { anyOf, boundaryQuery, equalTo, type RangeBoundary } from './hour-queries.ts';
import { loadDay } from './load-day.ts';
import type { Pacing } from '../../http/index.ts';
import { noGpuNames } from './problems.ts';
import type { Day } from './source-days.ts';
import type { PrometheusSource } from './source.ts';

interface ReaderOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where secrets named by variable are looked up. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly pacing: Pacing;
}

/** Reads days of one server until it is given up; asks nothing of it while there is nothing to read. */
export class SourceReader {
  readonly #ledger: Ledger;
  readonly #source: PrometheusSource;
  readonly #options: ReaderOptions;
  readonly #days: readonly Day[];
  readonly #problems: Problem[] = [];
  #endpoint: Endpoint | undefined;
  #server: Server | undefined;
  #isGivenUp = false;
  #seriesWithoutGpu = 0;

  constructor(ledger: Ledger, source: PrometheusSource, options: ReaderOptions, days: readonly Day[]) {
    this.#ledger = ledger;
    this.#source = source;
    this.#options = options;
    this.#days = days;
  }

  get problems(): readonly Problem[] {
    const unnamed = this.#seriesWithoutGpu;
    return unnamed === 0 ? this.#problems : [...this.#problems, noGpuNames(this.#source.url, unnamed)];
  }

  /** Undefined: the server gave nothing, and the problems say why. */
  async read(day: Day, variant: string): Promise<StoredDay | undefined> {
    if (this.#isGivenUp) return undefined;
    try {
      const server = await this.#greeted();
      const stored = await storeDay(this.#ledger, server, { source: this.#source, day, variant });
      this.#problems.push(...stored.problems);
      this.#seriesWithoutGpu = Math.max(this.#seriesWithoutGpu, stored.seriesWithoutGpu);
      return stored;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.#isGivenUp = true;
      this.#problems.push(error.problem);
      return undefined;
    }
  }

  close(): void {
    this.#endpoint?.close();
  }

  async #greeted(): Promise<Server> {
    if (this.#server !== undefined) return this.#server;
    const { pacing, signal, environment } = this.#options;
    this.#endpoint ??= await openEndpoint(this.#source, environment ?? process.env);
    const { concurrency } = this.#source;
    const client = createPrometheusClient(this.#endpoint, { concurrency, pacing, signal });
    this.#server = await greet(client, this.#source, this.#days);
    return this.#server;
  }
}

interface StoredDay {
  readonly path: string;
  readonly sourceId: number;
  readonly rows: number;
  readonly digest: string;
  readonly problems: readonly Problem[];
  readonly seriesWithoutGpu: number;
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
  const matchers = [anyOf('__name__', [...keptMetricNames]), ...equalTo(source.matchLabels)];
  const names = await client.metricNames({ startMs: atMs, endMs }, `{${matchers.join(',')}}`);
  return { client, boundary, metricNames: names === undefined ? undefined : new Set(names) };
}

async function storeDay(
  ledger: Ledger,
  server: Server,
  what: { readonly source: PrometheusSource; readonly day: Day; readonly variant: string },
): Promise<StoredDay> {
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
