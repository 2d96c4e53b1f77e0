import type { Brand } from './brand.ts';

/** `cluster/namespace/Kind/name`, each part percent-encoded, so that a hostile name cannot forge another's id. */
export type WorkloadId = Brand<string, 'WorkloadId'>;

export interface WorkloadKey {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

export function workloadId(key: WorkloadKey): WorkloadId {
  return [key.cluster, key.namespace, key.kind, key.name].map(encodeURIComponent).join('/') as WorkloadId;
}

/** What a field of a manifest can be turned to. */
export const leverKinds = [
  'replicas',
  'minReplicas',
  'maxReplicas',
  'instanceType',
  'gpuCount',
  'gpuSlice',
  'suspend',
  'schedule',
] as const;
export type LeverKind = (typeof leverKinds)[number];

export type LeverValue = string | number | boolean;

/** Why a lever is shown but never changed; each member has a heading in docs/gitops.md. */
export const notEditableReasons = [
  'alias',
  'anchor-shared',
  'autoscaler-owned',
  'base-shared',
  'declared-twice',
  'delivery-suspended',
  'duplicate-key',
  'encrypted',
  'field-absent',
  'file-too-large',
  'generated-file',
  'helm-template',
  'ignored-difference',
  'not-utf8',
  'outside-repository',
  'parse-error',
  'remote-source',
  'substitution-variable',
  'unsupported-value',
  'values-from',
  'yaml-versions-disagree',
] as const;
export type NotEditableReason = (typeof notEditableReasons)[number];

/** A place in a file of the repository; `line` and `column` count from 1. */
export interface SourcePlace {
  /** Relative to the repository's root, with forward slashes. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

interface FieldPlace extends SourcePlace {
  /** Git blob id of the file's content. */
  readonly blobId: string;
  /** Zero-based index of the YAML document in the file. */
  readonly documentIndex: number;
  /** Keys and indices from the document's root to the field; of a list that gets an item, to the list. */
  readonly yamlPath: readonly (string | number)[];
  /** How the value reaches the cluster. */
  readonly mechanism: DecidingMechanism;
}

/** The one scalar whose bytes decide a lever; offsets are UTF-16 indices into the file's text, BOM included. */
export interface PresentField extends FieldPlace {
  readonly kind: 'present';
  readonly start: number;
  readonly end: number;
}

/** A field that nothing writes yet, or that only a file shared with others writes, and what to add where. */
export interface AbsentField extends FieldPlace {
  readonly kind: 'absent';
  /** So many leading steps of `yamlPath` are there; the file's place is that of the map they lead to. */
  readonly presentDepth: number;
  /** Where that map begins. */
  readonly start: number;
  readonly insertion: Insertion;
}

/** What is added: the key with its value, or the item of a list that sets it. */
export type Insertion =
  | { readonly kind: 'key' }
  /** An entry of Kustomize's `replicas:`. */
  | { readonly kind: 'replicas-entry'; readonly name: string }
  /** An entry of Kustomize's `patches:` with one operation of a JSON patch (RFC 6902). */
  | {
      readonly kind: 'patch-entry';
      readonly target: { readonly kind: string; readonly name: string };
      readonly operation: 'add' | 'replace';
      /** JSON pointer (RFC 6901) of the field in the object. */
      readonly pointer: string;
    };

/** What an edit of a lever changes. */
export type DecidingField = PresentField | AbsentField;

export const decidingMechanisms = [
  'manifest',
  'kustomize-base',
  'kustomize-patch',
  'kustomize-replicas',
  'helm-release-values',
  'argo-application-values',
  'helm-chart-values',
  'helm-values-from',
  'flux-substitution',
  'argo-applicationset',
] as const;
export type DecidingMechanism = (typeof decidingMechanisms)[number];

/** Who the field belongs to in the cluster: the manifest, or the autoscaler whose bounds are being edited. */
export type LeverOwner = 'manifest' | 'HorizontalPodAutoscaler' | 'ScaledObject';

export type LeverField =
  | {
      readonly kind: 'editable';
      readonly field: DecidingField;
      /** Fields that must get the same value with it, such as a GPU request beside its limit. */
      readonly companions?: readonly PresentField[];
    }
  | {
      readonly kind: 'not-editable';
      readonly reason: NotEditableReason;
      readonly detail: string;
      readonly place?: SourcePlace;
    };

export interface Lever {
  readonly kind: LeverKind;
  /** The value in force: written, or the kind's default; undefined where neither is known. */
  readonly current: LeverValue | undefined;
  readonly owner: LeverOwner;
  readonly field: LeverField;
  /** What the controller holds the number to, whatever the field says; left out where nothing does. */
  readonly range?: { readonly least: number; readonly most: number | undefined };
}

/** The safe way to stop a workload of this kind: which lever, and the value that stops it. */
export interface PauseVerb {
  readonly lever: LeverKind;
  readonly pausedValue: LeverValue;
}

export type GpuRequest =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'devices';
      /** Extended resource name, such as `nvidia.com/gpu` or `nvidia.com/mig-1g.10gb`; a device class of a DRA claim, `gpu.nvidia.com`. */
      readonly resourceName: string;
      /** Devices asked for by one replica, over all its containers. */
      readonly perReplica: number;
    };

/** Something besides the manifest and its autoscaler that sets fields of a workload in the cluster. */
export interface ManagedBy {
  readonly kind: string;
  readonly name: string;
  /** Fields as dotted paths; those of containers from the pod spec on. */
  readonly fields: readonly string[];
}

/** What a person would name in a review, as declared in Git for one cluster. */
export interface Workload extends WorkloadKey {
  readonly id: WorkloadId;
  readonly apiVersion: string;
  /** metadata.labels over the pod template's labels; policy selectors read these. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly gpu: GpuRequest;
  /** CPU and memory asked for by one replica, over all its containers; undefined when the manifest says nothing. */
  readonly requests: { readonly cpuCores: number | undefined; readonly memoryGib: number | undefined };
  /** Current value of the machine selector, such as `p5.48xlarge`, when the manifest pins one. */
  readonly instanceType: string | undefined;
  /** Replicas the manifest or its autoscaler's lower bound asks for; undefined for run-to-completion kinds. */
  readonly replicas: number | undefined;
  readonly declaredIn: SourcePlace;
  readonly levers: readonly Lever[];
  readonly pause: PauseVerb | undefined;
  /** The autoscaler that owns `spec.replicas`, if any. */
  readonly autoscaler: { readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject'; readonly name: string } | undefined;
  /** Whatever an edit in Git would be at odds with, such as a VerticalPodAutoscaler or a queue. */
  readonly alsoManagedBy: readonly ManagedBy[];
}

export function findLever(declared: { readonly levers: readonly Lever[] }, kind: LeverKind): Lever | undefined {
  return declared.levers.find((lever) => lever.kind === kind);
}
