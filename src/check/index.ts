export type {
  CheckHistory,
  CheckInput,
  CheckSettings,
  CostEstimate,
  Declared,
  WorkloadChange,
} from './change-check.ts';
export { checkChange } from './check-change.ts';
export { checkJsonText } from './check-json.ts';
export type { CheckReport } from './check-report.ts';
export { checkTable } from './check-table.ts';
export { cheaperOptions } from './cheaper-options.ts';
export { mergeBaseOnGitHub, readCheckedPull } from './github/checked-pull.ts';
export { postCheck, postNotChecked, type PostedCheck } from './github/post-check.ts';
