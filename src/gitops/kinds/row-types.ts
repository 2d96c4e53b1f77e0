import type { LeverKind, LeverValue, PauseVerb } from '../../domain/index.ts';
import type { FieldPath } from '../field-path.ts';

/** One kind of the Kubernetes API, and where its fields were looked up. */
export interface ApiKind {
  /** The empty string for the core group. */
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
  /** The CRD or API type that the row was checked against. */
  readonly source: string;
}

/** One group of pods that a workload runs. */
export interface PodPart {
  /** The object with containers, nodeSelector and affinity. */
  readonly podSpec: FieldPath;
  /** Container-like objects, from the pod spec on; `containers.*` unless said otherwise. */
  readonly containers?: readonly FieldPath[];
  /** Key of a container's resources where it is not `resources`. */
  readonly resourcesKey?: string;
  /** GPUs given as a name and a quantity beside the container's fields, as Spark does. */
  readonly gpuKey?: string;
}

/** Another object of the namespace whose pods these are. */
export interface PodReference {
  readonly ref: FieldPath;
  /** How the referenced object's own count is treated, where a field says so. */
  readonly scaleDown?: { readonly field: FieldPath; readonly ownsCountWhen: readonly string[] };
}

/** What turns a workload off. */
export type SuspendField =
  | { readonly kind: 'field'; readonly field: FieldPath; readonly whenAbsent: boolean }
  /** An annotation with `true` or `false` as its text; a lever only where Git carries it. */
  | { readonly kind: 'annotation'; readonly key: string };

/** Bounds between which a controller of the kind itself sets the count. */
export interface Bounds {
  readonly minReplicas: FieldPath;
  readonly maxReplicas: FieldPath;
  /** What counts where the field is absent; left out where that is no number. */
  readonly defaultMinReplicas?: number;
  readonly defaultMaxReplicas?: number;
  /** The bounds own the count only where this field is true, or is there at all; always, where it is left out. */
  readonly when?: { readonly field: FieldPath; readonly is: 'true' | 'present' };
}

/** How one kind of workload says what it runs, how many, and how it is stopped. One row a kind, no code. */
export interface WorkloadKind extends ApiKind {
  /** The part whose pods ask for most GPUs counts as the replica; of equal ones the first. */
  readonly pods: readonly PodPart[];
  readonly podsOf?: PodReference;
  readonly podLabels?: FieldPath;
  readonly replicas?: FieldPath;
  /** The controller never runs fewer than this, whatever `replicas` says. */
  readonly replicasFloor?: FieldPath;
  /** Pods in one replica, where a replica is a group of pods. */
  readonly podsPerReplica?: FieldPath;
  /** What runs when neither replicas nor a lower bound is written; absent for kinds that run to completion. */
  readonly defaultReplicas?: number;
  readonly bounds?: Bounds;
  readonly suspend?: SuspendField;
  readonly schedule?: FieldPath;
  /** Every schedule of the list that newer releases have in its place. */
  readonly schedules?: FieldPath;
  /** The lever that stops it safely, and the value that does; absent where no scalar does. */
  readonly pause?: PauseVerb & {
    /** Not a safe verb where the object carries this annotation with one of these values. */
    readonly unlessAnnotation?: { readonly key: string; readonly values: readonly string[] };
  };
  /** Kinds of objects and controllers that may set the same fields. */
  readonly otherOwners: readonly string[];
}

/** An object that owns another one's replicas. */
export interface AutoscalerKind extends ApiKind {
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly minReplicas: FieldPath;
  readonly maxReplicas: FieldPath;
  /** What counts when no bound is written; no upper one where the field is required. */
  readonly defaultMinReplicas: number;
  readonly defaultMaxReplicas?: number;
  /** The kind that `scaleTargetRef` means when it names none. */
  readonly defaultTargetKind?: string;
  /** An annotation that holds the count still at its value and sets the bounds aside. */
  readonly pausedReplicas?: string;
  /** Absent where the bound cannot be 0: a HorizontalPodAutoscaler needs a feature gate for it. */
  readonly pause?: { readonly lever: 'minReplicas'; readonly pausedValue: 0 };
}

/** An object that changes some fields of another one's pods and leaves its count alone. */
export interface ManagerKind extends ApiKind {
  readonly targetRef: FieldPath;
  /** It only watches where this field holds one of these values. */
  readonly mode: { readonly field: FieldPath; readonly inactive: readonly string[] };
  /** Fields of the target's containers that it sets. */
  readonly fields: readonly string[];
}

/** One field of a pool of capacity. */
export interface CapacityField {
  readonly lever: LeverKind;
  /** From the pool on. */
  readonly field: FieldPath;
  /** What counts where the field is absent; left out where that is not known. */
  readonly whenAbsent?: LeverValue;
  /** What the field takes, where it is a closed list of texts. */
  readonly values?: readonly string[];
  /** Shown only where it is written: the field belongs to one of several ways of saying the same. */
  readonly isOptional?: true;
  /** The API refuses another value, or makes the machines anew: shown, and never changed. */
  readonly isImmutable?: true;
  /** The cluster's autoscaler sets it where this other field is written (or true). */
  readonly autoscaledWhen?: { readonly field: FieldPath; readonly is: 'true' | 'present' };
}

/** How one kind declares machines, or what may be asked of them. One row a kind, no code. */
export interface CapacityKind extends ApiKind {
  /** `file`: read by a command-line tool, never applied to a cluster. */
  readonly scope: 'namespace' | 'cluster' | 'file';
  /** Where the pools lie, where one object declares several; the object itself, where it is left out. */
  readonly pools?: { readonly at: readonly FieldPath[]; readonly name: FieldPath };
  readonly fields: readonly CapacityField[];
  readonly pause?: PauseVerb;
  readonly otherOwners: readonly string[];
}
