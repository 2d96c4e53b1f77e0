import { quantileSorted } from 'd3-array';
import type { FeatureRows } from './features.ts';

/** A feature that hardly varies keeps a scale that does not blow its noise up. */
const scaleMin = 0.05;

/** Median and interquartile range of each feature, over the values that are known. */
export function robustScale(
  { rows, missing }: FeatureRows,
  width: number,
): { readonly medians: readonly number[]; readonly scales: readonly number[] } {
  const medians: number[] = [];
  const scales: number[] = [];
  for (let feature = 0; feature < width; feature += 1) {
    const known = rows.filter((_, index) => index % width === feature && missing[index] !== 1);
    const column = Array.from(known.sort());
    const quartile = (q: number): number => quantileSorted(column, q) ?? 0;
    medians.push(quartile(0.5));
    scales.push(Math.max(quartile(0.75) - quartile(0.25), scaleMin));
  }
  return { medians, scales };
}
