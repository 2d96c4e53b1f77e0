import { type Money, type Problem, type Saving, type WorkloadKey, formatUtc, moneyToDecimal } from '../domain/index.ts';
import { jsonText } from './json-text.ts';
import { type ReportedProposal, type ScanReport, savingTotals, workloadKeyOf } from './scan-report.ts';

/** Version of the shape; it grows by one when a reader of the old shape would break. */
const scanJsonVersion = 1;

/** Amounts are decimal text, so that no reader rounds them: `{ "amount": "1762.400000", "currency": "USD" }`. */
export interface JsonMoney {
  readonly amount: string;
  readonly currency: string;
}

/** What `--json` prints, described by docs/schema/scan-result.schema.json; times are RFC 3339. */
export function scanJson(report: ScanReport) {
  const totals = savingTotals(report);
  const { coverage } = report;
  return {
    version: scanJsonVersion,
    asOf: formatUtc(report.asOf),
    window: { start: formatUtc(report.windowStart), end: formatUtc(report.windowEnd) },
    repository: { ...report.repository },
    backend: { ...report.backend },
    model: report.model === undefined ? null : { ...report.model },
    dataDigest: report.dataDigest,
    workloadsSeen: report.workloadsSeen,
    totals: {
      cashPerMonth: jsonMoney(totals.cash),
      freedPerMonth: jsonMoney(totals.freed),
      noneYetPerMonth: jsonMoney(totals.noneYet),
      addedCostPerMonth: jsonMoney(totals.addedCost),
    },
    coverage: {
      cost: {
        total: jsonMoney(coverage.effectiveTotal),
        toWorkloads: jsonMoney(coverage.effectiveToWorkloads),
        idle: jsonMoney(coverage.effectiveIdle),
        unattributed: jsonMoney(coverage.effectiveUnattributed),
        otherCurrencies: coverage.otherCurrencies.map(jsonMoney),
      },
      gpuHours: {
        total: coverage.gpuHoursTotal,
        toWorkloads: coverage.gpuHoursToWorkloads,
        idle: coverage.gpuHoursIdle,
        unattributed: coverage.gpuHoursUnattributed,
      },
    },
    proposals: report.proposals.map(jsonProposal),
    closedBranches: [...report.closedBranches],
    leftAloneBranches: [...report.leftAloneBranches],
    heldBack: report.heldBack.map(({ workload, change, reason, detail, savingPerMonth }) => ({
      workload: jsonWorkload(workload),
      change,
      reason,
      detail,
      savingPerMonth: savingPerMonth === undefined ? null : jsonMoney(savingPerMonth),
    })),
    verdicts: report.verdicts.map(({ kind, workload, reason, detail }) => ({
      workload: workloadKeyOf(workload),
      kind,
      reason,
      detail,
    })),
    problems: report.problems.map(jsonProblem),
    forgeDirectory: report.forgeDirectory ?? null,
  };
}

/** {@link scanJson} as text, by {@link jsonText}. */
export function scanJsonText(report: ScanReport): string {
  return jsonText(scanJson(report));
}

export function jsonMoney(amount: Money): JsonMoney {
  return { amount: moneyToDecimal(amount), currency: amount.currency };
}

function jsonSaving(saving: Saving) {
  return {
    low: jsonMoney(saving.low),
    likely: jsonMoney(saving.likely),
    high: jsonMoney(saving.high),
    kind: saving.kind,
    basis: saving.basis,
  };
}

function jsonWorkload({ cluster, namespace, kind, name }: WorkloadKey): WorkloadKey {
  return { cluster, namespace, kind, name };
}

function jsonProposal({ proposal, pullRequest, publication }: ReportedProposal) {
  return {
    fingerprint: proposal.fingerprint,
    workload: jsonWorkload(proposal.workload),
    action: proposal.action,
    changes: proposal.changes.map(({ lever, from, to, field }) => ({
      lever,
      from,
      to,
      path: field.path,
      line: field.line,
      column: field.column,
      yamlPath: [...field.yamlPath],
    })),
    reason: proposal.reason,
    savingPerMonth: jsonSaving(proposal.saving),
    risk: proposal.risk,
    confidenceRatio: proposal.confidenceRatio,
    evidence: proposal.evidence.map(({ label, value, source }) => ({ label, value, source })),
    policies: proposal.policyVerdicts.map(({ policy, place, outcome, summary }) => ({
      policy,
      path: place.path,
      line: place.line,
      outcome,
      summary,
    })),
    anomaly:
      proposal.anomaly === undefined
        ? null
        : {
            peakToThreshold: proposal.anomaly.peakToThreshold,
            peakHour: formatUtc(proposal.anomaly.peakHour),
            hoursAboveThreshold: proposal.anomaly.hoursAboveThreshold,
            hoursScored: proposal.anomaly.hoursScored,
          },
    title: pullRequest.title,
    labels: [...pullRequest.labels],
    publication: {
      status: publication.status,
      branch: publication.branch,
      commit: publication.commit ?? null,
      page: publication.page,
      diff: publication.diff,
      detail: publication.detail ?? null,
    },
  };
}

export function jsonProblem({ code, severity, place, message, remedy }: Problem) {
  return { code, severity, place, message, remedy };
}
