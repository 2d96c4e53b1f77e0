import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { labelText, seriesLabels } from './series-labels.ts';

/** What a metrics server says of one series and hour, and the column that holds it; `last_at` in seconds since 1970. */
const statisticColumns = {
  sum: 'value_sum',
  count: 'value_count',
  min: 'value_min',
  max: 'value_max',
  resets: 'resets',
  last_at: 'last_at',
} as const;

export type HourStatistic = keyof typeof statisticColumns;

const statistics = Object.keys(statisticColumns) as readonly HourStatistic[];

/** Temporary tables that hold samples, or a server's sums of them, until they are summed by the hour. */
export async function createSampleStaging(connection: DuckDBConnection): Promise<void> {
  const labels = seriesLabels.map(({ column }) => `${column} VARCHAR`).join(', ');
  await connection.run(`
    CREATE TEMP TABLE metric_series (series_id INTEGER, metric VARCHAR, ${labels}, label_text VARCHAR);
    CREATE TEMP TABLE metric_sample (series_id INTEGER, at_ms BIGINT, value DOUBLE);
    CREATE TEMP TABLE server_statistic (series_id INTEGER, epoch_hour INTEGER, statistic UTINYINT, value DOUBLE);
    CREATE TEMP TABLE server_hour (series_id INTEGER, epoch_hour INTEGER,
      ${Object.values(statisticColumns)
        .map((column) => `${column} DOUBLE`)
        .join(', ')})`);
}

export async function dropSampleStaging(connection: DuckDBConnection): Promise<void> {
  await connection.run(`DROP TABLE IF EXISTS metric_series; DROP TABLE IF EXISTS metric_sample;
    DROP TABLE IF EXISTS server_statistic; DROP TABLE IF EXISTS server_hour`);
}

/** Moves the statistics appended so far into `server_hour`, one row a series and hour. */
export async function gatherStatistics(connection: DuckDBConnection): Promise<void> {
  const columns = statistics.map(
    (name, index) => `max(value) FILTER (statistic = ${index}) AS ${statisticColumns[name]}`,
  );
  await connection.run(`
    INSERT INTO server_hour BY NAME
      SELECT series_id, epoch_hour, ${columns.join(', ')} FROM server_statistic GROUP BY series_id, epoch_hour;
    TRUNCATE server_statistic`);
}

/** Appends samples as they are parsed; each distinct series text is stored once. */
export class SampleWriter {
  readonly #series: DuckDBAppender;
  readonly #samples: DuckDBAppender;
  readonly #statistics: DuckDBAppender;
  #seriesCount = 0;

  private constructor(series: DuckDBAppender, samples: DuckDBAppender, statistics: DuckDBAppender) {
    this.#series = series;
    this.#samples = samples;
    this.#statistics = statistics;
  }

  static async open(connection: DuckDBConnection): Promise<SampleWriter> {
    return new SampleWriter(
      await connection.createAppender('metric_series'),
      await connection.createAppender('metric_sample'),
      await connection.createAppender('server_statistic'),
    );
  }

  /** Gives the series' id. */
  addSeries(metric: string, labels: ReadonlyMap<string, string>): number {
    this.#seriesCount += 1;
    this.#series.appendInteger(this.#seriesCount);
    this.#series.appendVarchar(metric);
    for (const { labels: names } of seriesLabels) {
      const value = names.map((name) => labels.get(name) ?? '').find((text) => text !== '');
      if (value === undefined) this.#series.appendNull();
      else this.#series.appendVarchar(value);
    }
    this.#series.appendVarchar(labelText(labels));
    this.#series.endRow();
    return this.#seriesCount;
  }

  addSample(seriesId: number, atMs: number, value: number): void {
    this.#samples.appendInteger(seriesId);
    this.#samples.appendBigInt(BigInt(atMs));
    this.#samples.appendDouble(value);
    this.#samples.endRow();
  }

  addStatistic(seriesId: number, epochHour: number, statistic: HourStatistic, value: number): void {
    this.#statistics.appendInteger(seriesId);
    this.#statistics.appendInteger(epochHour);
    this.#statistics.appendUTinyInt(statistics.indexOf(statistic));
    this.#statistics.appendDouble(value);
    this.#statistics.endRow();
  }

  /** Writes what is buffered, so that SQL sees it. */
  flush(): void {
    this.#series.flushSync();
    this.#samples.flushSync();
    this.#statistics.flushSync();
  }

  /** Writes what is buffered; no sample may follow. */
  close(): void {
    this.#series.closeSync();
    this.#samples.closeSync();
    this.#statistics.closeSync();
  }
}
