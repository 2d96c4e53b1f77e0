import type { Lever, Workload } from '../domain/index.ts';
import type { Delivered } from './delivery.ts';
import { apiGroup, autoscalerKinds, type AutoscalerKind } from './kinds.ts';
import { leverAt } from './levers.ts';
import { textAt, type Tracked } from './tracked.ts';

interface Autoscaler {
  readonly row: AutoscalerKind;
  readonly root: Tracked;
  readonly name: string;
  /** `cluster/namespace/Kind/name` of what it scales. */
  readonly target: string;
}

/** Gives each workload that an autoscaler owns that autoscaler's bounds as levers; its own replicas become untouchable. */
export function attachAutoscalers(
  workloads: readonly Workload[],
  delivered: readonly Delivered[],
): readonly Workload[] {
  const byTarget = new Map(
    delivered.flatMap((item) => readAutoscaler(item) ?? []).map((scaler) => [scaler.target, scaler]),
  );
  return workloads.map((workload) => {
    const scaler = byTarget.get(targetKey(workload));
    return scaler === undefined ? workload : withAutoscaler(workload, scaler);
  });
}

function targetKey(target: {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}): string {
  return [target.cluster, target.namespace, target.kind, target.name].join('\u0000');
}

function readAutoscaler({ cluster, resource: { root } }: Delivered): Autoscaler | undefined {
  const group = apiGroup(textAt(root, ['apiVersion']) ?? '');
  const row = autoscalerKinds.find(
    (candidate) => candidate.kind === textAt(root, ['kind']) && candidate.group === group,
  );
  const name = textAt(root, ['spec', 'scaleTargetRef', 'name']);
  const kind = textAt(root, ['spec', 'scaleTargetRef', 'kind']) ?? row?.defaultTargetKind;
  if (row === undefined || name === undefined || kind === undefined) return undefined;
  const namespace = textAt(root, ['metadata', 'namespace']) ?? 'default';
  return {
    row,
    root,
    name: textAt(root, ['metadata', 'name']) ?? name,
    target: targetKey({ cluster, namespace, kind, name }),
  };
}

function withAutoscaler(workload: Workload, { row, root, name }: Autoscaler): Workload {
  const detail = `${row.kind} ${name} sets the replicas; its bounds are the levers`;
  const owned = workload.levers.map(
    (lever): Lever =>
      lever.kind === 'replicas'
        ? { ...lever, field: { kind: 'not-editable', reason: 'autoscaler-owned', detail } }
        : lever,
  );
  const lower = leverAt(root, 'minReplicas', row.minReplicas, {
    owner: row.kind,
    fallback: row.kind === 'ScaledObject' ? 0 : 1,
  });
  const upper = leverAt(root, 'maxReplicas', row.maxReplicas, { owner: row.kind });
  return {
    ...workload,
    levers: [...owned.filter((lever) => lever.kind !== 'minReplicas' && lever.kind !== 'maxReplicas'), lower, upper],
    replicas: typeof lower.current === 'number' ? lower.current : workload.replicas,
    autoscaler: { kind: row.kind, name },
    // A HorizontalPodAutoscaler's bound of 0 needs a feature gate; KEDA scales to zero by itself.
    pause: row.kind === 'ScaledObject' ? { lever: 'minReplicas', pausedValue: 0 } : undefined,
  };
}
