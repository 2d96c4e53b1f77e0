export type { BudgetJudgement } from './budget.ts';
export { recommend, type Recommendation, type RecommendInput } from './recommend.ts';
export type { FleetNode } from './saving.ts';
export type { GuardSettings, RecommendSettings } from './settings.ts';
export type { NodeUnitPrice } from './subject.ts';
