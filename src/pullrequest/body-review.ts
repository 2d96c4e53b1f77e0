import type { Proposal } from '../domain/index.ts';
import { codeSpan } from './escape.ts';

/** What could go wrong after the merge, how it would show, and how to go back. */
export function riskSection(proposal: Proposal): string {
  const [{ from, to, field }] = proposal.changes;
  const back =
    field.kind === 'present'
      ? `Revert the merge commit, or set ${codeSpan(`${field.path}:${field.line}`)} from ${codeSpan(String(to))} to ${codeSpan(String(from))}.`
      : 'Revert the merge commit; the added lines go away with it.';
  const managers = proposal.workload.alsoManagedBy.slice(0, managersShown).map(({ kind, name, fields }) => {
    const what = fields.map((field) => codeSpan(field)).join(', ');
    return `${codeSpan(`${kind} ${name}`)} manages the workload too${what === '' ? '' : ` (${what})`}: check that it does not undo or answer the change.`;
  });
  const points = [whatCouldGoWrong[proposal.action], ...managers, whatToWatch[proposal.action], `To go back: ${back}`];
  return `### What could go wrong, and how to go back\n\n${points.map((point) => `- ${point}`).join('\n')}`;
}

const managersShown = 5;

const whatCouldGoWrong = {
  'scale-down': 'Demand above anything in the window meets fewer GPUs: requests wait longer or fail.',
  'scale-up': 'If the load is not steady, the added GPUs stand idle and cost money.',
  'change-instance-type':
    'The new machine may be slower than reckoned, lack memory for the largest batch, or be out of stock in the zone.',
  pause: 'Someone may still need it now and then: it answers nothing until it is resumed.',
} as const satisfies Record<Proposal['action'], string>;

const whatToWatch = {
  'scale-down': 'Watch queue length, latency and GPU utilisation for a day of normal load.',
  'scale-up': 'Watch GPU utilisation: if it stays low for a week, go back.',
  'change-instance-type': 'Watch pending pods, out-of-memory errors and latency for a day of normal load.',
  pause: 'Ask its owners before merging, and check that nothing that must be kept is only in its memory.',
} as const satisfies Record<Proposal['action'], string>;

/** Only what works is offered here. */
export const declineSection = '### How to say no\n\nClose this pull request to decline it.';
