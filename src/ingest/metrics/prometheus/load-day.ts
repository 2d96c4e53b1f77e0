import { hourMs, type Problem } from '../../../domain/index.ts';
import { readRow, readRows, type Ledger, type SourceRowCounts } from '../../../ledger/index.ts';
import { gpuHoursToReadRawSql } from '../gpu-hours.ts';
import { gpuPlaceSql } from '../gpu-place.ts';
import { podCounterHoursToReadRawSql, podGaugeHoursToReadRawSql } from '../pod-hours.ts';
import { createSampleStaging, dropSampleStaging, gatherStatistics, SampleWriter } from '../sample-staging.ts';
import { sumByHour } from '../sum-by-hour.ts';
import type { PrometheusClient, QueryAnswer } from './client.ts';
import {
  anyOf,
  containerHourMetrics,
  gpuHourMetrics,
  hourSelector,
  ownerMetricNames,
  servingHourMetrics,
  statisticQuery,
  type HourMetric,
  type RangeBoundary,
} from './hour-queries.ts';
import { answerMalformed, answerPartial } from './problems.ts';
import { SeriesStaging } from './series-staging.ts';

export interface DayLoad {
  readonly ledger: Ledger;
  readonly client: PrometheusClient;
  readonly boundary: RangeBoundary;
  /** Names that the server has samples of; undefined: ask for all. */
  readonly metricNames: ReadonlySet<string> | undefined;
  readonly matchers: readonly string[];
  readonly cluster: string;
  readonly sourceId: number;
  /** Hours since 1970: the first, and the one after the last. */
  readonly firstHour: number;
  readonly endHour: number;
}

export interface LoadedDay extends SourceRowCounts {
  readonly problems: readonly Problem[];
  /** Nothing failed and the server gave no warning. */
  readonly isWhole: boolean;
  readonly seriesWithoutGpu: number;
  /** SHA-256 in hex of the rows. */
  readonly digest: string;
}

/** Namespaces past this number are not named in a query; what is not of them is left out on arrival. */
const namedNamespacesMax = 200;

/** Reads the hours of one day into the ledger's tables. @throws SourceUnreachable, or the client's signal's reason. */
export async function loadDay(load: DayLoad): Promise<LoadedDay> {
  const { connection } = load.ledger;
  await createSampleStaging(connection);
  const writer = await SampleWriter.open(connection);
  const day = new DayReader(load, writer);
  try {
    await day.readGpus();
    await day.readPods();
  } finally {
    writer.close();
  }
  const { seriesWithoutGpu } = await sumByHour(connection, load);
  await dropSampleStaging(connection);
  const { rows, digest } = await digestRows(load);
  return {
    rows,
    rejectedRows: 0,
    digest,
    seriesWithoutGpu,
    problems: day.problems,
    isWhole: day.problems.length === 0,
  };
}

class DayReader {
  readonly problems: Problem[] = [];
  readonly #load: DayLoad;
  readonly #writer: SampleWriter;
  readonly #staging: SeriesStaging;

  constructor(load: DayLoad, writer: SampleWriter) {
    this.#load = load;
    this.#writer = writer;
    this.#staging = new SeriesStaging(writer);
  }

  async readGpus(): Promise<void> {
    await this.#readHours(gpuHourMetrics, []);
    await this.#load.ledger.connection.run(gpuPlaceSql, { cluster: this.#load.cluster });
    await this.#readRaw(gpuHourMetrics, [], gpuHoursToReadRawSql, {});
  }

