import path from 'node:path';
import type { DecidingMechanism } from '../domain/index.ts';
import { findLocalPath, isRemote } from './local-path.ts';
import { applyPatches, patchesWithoutBase, readPatches } from './patches.ts';
import { kindOf, nameOf, namespaceOf, resourcesOf, type Resource } from './resource.ts';
import type { SourceReader } from './source-reader.ts';
import { itemsAt, type Tracked } from './tracked.ts';
import { markOpaque, transformMetadata, transformReplicas } from './transformers.ts';

const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Bases on bases deeper than this are an error of the author or an attack. */
const depthMax = 50;

/** Two bases that each bring two bases, thirty deep, would bring a billion objects. */
const resourcesMax = 5_000;

/** The kustomization file of a folder, if it has one. */
export function kustomizationFile(reader: SourceReader, folder: string): string | undefined {
  return kustomizationNames.map((name) => path.posix.join(folder, name)).find((file) => reader.files.has(file));
}

/** Every folder with a kustomization, ascending. */
export function kustomizedFolders(reader: SourceReader): readonly string[] {
  return [...reader.files.keys()]
    .filter((file) => kustomizationNames.includes(path.posix.basename(file)))
    .map((file) => path.posix.dirname(file))
    .toSorted();
}

/** What a folder builds to. */
export interface Build {
  readonly resources: readonly Resource[];
  /** Every file that took part: kustomizations, manifests and patches. */
  readonly files: ReadonlySet<string>;
}

interface Context {
  readonly reader: SourceReader;
  /** Shared by all builds of one inventory: a base is built once, however many overlays use it. */
  readonly cache: Map<string, Build>;
  /** Folders on the way here, for noticing cycles. */
  readonly above: readonly string[];
}

/** Builds folders of one repository as `kustomize build` does, every value with its origin. Nothing remote is fetched. */
export class KustomizeBuilder {
  private readonly context: Context;

  constructor(reader: SourceReader) {
    this.context = { reader, cache: new Map(), above: [] };
  }

  /** A builder of the same repository with some files edited; what none of them took part in is not built again. */
  withEdits(reader: SourceReader, edited: readonly string[]): KustomizeBuilder {
    const builder = new KustomizeBuilder(reader);
    for (const [key, build] of this.context.cache) {
      if (!edited.some((file) => build.files.has(file))) builder.context.cache.set(key, build);
    }
    return builder;
  }

  /** A folder without a kustomization is taken whole, as Flux does, unless only its own files are wanted. */
  build(folder: string, options: { readonly isRecursive: boolean } = { isRecursive: true }): Build {
    if (kustomizationFile(this.context.reader, folder) !== undefined) return buildFolder(folder, this.context);
    return plainFolder(folder, this.context, options);
  }

  /** Lays a kustomization that is not a file, such as a Flux Kustomization's spec, over what is built already. */
  overlay(built: Build, root: Tracked, folder: string): Build {
    const files = new Set(built.files);
    const resources = overlay(built.resources, root, { folder, files, context: this.context, hasRemote: false });
    return { resources, files };
  }

  /** As {@link overlay}, with components of the folder applied first. */
  withComponents(built: Build, components: readonly Tracked[], folder: string): Build {
    const files = new Set(built.files);
    const resources = applyComponents(built.resources, components, { folder, files, context: this.context });
    return { resources, files };
  }
}

function buildFolder(folder: string, context: Context): Build {
  const key = `${context.above.length === 0 ? 'root' : 'base'}\u0000${folder}`;
  const known = context.cache.get(key);
  if (known !== undefined) return known;
  const files = new Set<string>();
  const resources = kustomize(folder, [], { context, files });
  const built = { resources, files };
  context.cache.set(key, built);
  return built;
}

interface Step {
  readonly folder: string;
  readonly context: Context;
  readonly files: Set<string>;
}

/** Applies a folder's kustomization; a component gets what is built so far as its input. */
function kustomize(folder: string, below: readonly Resource[], at: Omit<Step, 'folder'>): readonly Resource[] {
  const { reader } = at.context;
  const file = kustomizationFile(reader, folder);
  if (file === undefined) return below;
  at.files.add(file);
  const root = reader.track(file, 'kustomize-patch')[0];
  if (root === undefined) return below;
  const context = { ...at.context, above: [...at.context.above, folder] };
  const step: Step = { folder, context, files: at.files };
  const entries = ['resources', 'bases'].flatMap((key) => itemsAt(root, [key]));
  const own = collect(entries, step);
  const composed = applyComponents([...below, ...own], itemsAt(root, ['components']), step);
  const hasRemote = entries.some((entry) => entry.kind === 'scalar' && isRemote(String(entry.value)));
  return overlay(composed, root, { ...step, hasRemote });
}

