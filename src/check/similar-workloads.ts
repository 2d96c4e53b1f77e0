import type { Workload } from '../domain/index.ts';
import type { CheckHistory, SimilarWorkload } from './change-check.ts';

const similarsMax = 3;
/** Below this two workloads have too little in common to tell of one by the other. */
const similarityMin = 0.5;

const weights = { gpus: 0.2, machine: 0.25, kind: 0.2, labels: 0.15, name: 0.1, place: 0.1 } as const;

/**
 * The existing workloads with a history that a workload is most like, of those that ask for the same GPUs; none where it
 * has a history of its own.
 */
export function similarWorkloads(workload: Workload, history: CheckHistory): readonly SimilarWorkload[] {
  if (history.usage.has(workload.id)) return [];
  return history.workloads
    .filter(({ id }) => id !== workload.id && history.usage.has(id))
    .flatMap((candidate) => likeness(workload, candidate) ?? [])
    .filter(({ similarityRatio }) => similarityRatio >= similarityMin)
    .toSorted(
      (left, right) => right.similarityRatio - left.similarityRatio || (left.workload.id < right.workload.id ? -1 : 1),
    )
    .slice(0, similarsMax);
}

function likeness(workload: Workload, candidate: Workload): SimilarWorkload | undefined {
  const { gpu } = workload;
  if (gpu.kind === 'none' || candidate.gpu.kind === 'none' || gpu.resourceName !== candidate.gpu.resourceName)
    return undefined;
  // How many replicas run says nothing of how long a job does.
  if ((workload.replicas === undefined) !== (candidate.replicas === undefined)) return undefined;
  const labels = overlap(labelPairs(workload), labelPairs(candidate));
  const name = overlap(words(workload.name), words(candidate.name));
  const isSameMachine = workload.instanceType !== undefined && workload.instanceType === candidate.instanceType;
  const isSameKind = workload.kind === candidate.kind;
  const isSameCount = gpu.perReplica === candidate.gpu.perReplica;
  const isSamePlace = workload.namespace === candidate.namespace;
  const similarity =
    (isSameCount ? weights.gpus : 0) +
    (isSameMachine ? weights.machine : 0) +
    (isSameKind ? weights.kind : 0) +
    (isSamePlace ? weights.place : 0) +
    labels * weights.labels +
    name * weights.name;
  const shared = [
    isSameCount ? `${gpu.perReplica} × ${gpu.resourceName} a replica` : gpu.resourceName,
    ...(isSameMachine ? [`machine ${workload.instanceType}`] : []),
    ...(isSameKind ? [`kind ${workload.kind}`] : []),
    ...(isSamePlace ? [`namespace ${workload.namespace}`] : []),
    ...(labels > 0 ? [`${percent(labels)} of the labels`] : []),
    ...(name > 0 ? [`${percent(name)} of the name`] : []),
  ];
  return { workload: candidate, similarityRatio: Math.round(similarity * 100) / 100, shared };
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}

function labelPairs({ labels }: Workload): ReadonlySet<string> {
  return new Set(Object.entries(labels).map(([key, value]) => `${key}=${value}`));
}

/** The parts of a name without numbers: `clip-server-2` is shaped like `clip-server`. */
function words(name: string): ReadonlySet<string> {
  return new Set(name.split(/[^a-z]+/i).filter((word) => word !== ''));
}

/** Jaccard index, 0..1. */
function overlap(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const all = new Set([...left, ...right]);
  return all.size === 0 ? 0 : [...left].filter((item) => right.has(item)).length / all.size;
}
