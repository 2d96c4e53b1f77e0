import {
  addMoney,
  compareMoney,
  dayMs,
  formatMoney,
  hoursPerMonth,
  money,
  negateMoney,
  scaleMoney,
  usd,
  type CostPolicy,
  type CostSeries,
  type EpochMs,
  type Money,
  type Workload,
  type WorkloadId,
} from '../domain/index.ts';
import { formatPair, matchPolicies, thresholdMoney } from '../policy/index.ts';
import type { BudgetCheck, CheckInput, CostEstimate } from './change-check.ts';

/**
 * The policies of each workload. A change that takes a label away does not get out of a policy by it, and one that adds a
 * label gets into it: both commits' labels count.
 */
export function policiesOfBoth(input: CheckInput): ReadonlyMap<WorkloadId, readonly CostPolicy[]> {
  const found = new Map<WorkloadId, Set<CostPolicy>>();
  for (const { workloads } of [input.base, input.head]) {
    for (const [{ id }, policies] of matchPolicies(input.policies, workloads).byWorkload) {
      const known = found.get(id) ?? new Set();
      found.set(id, known);
      for (const policy of policies) known.add(policy);
    }
  }
  return new Map([...found].map(([id, policies]) => [id, [...policies]]));
}

/** What each policy allows a workload, and what the change makes of it. */
export function checkBudgets(
  workload: Workload,
  policies: readonly CostPolicy[],
  of: {
    readonly before: CostEstimate;
    readonly after: CostEstimate;
    readonly cost: CostSeries | undefined;
    readonly asOf: EpochMs;
  },
): readonly BudgetCheck[] {
  const spent = monthToDate(of.cost, of.asOf);
  return policies
    .filter(({ dailyUsd, monthlyUsd }) => dailyUsd !== undefined || monthlyUsd !== undefined)
    .map((policy): BudgetCheck => {
      const before = judge(policy, of.before, spent);
      const after = judge(policy, of.after, spent);
      const wasExceeded = before !== undefined && before.exceeded.length > 0;
      if (after === undefined) {
        const summary = `what ${workload.name} would cost is not known in USD, so this policy cannot be judged`;
        return { policy, outcome: 'unknown', wasExceeded, monthToDate: spent?.amount, left: undefined, summary };
      }
      const isExceeded = after.exceeded.length > 0;
      return {
        policy,
        outcome: isExceeded ? 'exceeds' : 'within',
        wasExceeded,
        monthToDate: spent?.amount,
        left: after.left,
        summary: (isExceeded ? after.exceeded : after.all).join('; '),
      };
    });
}

interface Judged {
  readonly all: readonly string[];
  readonly exceeded: readonly string[];
  readonly left: Money | undefined;
}

/** Undefined when the cost is not known in USD. Exactly at a threshold is within it. */
function judge(policy: CostPolicy, estimate: CostEstimate, spent: MonthToDate | undefined): Judged | undefined {
  if (estimate.kind === 'unknown' || estimate.monthly.likely.currency !== usd) return undefined;
  const { likely } = estimate.monthly;
  const daily = scaleMoney(likely, 24 / hoursPerMonth);
  const sentences: { readonly text: string; readonly isOver: boolean }[] = [];
  const compare = (amount: Money, limit: Money, say: (amount: string, limit: string) => string): void => {
    const isOver = compareMoney(amount, limit) > 0;
    const [left, right] = formatPair(amount, limit);
    sentences.push({ text: say(left, `${isOver ? 'above' : 'within'} the threshold of ${right}`), isOver });
  };
  if (policy.dailyUsd !== undefined) {
    compare(daily, thresholdMoney(policy.dailyUsd), (amount, limit) => `${amount} a day is ${limit}`);
  }
  if (policy.monthlyUsd === undefined) return { ...told(sentences), left: undefined };
  const limit = thresholdMoney(policy.monthlyUsd);
  compare(likely, limit, (amount, words) => `${amount} a month is ${words}`);
  const { amount, daysLeft } = spent ?? { amount: money(0n, usd), daysLeft: undefined };
  if (daysLeft === undefined) return { ...told(sentences), left: less(limit, likely) };
  const expected = addMoney(amount, scaleMoney(daily, daysLeft));
  compare(
    expected,
    limit,
    (sum, words) => `${formatMoney(amount)} this month so far and ${daysLeft} days like this come to ${sum}, ${words}`,
  );
  return { ...told(sentences), left: less(limit, expected) };
}

function told(sentences: readonly { readonly text: string; readonly isOver: boolean }[]): Omit<Judged, 'left'> {
  return {
    all: sentences.map(({ text }) => text),
    exceeded: sentences.filter(({ isOver }) => isOver).map(({ text }) => text),
  };
}

function less(left: Money, right: Money): Money {
  return addMoney(left, negateMoney(right));
}

interface MonthToDate {
  readonly amount: Money;
  /** Days of the calendar month after the last billed one. */
  readonly daysLeft: number;
}

/** Effective cost of the calendar month (UTC) so far; undefined where nothing of it is billed, or not in USD. */
function monthToDate(series: CostSeries | undefined, asOf: EpochMs): MonthToDate | undefined {
  const now = new Date(asOf);
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  const days = (series?.days ?? []).filter(({ day }) => day >= start && day < asOf);
  const last = days.at(-1);
  if (last === undefined || last.effective.currency !== usd) return undefined;
  const amount = days.reduce((sum, { effective }) => addMoney(sum, effective), money(0n, usd));
  return { amount, daysLeft: Math.round((end - last.day) / dayMs) - 1 };
}
