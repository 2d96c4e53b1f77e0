import type {
  Alternative,
  Evidence,
  Finding,
  GpuRequest,
  Lever,
  LeverValue,
  ProposalAction,
  Proposal,
  Saving,
  Workload,
} from '../domain/index.ts';
import { findLever } from '../domain/index.ts';

/** A change that the figures ask for, before it is known whether it can and may be made. */
export interface Draft {
  readonly workload: Workload;
  readonly action: ProposalAction;
  /** Undefined when the workload has no such field at all. */
  readonly lever: Lever | undefined;
  readonly to: LeverValue;
  /** `replicas 6 → 3`, for people. */
  readonly change: string;
  readonly reason: string;
  readonly saving: Saving;
  readonly risk: Proposal['risk'];
  readonly confidenceRatio: number;
  readonly findings: readonly [Finding, ...Finding[]];
  readonly evidence: readonly Evidence[];
  readonly alternatives: readonly Alternative[];
  /** Said when a guard made the step smaller than the figures ask for. */
  readonly limitedBy: string | undefined;
}

/** The lever that sets how many replicas run at least: an autoscaler's lower bound where one owns the count. */
export function replicaLever(workload: Workload): Lever | undefined {
  if (workload.autoscaler !== undefined) return findLever(workload, 'minReplicas');
  return findLever(workload, 'replicas') ?? findLever(workload, 'minReplicas');
}

/** `replicas 6 → 3` */
export function describeChange(lever: string, from: LeverValue | undefined, to: LeverValue): string {
  return `${lever} ${from === undefined ? 'unset' : String(from)} → ${String(to)}`;
}

/** GPUs (or MIG devices) of one replica; undefined when the workload asks for none. */
export function gpusPerReplica(gpu: GpuRequest): number | undefined {
  return gpu.kind === 'devices' && gpu.perReplica > 0 ? gpu.perReplica : undefined;
}
