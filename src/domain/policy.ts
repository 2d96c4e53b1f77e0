import type { SourcePlace } from './workload.ts';

export const costActionTypes = ['notify', 'review', 'throttle', 'scaleDown', 'rightSize', 'pause'] as const;
export type CostActionType = (typeof costActionTypes)[number];

/** A validated CostPolicy (finops.apexlogic.com/v1alpha1); amounts are USD. */
export interface CostPolicy {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly place: SourcePlace;
  /** Where `matchLabels` stands; `place` is that of the thresholds. */
  readonly selectorPlace?: SourcePlace;
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly dailyUsd: number | undefined;
  readonly monthlyUsd: number | undefined;
  /** Judge the forecast of this period too, not only what was spent. */
  readonly forecast: 'daily' | 'monthly' | undefined;
  readonly action: {
    readonly type: CostActionType;
    readonly replicaReductionPercentage: number | undefined;
    readonly minReplicas: number | undefined;
  };
  readonly escalateTo: { readonly slackChannel: string | undefined; readonly emailGroup: string | undefined };
}
