import type { Problem } from '../../domain/index.ts';
import { lastBytes, listedProblemsMax } from '../source-files/index.ts';
import { parseExpositionLine, parseValue } from './exposition-line.ts';
import { keptMetricNames } from './known-metrics.ts';
import { lineInvalid, moreLinesInvalid, withoutTimestamps } from './problems.ts';
import type { SampleWriter } from './sample-staging.ts';
import { lineLengthMax, readTextLines } from './text-lines.ts';

export interface ExpositionCounts {
  readonly samples: number;
  /** Samples of metrics that nothing here uses. */
  readonly ignoredSamples: number;
  readonly rejectedLines: number;
  readonly problems: readonly Problem[];
}

/** Distinct series texts remembered; past it the memory starts anew, which costs time but no correctness. */
const rememberedSeriesMax = 500_000;

const ignoredSeries = -1;

const earliestMs = Date.UTC(2000, 0);
const latestMs = Date.UTC(2100, 0);

/** Streams a Prometheus or OpenMetrics text file into the staging tables; a bad line is reported and the rest read. */
export async function readExposition(
  file: { readonly path: string; readonly stagedPath: string },
  writer: SampleWriter,
): Promise<ExpositionCounts> {
  const isOpenMetrics = /(^|\n)# EOF\s*$/.test((await lastBytes(file.stagedPath, 64)).toString('latin1'));
  const reader = new ExpositionReader(file.path, isOpenMetrics, writer);
  for await (const lines of readTextLines(file.stagedPath)) {
    for (const line of lines) reader.readLine(line);
  }
  return reader.finish();
}

class ExpositionReader {
  readonly #path: string;
  readonly #isOpenMetrics: boolean;
  readonly #writer: SampleWriter;
  readonly #seriesIds = new Map<string, number>();
  readonly #problems: Problem[] = [];
  #line = 0;
  #samples = 0;
  #ignored = 0;
  #rejected = 0;
  #untimed = 0;
  #firstUntimedLine = 0;

  constructor(path: string, isOpenMetrics: boolean, writer: SampleWriter) {
    this.#path = path;
    this.#isOpenMetrics = isOpenMetrics;
    this.#writer = writer;
  }

  readLine(line: string | undefined): void {
    this.#line += 1;
    if (line === undefined) {
      this.#reject('', { column: lineLengthMax, reason: `the line is longer than ${lineLengthMax} characters` });
      return;
    }
    if (line === '' || line.startsWith('#')) return;
    // Most lines repeat a series seen before: only their value is parsed. An exemplar's brace just misses the memory.
    const known = this.#seriesIds.get(line.slice(0, line.lastIndexOf('}') + 1));
    if (known === undefined) this.#readWhole(line);
    else this.#readValue(line, known, line.lastIndexOf('}') + 1);
  }

  #readWhole(line: string): void {
    const parsed = parseExpositionLine(line);
    if (parsed.kind === 'invalid') this.#reject(line, parsed);
    if (parsed.kind !== 'sample') return;
    // Copied: a slice would keep its whole 256 KiB chunk of the file in memory.
    const series = Buffer.from(line.slice(0, parsed.seriesEnd)).toString();
    let id = this.#seriesIds.get(series);
    if (id === undefined) {
      id = keptMetricNames.has(parsed.name) ? this.#writer.addSeries(parsed.name, parsed.labels) : ignoredSeries;
      if (this.#seriesIds.size >= rememberedSeriesMax) this.#seriesIds.clear();
      this.#seriesIds.set(series, id);
    }
    this.#keep(line, id, { ...parsed, from: parsed.seriesEnd });
  }

  #readValue(line: string, id: number, from: number): void {
    const parsed = parseValue(line, from);
    if (parsed.kind === 'invalid') this.#reject(line, parsed);
    else this.#keep(line, id, { ...parsed, from });
  }

  #keep(
    line: string,
    id: number,
    sample: { readonly value: number; readonly timestamp: number | undefined; readonly from: number },
  ): void {
    if (id === ignoredSeries) {
      this.#ignored += 1;
      return;
    }
    if (sample.timestamp === undefined) {
      this.#untimed += 1;
      if (this.#untimed === 1) this.#firstUntimedLine = this.#line;
      return;
    }
    const atMs = Math.round(this.#isOpenMetrics ? sample.timestamp * 1000 : sample.timestamp);
    if (atMs < earliestMs || atMs >= latestMs) {
      this.#reject(line, { column: sample.from + 1, reason: this.#implausibleTime() });
      return;
    }
    this.#samples += 1;
    this.#writer.addSample(id, atMs, sample.value);
  }

  #implausibleTime(): string {
    return this.#isOpenMetrics
      ? 'the timestamp is not between 2000 and 2100 when read as seconds, OpenMetrics’ unit; the file ends with # EOF'
      : 'the timestamp is not between 2000 and 2100 when read as milliseconds, the unit of Prometheus text; OpenMetrics files have seconds and end with # EOF, which this file lacks';
  }

  #reject(line: string, fault: { readonly column: number; readonly reason: string }): void {
    this.#rejected += 1;
    if (this.#problems.length < listedProblemsMax) {
      this.#problems.push(lineInvalid({ path: this.#path, line: this.#line, ...fault }, line));
    }
  }

  finish(): ExpositionCounts {
    const more = this.#rejected - this.#problems.length;
    return {
      samples: this.#samples,
      ignoredSamples: this.#ignored,
      rejectedLines: this.#rejected + this.#untimed,
      problems: [
        ...this.#problems,
        ...(more === 0 ? [] : [moreLinesInvalid(this.#path, more)]),
        ...(this.#untimed === 0 ? [] : [withoutTimestamps(this.#path, this.#firstUntimedLine, this.#untimed)]),
      ],
    };
  }
}
