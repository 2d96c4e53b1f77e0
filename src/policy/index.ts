export { costPolicySchema } from './cost-policy-schema.ts';
export { evaluateCostPolicies, type EvaluateInput } from './evaluate-cost-policies.ts';
export type { CostJudgement } from './judge.ts';
export { loadCostPolicies } from './load-cost-policies.ts';
export { matchPolicies } from './match-policies.ts';
export type { PolicyDocument } from './policy-documents.ts';
export { formatPair, thresholdMoney } from './threshold-money.ts';
