export type {
  BudgetCheck,
  CapacityCheck,
  ChangeCheck,
  CheckConclusion,
  CheckHistory,
  CheckInput,
  CheckSettings,
  CostEstimate,
  Declared,
  FieldChange,
  MachinePrice,
  MonthlyCost,
  SimilarWorkload,
  WorkloadChange,
} from './change-check.ts';
export { checkChange } from './check-change.ts';
export { checkJsonText } from './check-json.ts';
export type { CheaperOption, CheckReport, SuggestedLine } from './check-report.ts';
export { checkTable } from './check-table.ts';
export { cheaperOptions, type AdviceInput } from './cheaper-options.ts';
export { renderCheckComment } from './render-comment.ts';
export { renderCheckRun, type CheckAnnotation, type RenderedCheckRun } from './render-check-run.ts';
