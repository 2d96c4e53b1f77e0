import { compareMoney, formatMoney, type LeverValue, type Money } from '../domain/index.ts';
import type { ChangeCheck, CostEstimate, FieldChange, MonthlyCost, WorkloadChange } from './change-check.ts';

/** `+$1,168`, `-$20.00`, `$0.00` */
export function signedMoney(amount: Money): string {
  const text = formatMoney(amount);
  return amount.micros > 0n && !/^\$0\.00$/.test(text) ? `+${text}` : text;
}

/** `+$1,168`, `+$1,168 (+$20.00 to +$2,920)`, `unknown` */
export function deltaWords(delta: MonthlyCost | undefined): string {
  return delta === undefined ? 'unknown' : rangeWords(delta, signedMoney);
}

/** `$1,168 ($20.00 to $2,920)`, `unknown` */
export function estimateWords(estimate: CostEstimate): string {
  return estimate.kind === 'unknown' ? 'unknown' : rangeWords(estimate.monthly, formatMoney);
}

function rangeWords({ low, likely, high }: MonthlyCost, format: (amount: Money) => string): string {
  return compareMoney(low, high) === 0 ? format(likely) : `${format(likely)} (${format(low)} to ${format(high)})`;
}

/** `replicas 2 → 5, instanceType g6.xlarge → g6e.xlarge`; of what is new or gone, what it is made of. */
export function fieldWords({ kind, fields }: WorkloadChange): string {
  const words = fields.map((field) => oneField(kind, field)).join(', ');
  return kind === 'changed' ? words : `${kind === 'added' ? 'new' : 'removed'}: ${words}`;
}

function oneField(kind: WorkloadChange['kind'], { field, from, to }: FieldChange): string {
  if (kind === 'changed') return `${field} ${valueWords(from)} → ${valueWords(to)}`;
  return `${field} ${valueWords(kind === 'added' ? to : from)}`;
}

function valueWords(value: LeverValue | undefined): string {
  return value === undefined ? 'unset' : String(value);
}

/** One sentence for the whole check, without a full stop. */
export function headline({ changes, delta, unknown, conclusion }: ChangeCheck): string {
  const known = changes.length - unknown;
  if (changes.length === 0) return 'This change does not touch what GPU workloads cost';
  const open =
    unknown === 0
      ? ''
      : `${known === 0 ? '' : ', and '}what ${countWords(unknown, 'workload')} would cost is not known`;
  const limits = conclusion === 'failure' ? ', more than a policy allows' : '';
  if (known === 0) return `For this change ${open}`;
  const amount = delta.likely.micros;
  const direction = amount > 0n ? 'adds' : amount < 0n ? 'saves' : 'neither adds nor saves anything';
  const size =
    amount === 0n ? '' : ` ${formatMoney(amount < 0n ? { ...delta.likely, micros: -amount } : delta.likely)} a month`;
  const range =
    compareMoney(delta.low, delta.high) === 0 ? '' : ` (${signedMoney(delta.low)} to ${signedMoney(delta.high)})`;
  return `This change ${direction}${size}${range}${limits}${open}`;
}

export function countWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
