/** How much evidence a recommendation needs and what it aims at. Defaults and ranges are in docs/configuration.md. */
export interface RecommendSettings {
  /** Days of history looked at, ending at the scan's time. */
  readonly lookbackDays: number;
  /** Fewer days between the first and the last sample give no verdict. */
  readonly minimumHistoryDays: number;
  /** GPU busy ratio that a right-sized workload reaches at its 99th percentile hour, 0..1. */
  readonly targetUtilRatio: number;
  /** Days without any activity after which a workload counts as idle. */
  readonly idleDays: number;
  /** Replicas that a production workload never goes below, so that one lost node is no outage. */
  readonly productionMinReplicas: number;
  /** A workload with all of these labels is production. */
  readonly productionSelector: Readonly<Record<string, string>>;
}

/** What holds a proposal back although it would help. */
export interface GuardSettings {
  readonly minimumMonthlySavingUsd: number;
  /** Largest share of the replicas that one proposal may take away, 0..1. */
  readonly replicaReductionRatioMax: number;
  readonly openProposalsMax: number;
  /** A workload with any of these labels or annotations is never changed. */
  readonly protectedLabels: Readonly<Record<string, string>>;
}
