import type { Environment } from './delivery.ts';
import { kustomizationFile } from './kustomize.ts';
import type { SourceReader } from './source-reader.ts';
import type { Tracked } from './tracked.ts';

/** What an environment lays over the folder that it applies. */
export interface OverlaidFolder {
  readonly folder: string;
  /** The delivery object's own overrides: a Flux Kustomization's `spec`, a source of an Argo CD Application. */
  readonly delivery?: { readonly kind: 'flux' | 'argo'; readonly object: Tracked; readonly map: Tracked };
}

/** A map in the repository to which Kustomize's fields can be added for one environment alone. */
export interface OverlayPlace {
  readonly root: Tracked;
  /** Keys from that map to Kustomize's fields. */
  readonly prefix: readonly string[];
  /** A Flux Kustomization's spec knows no `replicas:`. */
  readonly hasReplicas: boolean;
}

/** The places that belong to one environment and no other, the closest to the manifests first. */
export function ownOverlayPlaces(
  environments: readonly Environment[],
  reader: SourceReader,
): (environment: Environment) => readonly OverlayPlace[] {
  const users = new Map<string, Set<string>>();
  for (const environment of environments) {
    const overlaid = environment.overlaid?.delivery;
    const used = overlaid === undefined ? environment.files : [...environment.files, placeKey(overlaid.map)];
    for (const key of used) {
      const names = users.get(key) ?? new Set();
      users.set(key, names.add(`${environment.cluster}\u0000${environment.name}`));
    }
  }
  const isOwn = (key: string): boolean => users.get(key)?.size === 1;
  return ({ overlaid }) => {
    if (overlaid === undefined) return [];
    const { folder, delivery } = overlaid;
    const places: OverlayPlace[] = [];
    const file = kustomizationFile(reader, folder);
    const root = file === undefined ? undefined : reader.track(file, 'kustomize-patch')[0];
    if (file !== undefined && root !== undefined && isOwn(file)) places.push({ root, prefix: [], hasReplicas: true });
    if (delivery !== undefined && isOwn(placeKey(delivery.map))) {
      if (delivery.kind === 'flux') places.push({ root: delivery.map, prefix: [], hasReplicas: false });
      // Without a kustomization Argo CD applies the manifests as they are, and knows no patches.
      else if (file !== undefined) places.push({ root: delivery.map, prefix: ['kustomize'], hasReplicas: true });
    }
    return places;
  };
}

/** Where a map is written. */
function placeKey({ origin }: Tracked): string {
  return JSON.stringify([origin.file.path, origin.documentIndex, origin.yamlPath]);
}
