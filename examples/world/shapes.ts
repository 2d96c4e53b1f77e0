import { readFile } from 'node:fs/promises';
import path from 'node:path';

export type DemandCurve = 'api' | 'purchases' | 'database';
export type TracedCluster = 'kalos' | 'seren';

/** What all GPUs of a traced cluster did, at one percentile; ratios 0..1. */
export interface TracedActivity {
  readonly gpuUtil: number;
  readonly sm: number;
  readonly tensor: number;
  readonly powerWatts: number;
}

/** Demand curves and distributions read from the traces. */
export interface Shapes {
  /** Demand of an hour since the metrics begin; the 99th percentile hour is 1, no hour is above 1.2. */
  demandAt(curve: DemandCurve, hour: number): number;
  /** Unsteadiness of real LLM traffic from one minute to the next, spread over the hours; mean 1. */
  burstAt(hour: number): number;
  /** The activity that a share of a training cluster's GPU time stays below. */
  activityAt(cluster: TracedCluster, quantile: number): TracedActivity;
}

const demandMax = 1.2;

/** Reads the trace samples beside this folder. */
export async function readShapes(): Promise<Shapes> {
  const [api, purchases, database, llm, kalos, seren] = await Promise.all([
    readColumn('api-requests-per-second.csv', 1),
    readColumn('purchases-per-hour.csv', 1),
    readColumn('database-requests-per-second.csv', 1),
    readColumn('llm-requests-per-minute.csv', 1),
    readDistribution('gpu-cdf-kalos.csv'),
    readDistribution('gpu-cdf-seren.csv'),
  ]);
  const demand = { api: toDemand(api), purchases: toDemand(purchases), database: toDemand(database) };
  // The first and the last minute were cut by the recording.
  const minutes = llm.slice(1, -1);
  const mean = minutes.reduce((sum, value) => sum + value, 0) / minutes.length;
  const clusters = { kalos, seren };
  return {
    demandAt: (curve, hour) => cyclic(demand[curve], hour),
    burstAt: (hour) => cyclic(minutes, hour) / mean,
    activityAt: (cluster, quantile) => clusters[cluster](quantile),
  };
}

/** Series shorter than the world go on from their beginning; all are whole weeks or as long as the world. */
function cyclic(values: readonly number[], index: number): number {
  return values[index % values.length] ?? 0;
}

function toDemand(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((left, right) => left - right);
  const p99 = sorted[Math.floor((sorted.length - 1) * 0.99)] ?? 1;
  return values.map((value) => Math.min(demandMax, value / p99));
}

async function readRows(file: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(path.join(import.meta.dirname, '..', 'traces', file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

async function readColumn(file: string, column: number): Promise<readonly number[]> {
  return (await readRows(file)).map((row) => Number(row[column]));
}

async function readDistribution(file: string): Promise<(quantile: number) => TracedActivity> {
  const rows = (await readRows(file)).map((row) => row.map(Number));
  return (quantile) => {
    const above = rows.findIndex(([percent = 0]) => percent >= quantile * 100);
    const upper = rows[above === -1 ? rows.length - 1 : above] ?? [];
    const lower = rows[Math.max(0, above - 1)] ?? upper;
    const [from = 0, to = 0] = [lower[0], upper[0]];
    const share = to === from ? 0 : (quantile * 100 - from) / (to - from);
    const between = (column: number): number => {
      const [low = 0, high = 0] = [lower[column], upper[column]];
      return low + (high - low) * share;
    };
    return {
      gpuUtil: between(1) / 100,
      sm: between(3) / 100,
      tensor: between(4) / 100,
      powerWatts: between(5),
    };
  };
}