/** What the entries bring, each object once; of bases that multiply without end only the first objects. */
function collect(entries: readonly Tracked[], step: Step): readonly Resource[] {
  const found = new Map<string, Resource>();
  for (const entry of entries) {
    for (const resource of readEntry(entry, step)) {
      const { file, documentIndex, yamlPath } = resource.root.origin;
      const written = [file.path, documentIndex, ...yamlPath];
      found.set(JSON.stringify([written, kindOf(resource), namespaceOf(resource), nameOf(resource)]), resource);
    }
    if (found.size <= resourcesMax) continue;
    step.context.reader.reportAt(entry.origin, {
      code: 'MANIFEST_UNREADABLE',
      severity: 'error',
      message: `The kustomization brings more than ${resourcesMax} objects; only that many were read, so workloads may be missing here.`,
      remedy: 'Split it into several folders that are applied by themselves.',
    });
    return [...found.values()].slice(0, resourcesMax);
  }
  return [...found.values()];
}

function overlay(
  resources: readonly Resource[],
  root: Tracked,
  step: Step & { readonly hasRemote: boolean },
): readonly Resource[] {
  const patches = readPatches(root, { reader: step.context.reader, folder: step.folder });
  for (const { content } of [...patches.beforeNames, ...patches.afterNames]) step.files.add(content.origin.file.path);
  const partial = step.hasRemote ? patchesWithoutBase(resources, patches.beforeNames) : [];
  const patched = applyPatches(resources, patches.beforeNames);
  const named = transformMetadata([...patched, ...partial], root);
  return markOpaque(transformReplicas(applyPatches(named, patches.afterNames), root), root);
}

function applyComponents(
  resources: readonly Resource[],
  components: readonly Tracked[],
  step: Step,
): readonly Resource[] {
  return components.reduce<readonly Resource[]>((all, entry) => {
    const folder = enter(entry, step);
    return folder === undefined ? all : kustomize(folder, all, { context: step.context, files: step.files });
  }, resources);
}

function readEntry(entry: Tracked, step: Step): readonly Resource[] {
  const { reader } = step.context;
  const target = findLocalPath(entry, step.folder, reader);
  if (target === undefined) return [];
  if (reader.files.has(target)) {
    const mechanism = step.context.above.length > 1 ? 'kustomize-base' : 'manifest';
    return plainFile(target, step, mechanism);
  }
  const folder = enter(entry, step);
  if (folder === undefined) return [];
  const built = buildFolder(folder, step.context);
  for (const file of built.files) step.files.add(file);
  return built.resources;
}

/** The folder with a kustomization that an entry names, unless building it would never end. */
function enter(entry: Tracked, step: Step): string | undefined {
  const { reader, above } = step.context;
  const folder = findLocalPath(entry, step.folder, reader);
  if (folder === undefined || reader.files.has(folder)) return undefined;
  if (kustomizationFile(reader, folder) === undefined) {
    reader.reportAt(entry.origin, {
      code: 'MANIFEST_REFERENCE_MISSING',
      severity: 'warning',
      message: `The folder ${folder} has no kustomization.yaml; Kustomize stops here, and what it should bring is missing.`,
      remedy: 'Add one, or name the files of the folder.',
    });
    return undefined;
  }
  if (!above.includes(folder) && above.length < depthMax) return folder;
  reader.reportAt(entry.origin, {
    code: 'MANIFEST_REFERENCE_MISSING',
    severity: 'error',
    message: `The kustomizations form a cycle (${[...above, folder].slice(-4).join(' → ')}); Kustomize stops here, and this entry was left out.`,
    remedy: 'Remove this entry.',
  });
  return undefined;
}

function plainFile(file: string, at: Omit<Step, 'folder'>, mechanism: DecidingMechanism): readonly Resource[] {
  at.files.add(file);
  return at.context.reader.isCandidate(file) ? at.context.reader.track(file, mechanism).flatMap(resourcesOf) : [];
}

/** All manifests below a folder; a subfolder with a kustomization of its own is built by that. */
function plainFolder(folder: string, context: Context, options: { readonly isRecursive: boolean }): Build {
  const prefix = folder === '.' ? '' : `${folder}/`;
  const files = new Set<string>();
  const resources: Resource[] = [];
  for (const file of context.reader.candidates().filter((candidate) => candidate.startsWith(prefix))) {
    const own = path.posix.dirname(file);
    if (!options.isRecursive && own !== folder) continue;
    if (nearestKustomization(context.reader, own, folder) === undefined) {
      resources.push(...plainFile(file, { context, files }, 'manifest'));
    }
  }
  if (!options.isRecursive) return { resources, files };
  for (const kustomized of kustomizedFolders(context.reader).filter((candidate) => candidate.startsWith(prefix))) {
    const parent = path.posix.dirname(kustomized);
    if (kustomized === folder || nearestKustomization(context.reader, parent, folder) !== undefined) continue;
    const built = buildFolder(kustomized, context);
    for (const file of built.files) files.add(file);
    resources.push(...built.resources);
  }
  return { resources, files };
}

/** The closest folder from one up to another, not including that, that has a kustomization. */
function nearestKustomization(reader: SourceReader, from: string, above: string): string | undefined {
  for (let folder = from; folder !== above && folder !== '.'; folder = path.posix.dirname(folder)) {
    if (kustomizationFile(reader, folder) !== undefined) return folder;
  }
  return undefined;
}