  async readPods(): Promise<void> {
    const namespaces = await this.#gpuNamespaces();
    const ofNamespaces =
      namespaces.length > 0 && namespaces.length <= namedNamespacesMax ? [anyOf('namespace', namespaces)] : [];
    const groups = [
      { metrics: servingHourMetrics, matchers: [] },
      ...(namespaces.length === 0 ? [] : [{ metrics: containerHourMetrics, matchers: ofNamespaces }]),
    ];
    const bindings = { cluster: this.#load.cluster };
    for (const { metrics, matchers } of groups) {
      await this.#readHours(metrics, matchers);
      await this.#readRaw(metrics, matchers, podGaugeHoursToReadRawSql, bindings);
      await this.#readRaw(metrics, matchers, podCounterHoursToReadRawSql, {
        ...bindings,
        first_hour: this.#load.firstHour,
      });
    }
    if (namespaces.length > 0) await this.#readOwners();
  }

  /** Asks the server for the hours' statistics, all metrics at a time as far as the client lets them. */
  async #readHours(metrics: readonly HourMetric[], matchers: readonly string[]): Promise<void> {
    const { client, boundary, firstHour, endHour } = this.#load;
    const queries = metrics
      .filter((metric) => this.#exists(metric.name))
      .flatMap((metric) => metric.statistics.map((statistic) => ({ metric, statistic })));
    await inParallel(queries, async ({ metric, statistic }) => {
      const query = statisticQuery(metric, statistic, [...this.#load.matchers, ...matchers], boundary);
      const startHour = metric.type === 'counter' ? firstHour - 1 : firstHour;
      const range = { startMs: (startHour + 1) * hourMs, endMs: endHour * hourMs, stepMs: hourMs };
      for await (const answer of client.queryRange(query, range)) {
        this.#report(query, answer, this.#staging.addHours(metric.name, statistic, answer.series));
      }
    });
    this.#writer.flush();
    await gatherStatistics(this.#load.ledger.connection);
  }

  /** Replaces the server's statistics of some hours by raw samples. */
  async #readRaw(
    metrics: readonly HourMetric[],
    matchers: readonly string[],
    sql: string,
    bindings: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    const { client, boundary } = this.#load;
    const { connection } = this.#load.ledger;
    const hours = (await readRows(connection, sql, bindings)).map((row) => ({
      metric: metrics.find(({ name }) => name === row.text('metric')),
      epochHour: row.number('epoch_hour'),
    }));
    await inParallel(hours, async ({ metric, epochHour }) => {
      if (metric === undefined) return;
      const selector = (rangeMs: number): string =>
        hourSelector(metric, [...this.#load.matchers, ...matchers], boundary, rangeMs);
      const time = { endMs: (epochHour + 1) * hourMs, rangeMs: hourMs };
      for await (const answer of client.querySamples(selector, time)) {
        this.#report(selector(hourMs), answer, this.#staging.addSamples(metric.name, answer.series));
      }
    });
    this.#writer.flush();
    for (const { metric, epochHour } of hours) {
      if (metric === undefined) continue;
      await connection.run(
        `DELETE FROM server_hour WHERE epoch_hour = $hour
         AND series_id IN (SELECT series_id FROM metric_series WHERE metric = $metric)`,
        { hour: epochHour, metric: metric.name },
      );
    }
  }

  async #readOwners(): Promise<void> {
    const { client, firstHour, endHour, matchers } = this.#load;
    const range = { startMs: (firstHour + 1) * hourMs, endMs: endHour * hourMs, stepMs: hourMs };
    await inParallel(
      ownerMetricNames.filter((name) => this.#exists(name)),
      async (name) => {
        const query = `count_over_time(${name}{${matchers.join(',')}}[1h])`;
        for await (const answer of client.queryRange(query, range)) {
          this.#report(query, answer, this.#staging.addLabels(name, answer.series));
        }
      },
    );
    this.#writer.flush();
  }

  #exists(name: string): boolean {
    return this.#load.metricNames === undefined || this.#load.metricNames.has(name);
  }

  async #gpuNamespaces(): Promise<readonly string[]> {
    const rows = await readRows(
      this.#load.ledger.connection,
      `SELECT DISTINCT namespace FROM gpu_place WHERE holder = 'pod' AND namespace <> '' ORDER BY namespace`,
    );
    return rows.map((row) => row.text('namespace'));
  }

  #report(query: string, answer: QueryAnswer, duplicates: number): void {
    const place = { url: this.#load.client.url, query };
    this.problems.push(...answer.failed);
    if (answer.warnings.length > 0) this.problems.push(answerPartial(place, answer.warnings));
    const malformed = answer.malformed + duplicates;
    if (malformed > 0) this.problems.push(answerMalformed(place, malformed));
  }
}

/** Runs work on all items; the client bounds how much of it at a time. The first failure is thrown when all have ended. */
async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(items.map(work));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** The rows' digest does not depend on the order in which they were written. */
async function digestRows({ ledger, sourceId }: DayLoad): Promise<{ readonly rows: number; readonly digest: string }> {
  const rowsOf = (table: string): string =>
    `SELECT '${table}' || CAST(to_json(${table}) AS VARCHAR) AS line FROM (SELECT * EXCLUDE (source_id) FROM ${table} WHERE source_id = $id) AS ${table}`;
  const row = await readRow(
    ledger.connection,
    `SELECT count(*) AS n, sha256(coalesce(string_agg(digest, '' ORDER BY digest), '')) AS digest
     FROM (SELECT md5(line) AS digest FROM (${['gpu_hour', 'serving_hour', 'pod_owner'].map(rowsOf).join(' UNION ALL ')}))`,
    { id: sourceId },
  );
  return { rows: row.number('n'), digest: row.text('digest') };
}
