import type { EpochMs } from './time.ts';
import type { WorkloadId } from './workload.ts';

/** One signal's share of an anomaly score; shares over all features add up to 1. */
export interface FeatureContribution {
  readonly feature: string;
  readonly shareRatio: number;
}

/** What the autoencoder says of one workload over the evaluation window. */
export interface AnomalyScore {
  readonly workload: WorkloadId;
  /** Largest reconstruction error of any hour in the window, divided by the model's threshold: above 1 is anomalous. */
  readonly peakToThreshold: number;
  readonly peakHour: EpochMs;
  readonly hoursScored: number;
  readonly hoursAboveThreshold: number;
  /** Which features made the peak hour's error, largest first. */
  readonly contributions: readonly FeatureContribution[];
}

export type FindingKind = 'anomaly' | 'waste' | 'saturation' | 'budget';

/** A figure with where it came from: printed in the evidence of a proposal. */
export interface Evidence {
  readonly label: string;
  /** Formatted for people, with its unit. */
  readonly value: string;
  /** The rows it came from: table, filter and window. */
  readonly source: string;
}

export interface Finding {
  readonly workload: WorkloadId;
  readonly kind: FindingKind;
  readonly severity: 'low' | 'medium' | 'high';
  /** One sentence without a full stop at its end. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
}
