export { withChosenValues } from './chosen-values.ts';
export { recommend, type Recommendation, type RecommendInput } from './recommend.ts';
export type { GuardSettings, RecommendSettings } from './settings.ts';
export { busyRatio, demandGpus, quantile } from './usage-window.ts';
