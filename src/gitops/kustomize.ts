import path from 'node:path';
import type { Problem } from '../domain/index.ts';
import { applyJsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { hasTooManyAliases, parseDocuments } from './parse-yaml.ts';
import { asResource, type Resource, type SourceReader } from './source-reader.ts';
import { itemsAt, placeOf, textAt, textsAt, trackDocument, valueAt, type Tracked, type TrackedMap } from './tracked.ts';

const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Bases may nest this deep; a cycle ends here too. */
const depthMax = 20;

/** The kustomization file of a folder, if it has one. */
export function kustomizationFile(reader: SourceReader, folder: string): string | undefined {
  return kustomizationNames.map((name) => path.posix.join(folder, name)).find((file) => reader.files.has(file));
}

interface Build {
  readonly reader: SourceReader;
  /** Every file that contributed, so that the inventory knows what is deployed by whom. */
  readonly reached: Set<string>;
  readonly seen: readonly string[];
}

/** What `kustomize build` makes of a folder, each value with its origin; a folder without kustomization is taken whole, as Flux does. */
export function buildFolder(reader: SourceReader, folder: string, reached: Set<string>): readonly Resource[] {
  return build(folder, [], { reader, reached, seen: [] });
}

function build(folder: string, below: readonly Resource[], context: Build): readonly Resource[] {
  if (context.seen.includes(folder) || context.seen.length >= depthMax) return below;
  const inner = { ...context, seen: [...context.seen, folder] };
  const file = kustomizationFile(context.reader, folder);
  if (file === undefined) return [...below, ...plainFolder(folder, inner)];
  context.reached.add(file);
  const [root] = context.reader.track(file, 'kustomize-patch');
  if (root === undefined) return below;
  let resources: readonly Resource[] = [...below];
  for (const key of ['resources', 'bases']) {
    for (const item of itemsAt(root, [key])) resources = [...resources, ...resourceEntry(item, folder, inner)];
  }
  for (const item of itemsAt(root, ['components'])) {
    const target = localPath(item, folder, inner.reader);
    if (target !== undefined) resources = build(target, resources, inner);
  }
  resources = applyPatches(resources, root, { folder, build: inner });
  return transform(resources, root);
}

function plainFolder(folder: string, context: Build): readonly Resource[] {
  const prefix = folder === '.' ? '' : `${folder}/`;
  const files = [...context.reader.files.keys()].filter(
    (file) => file.startsWith(prefix) && /\.(?:ya?ml|json)$/i.test(file),
  );
  const resources: Resource[] = [];
  for (const file of files) {
    const own = path.posix.dirname(file);
    // A subfolder with a kustomization of its own is built as such, once, from its kustomization file.
    const nested = nearestKustomization(context.reader, own, folder);
    if (nested === undefined) resources.push(...plainFile(file, context));
    else if (file === kustomizationFile(context.reader, nested)) resources.push(...build(nested, [], context));
  }
  return resources;
}

function nearestKustomization(reader: SourceReader, from: string, above: string): string | undefined {
  for (let folder = from; folder !== above && folder !== '.'; folder = path.posix.dirname(folder)) {
    if (kustomizationFile(reader, folder) !== undefined) return folder;
  }
  return undefined;
}

function plainFile(file: string, context: Build): readonly Resource[] {
  context.reached.add(file);
  const documents = context.reader.track(file, context.seen.length > 1 ? 'kustomize-base' : 'manifest');
  return documents.flatMap((root) => asResource(root) ?? []);
}

function resourceEntry(item: Tracked, folder: string, context: Build): readonly Resource[] {
  const target = localPath(item, folder, context.reader);
  if (target === undefined) return [];
  return context.reader.files.has(target) ? plainFile(target, context) : build(target, [], context);
}

/** The file or folder that an entry names inside the repository; reports what is missing or leads out of it. */
function localPath(item: Tracked, folder: string, reader: SourceReader): string | undefined {
  const entry = item.kind === 'scalar' && typeof item.value === 'string' ? item.value : undefined;
  if (entry === undefined || /:\/\/|\?ref=|^git@|^[\w-]+\.[\w.]+\/[\w-]+\/[\w-]+/.test(entry)) return undefined;
  const target = path.posix.normalize(path.posix.join(folder, entry)).replace(/\/$/, '');
  const place = { kind: 'file', ...placeOf(item.origin) } as const;
  if (target.startsWith('..') || path.posix.isAbsolute(entry)) {
    report(reader, {
      code: 'MANIFEST_PATH_ESCAPES',
      severity: 'error',
      place,
      message: `The path ${entry.slice(0, 200)} leads out of the repository; it was not followed.`,
      remedy: 'Name a file or folder inside the repository.',
    });
    return undefined;
  }
  if (reader.files.has(target) || reader.folders.has(target)) return target;
  report(reader, {
    code: 'MANIFEST_REFERENCE_MISSING',
    severity: 'warning',
    place,
    message: `${entry.slice(0, 200)} is neither a file nor a folder of the repository; what it should bring is missing here.`,
    remedy: 'Correct the path, or commit the file (Git does not keep ignored ones).',
  });
  return undefined;
}

/** A base reached from several overlays would report the same thing several times. */
function report(reader: SourceReader, problem: Problem): void {
  const isKnown = reader.problems.some(
    (known) => known.code === problem.code && JSON.stringify(known.place) === JSON.stringify(problem.place),
  );
  if (!isKnown) reader.problems.push(problem);
}

interface Patch {
  readonly target: Tracked | undefined;
  /** A strategic-merge patch is a map, a JSON patch a list. */
  readonly content: Tracked;
}

function applyPatches(
  resources: readonly Resource[],
  root: Tracked,
  context: { readonly folder: string; readonly build: Build },
): readonly Resource[] {
  const patches: Patch[] = [];
  for (const key of ['patches', 'patchesStrategicMerge', 'patchesJson6902']) {
    for (const item of itemsAt(root, [key])) patches.push(...readPatch(item, context));
  }
  return patchAll(resources, patches);
}

function readPatch(item: Tracked, context: { readonly folder: string; readonly build: Build }): readonly Patch[] {
  const { reader, reached } = context.build;
  const target = valueAt(item, ['target']);
  const inline = item.kind === 'scalar' ? item : valueAt(item, ['patch']);
  const isPathEntry = item.kind === 'scalar' && typeof item.value === 'string' && !item.value.includes('\n');
  const pathItem = isPathEntry ? item : valueAt(item, ['path']);
  if (pathItem !== undefined) {
    const file = localPath(pathItem, context.folder, reader);
    if (file === undefined || !reader.files.has(file)) return [];
    reached.add(file);
    return reader.track(file, 'kustomize-patch').map((content) => ({ target, content }));
  }
  return inlinePatches(inline, target);
}

/** Patches written as a block of text; what they set is found by their content and cannot be edited byte by byte yet. */
export function inlinePatches(inline: Tracked | undefined, target: Tracked | undefined): readonly Patch[] {
  if (inline?.kind !== 'scalar' || typeof inline.value !== 'string') return [];
  const obstacle = {
    reason: 'unsupported-value',
    detail: 'the value stands in an inline patch; move the patch to a file of its own',
  } as const;
  const { file } = inline.origin;
  return parseDocuments(inline.value).flatMap((document) => {
    if (document.errors.length > 0 || hasTooManyAliases(document)) return [];
    const content = trackDocument(document, inline.origin.documentIndex, { ...file, obstacle }, 'kustomize-patch');
    return content === undefined ? [] : [{ target, content: relocate(content, inline) }];
  });
}

/** Values of an inline patch all point at the patch itself. */
function relocate(value: Tracked, inline: Tracked): Tracked {
  const origin = { ...inline.origin, obstacle: value.origin.obstacle };
  switch (value.kind) {
    case 'scalar':
      return { ...value, origin };
    case 'list':
      return { ...value, origin, items: value.items.map((item) => relocate(item, inline)) };
    case 'map':
      return {
        ...value,
        origin,
        entries: new Map([...value.entries].map(([key, item]) => [key, relocate(item, inline)])),
      };
  }
}

export function patchAll(resources: readonly Resource[], patches: readonly Patch[]): readonly Resource[] {
  return patches.reduce<readonly Resource[]>(
    (all, patch) =>
      all.flatMap((resource) => {
        if (!isTarget(resource, patch)) return [resource];
        if (patch.content.kind === 'list')
          return [{ ...resource, root: applyJsonPatch(resource.root, patch.content.items) }];
        const merged = mergePatch(
          resource.root,
          patch.target === undefined ? patch.content : withoutIdentity(patch.content),
        );
        return merged === undefined ? [] : [{ ...resource, root: merged }];
      }),
    resources,
  );
}

/** With an explicit target the patch's own name and kind are placeholders. */
function withoutIdentity(content: Tracked): Tracked {
  if (content.kind !== 'map') return content;
  const entries = new Map([...content.entries].filter(([key]) => key !== 'apiVersion' && key !== 'kind'));
  const metadata = entries.get('metadata');
  if (metadata?.kind === 'map') {
    entries.set('metadata', {
      ...metadata,
      entries: new Map([...metadata.entries].filter(([key]) => key !== 'name' && key !== 'namespace')),
    });
  }
  return { ...content, entries };
}

function isTarget(resource: Resource, patch: Patch): boolean {
  const wanted = patch.target ?? patch.content;
  const at = (key: string): string | undefined =>
    patch.target === undefined && key !== 'kind' ? textAt(wanted, ['metadata', key]) : textAt(wanted, [key]);
  const kind = at('kind');
  const name = at('name');
  if (kind !== undefined && kind !== textAt(resource.root, ['kind'])) return false;
  const names = [resource.declaredName, textAt(resource.root, ['metadata', 'name']) ?? ''];
  if (name !== undefined && !names.some((own) => (patch.target === undefined ? own === name : matchesWhole(name, own))))
    return false;
  const selector = patch.target === undefined ? undefined : textAt(patch.target, ['labelSelector']);
  if (selector !== undefined && !matchesSelector(selector, textsAt(resource.root, ['metadata', 'labels'])))
    return false;
  return patch.target !== undefined || (kind !== undefined && name !== undefined);
}

/** Kustomize's target names are anchored regular expressions; only letters, `.*` and alternatives are understood here. */
function matchesWhole(pattern: string, name: string): boolean {
  return pattern.split('|').some((alternative) => {
    const parts = alternative.replaceAll(/^[\^(]+|[$)]+$/g, '').split('.*');
    if (parts.length === 1) return parts[0] === name;
    const [first = '', ...rest] = parts;
    if (!name.startsWith(first)) return false;
    let from = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, from);
      if (found === -1) return false;
      from = found + part.length;
    }
    return rest.at(-1) === '' || name.endsWith(rest.at(-1) ?? '');
  });
}

