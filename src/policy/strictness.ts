import type { CostActionType, CostPolicy } from '../domain/index.ts';

/** Those from rightSize on change the workload; the others tell people. */
const ranks: Readonly<Record<CostActionType, number>> = {
  notify: 0,
  review: 1,
  rightSize: 2,
  throttle: 3,
  scaleDown: 4,
  pause: 5,
};

/** Whether a policy's action changes the workload rather than telling people. */
export function changesWorkload({ action }: CostPolicy): boolean {
  return ranks[action.type] >= ranks.rightSize;
}

/**
 * Negative when the left action is the stricter one. The order: pause, scaleDown, throttle, rightSize, review, notify;
 * within one type the larger reduction, then the fewer replicas kept. Zero: both ask for the same.
 */
export function compareStrictness(left: CostPolicy, right: CostPolicy): number {
  const reduction = ({ action }: CostPolicy): number => action.replicaReductionPercentage ?? 0;
  const kept = ({ action }: CostPolicy): number => action.minReplicas ?? 1;
  const byType = ranks[right.action.type] - ranks[left.action.type];
  const isScaled = left.action.type === 'scaleDown' || left.action.type === 'throttle';
  if (byType !== 0 || !isScaled) return byType;
  return reduction(right) - reduction(left) || kept(left) - kept(right);
}

/** Orders policies by strictness, equal ones by their place, so that the order never depends on how files were listed. */
export function comparePolicies(left: CostPolicy, right: CostPolicy): number {
  return (
    compareStrictness(left, right) ||
    compareText(left.place.path, right.place.path) ||
    left.place.line - right.place.line ||
    compareText(left.name, right.name)
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
