import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { seriesLabels } from './series-labels.ts';

/** Two temporary tables that hold one file's samples until they are summed by the hour; gone with the transaction. */
export async function createSampleStaging(connection: DuckDBConnection): Promise<void> {
  const labels = seriesLabels.map(({ column }) => `${column} VARCHAR`).join(', ');
  await connection.run(`
    CREATE TEMP TABLE metric_series (series_id INTEGER, metric VARCHAR, ${labels}, label_text VARCHAR);
    CREATE TEMP TABLE metric_sample (series_id INTEGER, at_ms BIGINT, value DOUBLE)`);
}

export async function dropSampleStaging(connection: DuckDBConnection): Promise<void> {
  await connection.run('DROP TABLE IF EXISTS metric_series; DROP TABLE IF EXISTS metric_sample');
}

/** Appends samples as they are parsed; each distinct series text is stored once. */
export class SampleWriter {
  readonly #series: DuckDBAppender;
  readonly #samples: DuckDBAppender;
  #seriesCount = 0;

  private constructor(series: DuckDBAppender, samples: DuckDBAppender) {
    this.#series = series;
    this.#samples = samples;
  }

  static async open(connection: DuckDBConnection): Promise<SampleWriter> {
    return new SampleWriter(
      await connection.createAppender('metric_series'),
      await connection.createAppender('metric_sample'),
    );
  }

  /** Gives the series' id. `labelText` tells apart series whose known labels agree. */
  addSeries(metric: string, labels: ReadonlyMap<string, string>, labelText: string): number {
    this.#seriesCount += 1;
    this.#series.appendInteger(this.#seriesCount);
    this.#series.appendVarchar(metric);
    for (const { labels: names } of seriesLabels) {
      const value = names.map((name) => labels.get(name) ?? '').find((text) => text !== '');
      if (value === undefined) this.#series.appendNull();
      else this.#series.appendVarchar(value);
    }
    this.#series.appendVarchar(labelText);
    this.#series.endRow();
    return this.#seriesCount;
  }

  addSample(seriesId: number, atMs: number, value: number): void {
    this.#samples.appendInteger(seriesId);
    this.#samples.appendBigInt(BigInt(atMs));
    this.#samples.appendDouble(value);
    this.#samples.endRow();
  }

  /** Writes what is buffered; no sample may follow. */
  close(): void {
    this.#series.closeSync();
    this.#samples.closeSync();
  }
}
