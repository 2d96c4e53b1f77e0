import { trackEmbedded } from './embedded-yaml.ts';
import { applyJsonPatch } from './json-patch.ts';
import { findLocalPath } from './local-path.ts';
import { mergePatch } from './merge-patch.ts';
import { matchIdentity, matchTarget } from './patch-target.ts';
import { withObstacle, type Resource } from './resource.ts';
import type { SourceReader } from './source-reader.ts';
import { itemsAt, placeOf, textAt, valueAt, type Obstacle, type Tracked } from './tracked.ts';

/** One patch: a map is a strategic-merge patch, a list a JSON patch. */
export interface Patch {
  readonly target: Tracked | undefined;
  readonly content: Tracked;
}

/** The patches of a kustomization, or of a Flux Kustomization's spec, in the order in which they apply. */
export function readPatches(
  root: Tracked,
  context: { readonly reader: SourceReader; readonly folder: string },
): { readonly beforeNames: readonly Patch[]; readonly afterNames: readonly Patch[] } {
  const read = (key: string): readonly Patch[] => itemsAt(root, [key]).flatMap((item) => readPatch(item, context));
  return {
    beforeNames: [...read('patchesStrategicMerge'), ...read('patches')],
    afterNames: read('patchesJson6902'),
  };
}

function readPatch(
  item: Tracked,
  context: { readonly reader: SourceReader; readonly folder: string },
): readonly Patch[] {
  const { reader, folder } = context;
  const target = valueAt(item, ['target']);
  // An entry of patchesStrategicMerge is a path or the patch itself.
  const isInline = item.kind === 'scalar' && typeof item.value === 'string' && item.value.includes('\n');
  const inline = isInline ? item : valueAt(item, ['patch']);
  const named = item.kind === 'scalar' && !isInline ? item : valueAt(item, ['path']);
  if (inline?.kind === 'scalar' && typeof inline.value === 'string') {
    const documents = trackEmbedded(inline, 'kustomize-patch');
    if (documents !== undefined) return documents.flatMap((content) => splitList(content, target));
    reader.reportAt(inline.origin, {
      code: 'MANIFEST_UNREADABLE',
      severity: 'warning',
      message: 'The inline patch is not valid YAML; it was left out, so values that it sets are not known here.',
      remedy: 'Correct it; "kubectl kustomize" on the folder shows what Kustomize makes of it.',
    });
    return [];
  }
  if (named === undefined) return [];
  const file = findLocalPath(named, folder, reader);
  if (file === undefined || !reader.files.has(file)) return [];
  return reader.track(file, 'kustomize-patch').flatMap((content) => splitList(content, target));
}

/** A patch file may hold a `List` of patches. */
function splitList(content: Tracked, target: Tracked | undefined): readonly Patch[] {
  const isList = content.kind === 'map' && textAt(content, ['kind'])?.endsWith('List') === true;
  return (isList ? itemsAt(content, ['items']) : [content]).map((one) => ({ target, content: one }));
}

/** The objects after the patches; one that a patch deletes is gone. */
export function applyPatches(resources: readonly Resource[], patches: readonly Patch[]): readonly Resource[] {
  return patches.reduce<readonly Resource[]>(
    (all, patch) => all.flatMap((resource) => applyPatch(resource, patch)),
    resources,
  );
}

function applyPatch(resource: Resource, { target, content }: Patch): readonly Resource[] {
  if (content.kind === 'scalar' || (target === undefined && content.kind === 'list')) return [resource];
  const match = target === undefined ? matchIdentity(resource, content) : matchTarget(resource, target);
  if (match === 'no') return [resource];
  if (match === 'unknown') return [unfollowed(resource, content, 'its target is selected in a way')];
  if (content.kind === 'list') {
    const root = applyJsonPatch(resource.root, content.items);
    return [root === undefined ? unfollowed(resource, content, 'it has an operation') : { ...resource, root }];
  }
  const root = mergePatch(resource.root, withoutIdentity(content));
  return root === undefined ? [] : [{ ...resource, root }];
}

function unfollowed(resource: Resource, content: Tracked, what: string): Resource {
  const { path, line } = placeOf(content.origin);
  const obstacle: Obstacle = {
    reason: 'unsupported-value',
    detail: `the patch at ${path}:${line} may change it, and ${what} that Flyball does not follow`,
  };
  return { ...resource, root: withObstacle(resource.root, obstacle) };
}

/** The patch's own kind and name say what it is for; they are not values that it sets. */
function withoutIdentity(content: Tracked): Tracked {
  if (content.kind !== 'map') return content;
  const entries = new Map([...content.entries].filter(([key]) => key !== 'apiVersion' && key !== 'kind'));
  const metadata = entries.get('metadata');
  if (metadata?.kind === 'map') {
    const kept = [...metadata.entries].filter(([key]) => key !== 'name' && key !== 'namespace');
    entries.set('metadata', { ...metadata, entries: new Map(kept) });
  }
  return { ...content, entries };
}

/** The patches that named an object which no local file declares: what they set is all that is known of it. */
export function patchesWithoutBase(resources: readonly Resource[], patches: readonly Patch[]): readonly Resource[] {
  return patches.flatMap(({ target, content }) => {
    const isIdentity = target === undefined && content.kind === 'map' && textAt(content, ['kind']) !== undefined;
    if (!isIdentity || resources.some((resource) => matchIdentity(resource, content) === 'yes')) return [];
    return [{ root: content, formerNames: [], formerNamespaces: [], isPartial: true }];
  });
}
