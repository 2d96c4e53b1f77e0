import type { Workload } from '../../domain/index.ts';
import { isPodSuffix, isWrappingKind } from './pod-shapes.ts';

/** What metrics or a bill say of a pod or controller; an empty part is not known. */
export interface PodName {
  readonly cluster: string;
  readonly namespace: string;
  /** The pod's name, or its workload's, or its ReplicaSet's. */
  readonly name: string;
  /** Only chooses between workloads of one name. */
  readonly kind: string;
}

/** Cut by Kubernetes before it appends the random end, so that the whole name has 63 characters. */
const generatedNameBaseMax = 58;

/** Finds the workload that a pod belongs to by its name: the inventory's longest fitting name wins. */
export class WorkloadNames {
  readonly #byName = new Map<string, number[]>();
  readonly #workloads: readonly Workload[];
  readonly #clusters: ReadonlySet<string>;

  constructor(workloads: readonly Workload[]) {
    this.#workloads = workloads;
    this.#clusters = new Set(workloads.map((workload) => workload.cluster));
    for (const [index, workload] of workloads.entries()) {
      const found = this.#byName.get(workload.name);
      if (found === undefined) this.#byName.set(workload.name, [index]);
      else found.push(index);
    }
  }

  /** The workload's index in the inventory; undefined when none fits, or several of one name fit equally. */
  find(pod: PodName): number | undefined {
    if (pod.name === '') return undefined;
    for (let end = pod.name.length; end > 0; end = pod.name.lastIndexOf('-', end - 1)) {
      const suffix = pod.name.slice(end + 1);
      const fitting = this.#named(pod, pod.name.slice(0, end)).filter(
        (index) => suffix === '' || isPodSuffix(this.#kind(index), suffix),
      );
      const best = this.#choose(fitting, pod.kind);
      if (best !== undefined) return best;
      if (fitting.length > 0) return undefined;
    }
    return pod.name.length === generatedNameBaseMax + 5 ? this.#findCut(pod) : undefined;
  }

  #kind(index: number): string {
    return this.#workloads[index]?.kind ?? '';
  }

  #named(pod: PodName, name: string): readonly number[] {
    return (this.#byName.get(name) ?? []).filter((index) => {
      const workload = this.#workloads[index];
      return (
        workload !== undefined &&
        (pod.namespace === '' || workload.namespace === pod.namespace) &&
        this.#isSameCluster(workload.cluster, pod.cluster)
      );
    });
  }

  /** Metrics or tags that name no cluster can mean the inventory's only one. */
  #isSameCluster(workloadCluster: string, podCluster: string): boolean {
    return workloadCluster === podCluster || podCluster === '' || (workloadCluster === '' && this.#clusters.size === 1);
  }

  /** A workload of its own before one that wraps others; then the kind that the tag names; else no guess. */
  #choose(fitting: readonly number[], kind: string): number | undefined {
    const narrow = fitting.filter((index) => !isWrappingKind(this.#kind(index)));
    const candidates = narrow.length > 0 ? narrow : fitting;
    if (candidates.length === 1) return candidates[0];
    const ofKind = candidates.filter((index) => this.#kind(index).toLowerCase() === lastWord(kind));
    return ofKind.length === 1 ? ofKind[0] : undefined;
  }

  /** A Deployment's or Job's pod whose name was cut: `<58 characters of name, or name and hash><5>`. */
  #findCut(pod: PodName): number | undefined {
    const base = pod.name.slice(0, generatedNameBaseMax);
    const fitting = [...this.#byName.keys()]
      .filter(
        (name) =>
          name.length >= generatedNameBaseMax - 12 && `${base}-`.startsWith(`${name}-`.slice(0, generatedNameBaseMax)),
      )
      .toSorted((left, right) => right.length - left.length);
    const longest = fitting[0];
    return longest === undefined ? undefined : this.#choose(this.#named(pod, longest), pod.kind);
  }
}

/** Providers write `deployment`, `Deployment` or `apps/v1-Deployment`. */
function lastWord(kind: string): string {
  return (/[A-Za-z]+$/.exec(kind)?.[0] ?? '').toLowerCase();
}