function matchesSelector(selector: string, labels: Readonly<Record<string, string>>): boolean {
  return selector.split(',').every((term) => {
    const [key = '', value] = term.split('=').map((part) => part.trim());
    return value === undefined ? labels[key] !== undefined : labels[key] === value;
  });
}

/** `replicas:`, `namespace:`, `namePrefix:`, `nameSuffix:`, `labels:` and `commonLabels:`. */
function transform(resources: readonly Resource[], root: Tracked): readonly Resource[] {
  const namespace = valueAt(root, ['namespace']);
  const prefix = textAt(root, ['namePrefix']) ?? '';
  const suffix = textAt(root, ['nameSuffix']) ?? '';
  const labelSets = [
    valueAt(root, ['commonLabels']),
    ...itemsAt(root, ['labels']).map((item) => valueAt(item, ['pairs'])),
  ].filter((set): set is TrackedMap => set?.kind === 'map');
  const counts = itemsAt(root, ['replicas']).flatMap((item) => {
    const name = textAt(item, ['name']);
    const count = valueAt(item, ['count']);
    return name === undefined || count?.kind !== 'scalar' ? [] : [{ name, count }];
  });
  return resources.map((resource) => {
    let value = resource.root;
    const { count } = counts.find(({ name }) => name === resource.declaredName) ?? {};
    if (count !== undefined && /^(?:Deployment|ReplicaSet|StatefulSet)$/.test(textAt(value, ['kind']) ?? '')) {
      value = setAt(value, ['spec', 'replicas'], {
        ...count,
        origin: { ...count.origin, mechanism: 'kustomize-replicas' },
      });
    }
    if (namespace !== undefined) value = setAt(value, ['metadata', 'namespace'], namespace);
    const name = valueAt(value, ['metadata', 'name']);
    if (name?.kind === 'scalar' && prefix + suffix !== '') {
      value = setAt(value, ['metadata', 'name'], { ...name, value: `${prefix}${String(name.value)}${suffix}` });
    }
    for (const set of labelSets)
      for (const [key, label] of set.entries) value = setAt(value, ['metadata', 'labels', key], label);
    return { ...resource, root: value };
  });
}

/** Sets a value below maps, making the maps that are missing. */
export function setAt(value: Tracked, yamlPath: readonly string[], item: Tracked): Tracked {
  const [key, ...rest] = yamlPath;
  if (key === undefined || value.kind !== 'map') return item;
  const present = value.entries.get(key) ?? {
    kind: 'map' as const,
    entries: new Map<string, Tracked>(),
    origin: item.origin,
  };
  const entries = new Map(value.entries);
  entries.set(key, rest.length === 0 ? item : setAt(present, rest, item));
  return { ...value, entries };
}
