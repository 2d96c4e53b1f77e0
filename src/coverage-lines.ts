import { formatMoney, type Verdict } from './domain/index.ts';
import { visibleText } from './pullrequest/index.ts';
import type { ScanReport } from './report/index.ts';

/** What a scan says below its table: what was held back, what got no verdict, and how much of the bill is explained. */
export function coverageLines(report: ScanReport): readonly string[] {
  const { coverage } = report;
  const bill = percent(Number(coverage.effectiveToWorkloads.micros), Number(coverage.effectiveTotal.micros));
  const hours = percent(coverage.gpuHoursToWorkloads, coverage.gpuHoursTotal);
  const noVerdict = report.verdicts.filter(
    (verdict): verdict is Extract<Verdict, { kind: 'no-verdict' }> => verdict.kind === 'no-verdict',
  );
  return [
    ...section(
      'held back',
      report.heldBack.map(
        ({ workload, change, reason, detail }) =>
          `${workload.cluster} ${workload.namespace}/${workload.name}: ${change}: ${reason}: ${detail}`,
      ),
    ),
    ...section(
      'no verdict',
      noVerdict.map(({ workload, reason, detail }) => `${decodeURIComponent(workload)}: ${reason}: ${detail}`),
    ),
    `coverage: ${bill} of ${formatMoney(coverage.effectiveTotal)} (${formatMoney(coverage.effectiveIdle)} idle, ${formatMoney(coverage.effectiveUnattributed)} unattributed)` +
      ` and ${hours} of ${coverage.gpuHoursTotal.toFixed(0)} GPU-hours are attributed to workloads`,
  ];
}

const listedMax = 40;

function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more =
    lines.length > listedMax ? [`  … and ${lines.length - listedMax} more (in --json and on the pages)`] : [];
  return [`${title}:`, ...lines.slice(0, listedMax).map((line) => `  ${visibleText(line)}`), ...more, ''];
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : 'nothing';
}
