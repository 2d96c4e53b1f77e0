import { addMoney, formatMoney, money, moneyToNumber, usd, type Money } from '../domain/index.ts';
import {
  conclusionOfAction,
  type ChangeCheck,
  type CheckConclusion,
  type CheckSettings,
  type WorkloadChange,
} from './change-check.ts';

const severities: readonly CheckConclusion[] = ['success', 'neutral', 'action_required', 'failure'];

/** Whether a change is worth a word, what is to become of it, and who should look. */
export function concludeCheck(of: {
  readonly changes: readonly WorkloadChange[];
  readonly before: Money;
  readonly settings: CheckSettings;
}): Pick<ChangeCheck, 'isSilent' | 'conclusion' | 'reasons' | 'reviewers'> {
  const { changes, before, settings } = of;
  const findings = [...changes.flatMap(budgetFindings), ...changes.flatMap(poolFindings), ...unknowns(changes)];
  const review = reviewFinding(changes, settings);
  const all = review === undefined ? findings : [...findings, review];
  const worst = Math.max(0, ...all.map(({ conclusion }) => severities.indexOf(conclusion)));
  return {
    isSilent: changes.length === 0 || (all.length === 0 && isSmall(changes, before, settings)),
    conclusion: severities[worst] ?? 'success',
    reasons: all.map(({ reason }) => reason),
    reviewers: review === undefined ? [] : settings.budgetOwners,
  };
}

interface FindingOfCheck {
  readonly conclusion: CheckConclusion;
  readonly reason: string;
}

/** A change that adds nothing to what is exceeded is not to blame for it. */
function budgetFindings({ workload, budgets, delta }: WorkloadChange): readonly FindingOfCheck[] {
  return budgets.flatMap(({ policy, outcome, wasExceeded, summary }): readonly FindingOfCheck[] => {
    if (outcome === 'within') return [];
    if (outcome === 'unknown') return [{ conclusion: 'neutral', reason: `policy ${policy.name}: ${summary}` }];
    if (delta !== undefined && delta.likely.micros <= 0n && wasExceeded) return [];
    const reason = `policy ${policy.name} is ${wasExceeded ? 'exceeded further' : 'exceeded'} by ${workload.namespace}/${workload.name}: ${summary}`;
    return [{ conclusion: conclusionOfAction[policy.action.type], reason }];
  });
}

function poolFindings({ workload, capacity }: WorkloadChange): readonly FindingOfCheck[] {
  return capacity
    .filter(({ outcome }) => outcome === 'exceeds')
    .map(({ summary }) => ({
      conclusion: 'neutral',
      reason: `${workload.namespace}/${workload.name} may find no machine: ${summary}`,
    }));
}

function unknowns(changes: readonly WorkloadChange[]): readonly FindingOfCheck[] {
  return changes.flatMap(({ workload, before, after }): readonly FindingOfCheck[] => {
    const unknown = [after, before].find(({ kind }) => kind === 'unknown');
    if (unknown?.kind !== 'unknown') return [];
    return [
      {
        conclusion: 'neutral',
        reason: `what ${workload.namespace}/${workload.name} costs is not known: ${unknown.reason}`,
      },
    ];
  });
}

function reviewFinding(
  changes: readonly WorkloadChange[],
  { reviewAboveMonthlyUsd: above }: CheckSettings,
): FindingOfCheck | undefined {
  const added = sumUsd(changes.map(({ delta }) => delta?.likely));
  if (above === undefined || moneyToNumber(added) <= above) return undefined;
  const limit = formatMoney(money(BigInt(Math.round(above * 1e6)), usd));
  const reason = `it adds ${formatMoney(added)} a month, more than the ${limit} that the budget's owners want to see`;
  return { conclusion: 'action_required', reason };
}

/** Judged by what each workload adds or takes away, so that a dear one does not hide behind another that is given up. */
function isSmall(changes: readonly WorkloadChange[], before: Money, settings: CheckSettings): boolean {
  const moved = changes.reduce(
    (sum, { delta }) => sum + Math.abs(delta === undefined ? 0 : moneyToNumber(delta.likely)),
    0,
  );
  const cost = moneyToNumber(before);
  return moved < settings.minimumMonthlyUsd || (cost > 0 && (moved / cost) * 100 < settings.minimumPercent);
}

/** Amounts in other currencies are not compared with limits in USD. */
function sumUsd(amounts: readonly (Money | undefined)[]): Money {
  return amounts
    .filter((amount) => amount !== undefined && amount.currency === usd)
    .reduce<Money>((sum, amount) => (amount === undefined ? sum : addMoney(sum, amount)), money(0n, usd));
}
