/**
 * A kind of workload that the user's configuration adds to the catalogue. Fields are given as paths of keys with dots
 * between: `*` stands for every item of a list or map, `\.` for a dot in a key, `[key=text]` for the items whose key
 * holds the text.
 */
export interface AddedKind {
  readonly group: string;
  readonly versions: readonly string[];
  /** Letters and digits. */
  readonly kind: string;
  /** Objects with `containers`, the one that counts first. */
  readonly podSpec: readonly string[];
  readonly podLabels?: string;
  readonly replicas?: string;
  /** What runs where nothing is written; left out for kinds that run to completion. */
  readonly defaultReplicas?: number;
  readonly podsPerReplica?: string;
  /** Bounds of the kind's own autoscaler: both or none. */
  readonly minReplicas?: string;
  readonly maxReplicas?: string;
  readonly suspend?: string;
  readonly schedule?: string;
  readonly pause?:
    | { readonly lever: 'replicas' | 'minReplicas'; readonly value: 0 }
    | { readonly lever: 'suspend'; readonly value: true };
}
