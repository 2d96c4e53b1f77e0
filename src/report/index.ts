export { jsonText } from './json-text.ts';
export { jsonMoney, jsonProblem, scanJson, scanJsonText } from './scan-json.ts';
export { type CostPerDay, type ReportedProposal, type ScanReport } from './scan-report.ts';
export { plainTable } from './plain-table.ts';
export { scanTable } from './scan-table.ts';
export { renderPages, writePages } from './write-pages.ts';
