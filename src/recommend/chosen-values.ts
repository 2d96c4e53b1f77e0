import {
  type LeverChange,
  type LeverKind,
  type LeverValue,
  type Proposal,
  findLever,
  scaleMoney,
} from '../domain/index.ts';
import { fingerprint } from './fingerprint.ts';

type Chosen =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'refused'; readonly detail: string };

/**
 * A proposal with numbers that people chose instead of the recommended ones. A number must stay on the same side of the
 * one in force, within what the lever takes; the saving is in proportion to the change.
 */
export function withChosenValues(
  proposal: Proposal,
  values: readonly { readonly lever: LeverKind; readonly value: LeverValue }[],
): Chosen {
  let chosen = proposal;
  for (const { lever, value } of values) {
    const refusal = whyNot(chosen, lever, value);
    if (refusal !== undefined) return { kind: 'refused', detail: refusal };
    chosen = withValue(chosen, lever, Number(value));
  }
  return { kind: 'proposal', proposal: chosen };
}

function whyNot({ workload, changes }: Proposal, lever: LeverKind, value: LeverValue): string | undefined {
  const change = changes.find((one) => one.lever === lever);
  if (change === undefined) return `${lever} was set, and this change does not move it`;
  const { from, to } = change;
  if (typeof from !== 'number' || typeof to !== 'number') return `${lever} was set, and only numbers can be`;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    return `${lever} was set to ${JSON.stringify(value)}, which is no whole number from 0 on`;
  }
  const range = findLever(workload, lever)?.range;
  if (range !== undefined && (value < range.least || (range.most !== undefined && value > range.most))) {
    return `${lever} was set to ${value}, which is outside ${range.least} to ${range.most ?? 'any number'}`;
  }
  return Math.sign(value - from) === Math.sign(to - from)
    ? undefined
    : `${lever} was set to ${value}, and it is ${from}: that is no ${to < from ? 'decrease' : 'increase'}`;
}

function withValue(proposal: Proposal, lever: LeverKind, value: number): Proposal {
  const [first, ...rest] = proposal.changes;
  const replace = (change: LeverChange): LeverChange => (change.lever === lever ? { ...change, to: value } : change);
  const changes = [replace(first), ...rest.map(replace)] as const;
  const { from, to } = [first, ...rest].find((one) => one.lever === lever) ?? first;
  const ratio = (value - Number(from)) / (Number(to) - Number(from));
  const { low, likely, high, basis, kind } = proposal.saving;
  return {
    ...proposal,
    changes,
    fingerprint: fingerprint(changes, proposal.policyVerdicts),
    reason: `${proposal.reason}; a person set ${lever} to ${value} instead of ${to}`,
    saving: {
      kind,
      low: scaleMoney(low, ratio),
      likely: scaleMoney(likely, ratio),
      high: scaleMoney(high, ratio),
      basis: `${basis}; in proportion to the change that a person set`,
    },
  };
}
