import { formatUtc, type Evidence } from '../domain/index.ts';
import { jsonMoney, jsonProblem, jsonText } from '../report/index.ts';
import type { BudgetCheck, CapacityCheck, CostEstimate, MonthlyCost, WorkloadChange } from './change-check.ts';
import type { CheckReport } from './check-report.ts';

/** Version of the shape; it grows by one when a reader of the old shape would break. */
const checkJsonVersion = 1;

/** What `flyball check --json` prints, described by docs/schema/check-result.schema.json. */
function checkJson({ check, ...report }: CheckReport) {
  return {
    version: checkJsonVersion,
    asOf: formatUtc(check.asOf),
    repository: report.repository,
    base: report.baseCommit,
    head: report.headCommit,
    conclusion: check.conclusion,
    reasons: [...check.reasons],
    isSilent: check.isSilent,
    reviewers: [...check.reviewers],
    deltaPerMonth: jsonMonthly(check.delta),
    beforePerMonth: jsonMoney(check.before),
    unknownWorkloads: check.unknown,
    changes: check.changes.map(jsonChange),
    options: report.options.map(({ workload, change, reason, savingPerMonth, suggestion }) => ({
      workload: jsonWorkload(workload),
      change,
      reason,
      savingPerMonth: orNull(savingPerMonth, jsonMoney),
      suggestion: suggestion ?? null,
    })),
    problems: report.problems.map(jsonProblem),
  };
}

/** The report as JSON, without control and invisible characters. */
export function checkJsonText(report: CheckReport): string {
  return jsonText(checkJson(report));
}

function jsonChange(change: WorkloadChange) {
  return {
    workload: jsonWorkload(change.workload),
    kind: change.kind,
    place: { ...change.place },
    fields: change.fields.map(({ field, from, to, place }) => ({
      field,
      from: from ?? null,
      to: to ?? null,
      place: place === undefined ? null : { ...place },
    })),
    before: jsonEstimate(change.before),
    after: jsonEstimate(change.after),
    deltaPerMonth: orNull(change.delta, jsonMonthly),
    similar: change.similar.map(({ workload, similarityRatio, shared }) => ({
      workload: jsonWorkload(workload),
      similarityRatio,
      shared: [...shared],
    })),
    budgets: change.budgets.map(jsonBudget),
    capacity: change.capacity.map(jsonCapacity),
  };
}

function jsonEstimate(estimate: CostEstimate) {
  return estimate.kind === 'unknown'
    ? { known: false as const, reason: estimate.reason }
    : {
        known: true as const,
        perMonth: jsonMonthly(estimate.monthly),
        evidence: estimate.evidence.map(({ label, value, source }: Evidence) => ({ label, value, source })),
      };
}

function jsonBudget({ policy, outcome, wasExceeded, monthToDate, left, summary }: BudgetCheck) {
  return {
    policy: policy.name,
    place: { path: policy.place.path, line: policy.place.line, column: policy.place.column },
    outcome,
    wasExceeded,
    monthToDate: orNull(monthToDate, jsonMoney),
    leftThisMonth: orNull(left, jsonMoney),
    summary,
  };
}

function jsonCapacity({ pool, limitGpus, askedGpus, outcome, summary }: CapacityCheck) {
  return { pool: `${pool.kind} ${pool.name}`, limitGpus, askedGpus, outcome, summary };
}

function jsonMonthly({ low, likely, high }: MonthlyCost) {
  return { low: jsonMoney(low), likely: jsonMoney(likely), high: jsonMoney(high) };
}

function jsonWorkload({ cluster, namespace, kind, name }: WorkloadChange['workload']) {
  return { cluster, namespace, kind, name };
}

function orNull<From, To>(value: From | undefined, convert: (value: From) => To): To | null {
  return value === undefined ? null : convert(value);
}
