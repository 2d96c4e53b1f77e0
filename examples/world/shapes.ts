import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Demand curves and distributions read from the traces. */
export interface Shapes {
  /** 720 hours, 0..1, the 99th percentile hour is 1. */
  readonly demand: { readonly api: readonly number[]; readonly purchases: readonly number[] };
  /** Minute-to-minute unsteadiness of real LLM traffic, mean 1. */
  readonly burst: readonly number[];
  /** GPU power in W at a quantile of a real training cluster. */
  readonly trainingPowerWatts: (quantile: number) => number;
}

/** Reads the trace samples next to this script. */
export async function readShapes(): Promise<Shapes> {
  const [api, purchases, llm, power] = await Promise.all([
    readColumn('api-requests-per-second.csv', 1),
    readColumn('purchases-per-hour.csv', 1),
    readColumn('llm-requests-per-minute.csv', 1),
    Promise.all([readColumn('gpu-power-watts-cdf.csv', 0), readColumn('gpu-power-watts-cdf.csv', 1)]),
  ]);
  const [watts, percents] = power;
  const mean = llm.reduce((sum, value) => sum + value, 0) / llm.length;
  return {
    demand: { api: scaled(api), purchases: scaled(purchases) },
    burst: llm.map((value) => value / mean),
    trainingPowerWatts: (quantile) => {
      const index = percents.findIndex((percent) => percent >= quantile * 100);
      return watts[index === -1 ? watts.length - 1 : index] ?? 0;
    },
  };
}

async function readColumn(file: string, column: number): Promise<readonly number[]> {
  const text = await readFile(path.join(import.meta.dirname, '..', 'traces', file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[column]));
}

function scaled(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((left, right) => left - right);
  const p99 = sorted[Math.floor(sorted.length * 0.985)] ?? 1;
  return values.map((value) => Math.min(1, value / p99));
}
