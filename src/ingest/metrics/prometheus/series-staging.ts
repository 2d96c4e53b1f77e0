import { hourMs } from '../../../domain/index.ts';
import type { HourStatistic, SampleWriter } from '../sample-staging.ts';
import type { AnswerSeries } from './answer.ts';

/** Appends the series of answers to the staging tables; a series has one id in all answers. */
export class SeriesStaging {
  readonly #writer: SampleWriter;
  readonly #ids = new Map<string, number>();

  constructor(writer: SampleWriter) {
    this.#writer = writer;
  }

  /** Evaluations at the ends of hours. Returns how many series were there twice, and so are left out. */
  addHours(metric: string, statistic: HourStatistic, series: readonly AnswerSeries[]): number {
    return this.#eachOnce(metric, series, (id, { points }) => {
      for (const [atMs, value] of points) this.#writer.addStatistic(id, atMs / hourMs - 1, statistic, value);
    });
  }

  addSamples(metric: string, series: readonly AnswerSeries[]): number {
    return this.#eachOnce(metric, series, (id, { points }) => {
      for (const [atMs, value] of points) this.#writer.addSample(id, atMs, value);
    });
  }

  /** Series of which only the labels count. */
  addLabels(metric: string, series: readonly AnswerSeries[]): number {
    return this.#eachOnce(metric, series, () => undefined);
  }

  #eachOnce(metric: string, series: readonly AnswerSeries[], add: (id: number, item: AnswerSeries) => void): number {
    const seen = new Set<number>();
    for (const item of series) {
      const id = this.#idOf(metric, item.labels);
      if (seen.has(id)) continue;
      seen.add(id);
      add(id, item);
    }
    return series.length - seen.size;
  }

  #idOf(metric: string, labels: ReadonlyMap<string, string>): number {
    let key = metric;
    for (const [name, value] of labels) if (name !== '__name__') key += `\u0000${name}\u0000${value}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#writer.addSeries(metric, labels);
    this.#ids.set(key, id);
    return id;
  }
}
