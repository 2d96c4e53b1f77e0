import path from 'node:path';
import { asResource, type Resource, type SourceReader } from './source-reader.ts';
import { buildFolder, inlinePatches, kustomizationFile, patchAll, setAt } from './kustomize.ts';
import { itemsAt, placeOf, textAt, valueAt, type Tracked } from './tracked.ts';

/** What one cluster gets of the repository. */
export interface Delivered {
  readonly cluster: string;
  readonly resource: Resource;
}

const fluxGroup = 'kustomize.toolkit.fluxcd.io/';

/** A plain repository that names no cluster anywhere. */
const unnamedCluster = 'default';

/** Flux Kustomizations may sync Flux Kustomizations this deep. */
const rootsMax = 5_000;

/**
 * Follows the delivery objects of the repository: every Flux Kustomization and every Argo CD Application with a path
 * in it; then overlays and plain manifests that no delivery object claims, unless Flux or Argo CD delivers others.
 * @param candidates files whose text names a kind at all, ascending.
 */
export function deliver(reader: SourceReader, candidates: readonly string[]): readonly Delivered[] {
  const reached = new Set<string>();
  const delivered: Delivered[] = [];
  const roots = findRoots(reader, candidates);
  const queue = roots.filter(({ cluster }) => cluster !== undefined);
  const rest = roots.filter(({ cluster }) => cluster === undefined);
  const seen = new Set<string>();
  const follow = (): void => {
    for (let root = queue.shift(); root !== undefined && seen.size < rootsMax; root = queue.shift()) {
      const cluster = root.cluster ?? unnamedCluster;
      const identity = `${cluster}\u0000${root.identity}`;
      if (seen.has(identity)) continue;
      seen.add(identity);
      const built = buildRoot(reader, root, reached);
      for (const resource of built) {
        const nested = rootOf(resource.root);
        if (nested !== undefined) queue.push({ ...nested, cluster: nested.cluster ?? cluster });
        delivered.push({ cluster, resource });
      }
    }
  };
  follow();
  const followed = new Set([...seen].map((identity) => identity.split('\u0000')[1]));
  queue.push(...rest.filter(({ identity }) => !followed.has(identity)));
  follow();
  delivered.push(...undelivered(reader, { candidates, reached, hasDelivery: roots.length > 0 }));
  return delivered;
}

interface Root {
  /** Kind, namespace and name of the delivery object. */
  readonly identity: string;
  readonly cluster: string | undefined;
  readonly folder: string;
  readonly object: Tracked;
}

function findRoots(reader: SourceReader, candidates: readonly string[]): readonly Root[] {
  const roots: Root[] = [];
  for (const file of candidates) {
    const documents = reader.track(file, 'manifest');
    for (const document of documents) {
      const root = rootOf(document);
      if (root !== undefined) roots.push(root);
    }
  }
  return roots;
}

/** The folder that a delivery object syncs; undefined for every other object and for what lies in another repository. */
function rootOf(object: Tracked): Root | undefined {
  const apiVersion = textAt(object, ['apiVersion']) ?? '';
  const kind = textAt(object, ['kind']) ?? '';
  const isFlux = kind === 'Kustomization' && apiVersion.startsWith(fluxGroup);
  const isArgo = kind === 'Application' && apiVersion.startsWith('argoproj.io/');
  const declared = isFlux
    ? textAt(object, ['spec', 'path'])
    : isArgo
      ? textAt(object, ['spec', 'source', 'path'])
      : undefined;
  if (declared === undefined) return undefined;
  const folder = path.posix.normalize(declared.replace(/^\/+/, './')).replace(/\/$/, '');
  if (folder.startsWith('..')) return undefined;
  const names = [kind, textAt(object, ['metadata', 'namespace']) ?? '', textAt(object, ['metadata', 'name']) ?? ''];
  const destination = textAt(object, ['spec', 'destination', 'name']);
  const cluster =
    isArgo && destination !== undefined && destination !== 'in-cluster'
      ? destination
      : clusterOfPath(placeOf(object.origin).path);
  return { identity: names.join('/'), cluster, folder, object };
}

/** `prod-us` for `clusters/prod-us/apps.yaml`. */
export function clusterOfPath(file: string): string | undefined {
  return /(?:^|\/)clusters\/([^/]+)\//.exec(file)?.[1];
}

function buildRoot(reader: SourceReader, root: Root, reached: Set<string>): readonly Resource[] {
  if (!reader.folders.has(root.folder)) {
    reportMissing(reader, root);
    return [];
  }
  const built = buildFolder(reader, root.folder, reached);
  const patches = itemsAt(root.object, ['spec', 'patches']).flatMap((item) =>
    inlinePatches(valueAt(item, ['patch']), valueAt(item, ['target'])),
  );
  const patched = patchAll(built, patches);
  const namespace =
    valueAt(root.object, ['spec', 'targetNamespace']) ??
    (isArgoObject(root) ? valueAt(root.object, ['spec', 'destination', 'namespace']) : undefined);
  if (namespace === undefined) return patched;
  return patched.map((resource) => {
    // Argo CD fills in a missing namespace; Flux's targetNamespace replaces what is there.
    if (isArgoObject(root) && valueAt(resource.root, ['metadata', 'namespace']) !== undefined) return resource;
    return { ...resource, root: setAt(resource.root, ['metadata', 'namespace'], namespace) };
  });
}

function isArgoObject(root: Root): boolean {
  return root.identity.startsWith('Application/');
}

function reportMissing(reader: SourceReader, root: Root): void {
  const source = textAt(root.object, ['spec', 'sourceRef', 'kind']) ?? 'GitRepository';
  // Another source's path is not this repository's business; which GitRepository this is, Git itself does not say.
  if (source !== 'GitRepository' || isArgoObject(root)) return;
  const field = valueAt(root.object, ['spec', 'path']) ?? root.object;
  reader.problems.push({
    code: 'MANIFEST_REFERENCE_MISSING',
    severity: 'warning',
    place: { kind: 'file', ...placeOf(field.origin) },
    message: `The Flux Kustomization syncs ${root.folder.slice(0, 200)}, which is no folder of this repository; nothing of it is known here.`,
    remedy: 'Correct spec.path; if its sourceRef is another repository, scan that one too.',
  });
}

function undelivered(
  reader: SourceReader,
  context: { readonly candidates: readonly string[]; readonly reached: Set<string>; readonly hasDelivery: boolean },
): readonly Delivered[] {
  const { reached } = context;
  const delivered: Delivered[] = [];
  const overlays = [...reader.folders]
    .filter(
      (folder) =>
        kustomizationFile(reader, folder) !== undefined && !reached.has(kustomizationFile(reader, folder) ?? ''),
    )
    .toSorted();
  if (context.hasDelivery) return [];
  const used = new Set<string>();
  const builds: { folder: string; files: Set<string>; resources: readonly Resource[] }[] = [];
  for (const folder of overlays) {
    const files = new Set<string>();
    const resources = buildFolder(reader, folder, files);
    builds.push({ folder, files, resources });
    const own = kustomizationFile(reader, folder);
    for (const file of files) if (file !== own) used.add(file);
  }
  for (const { folder, files, resources } of builds) {
    for (const file of files) reached.add(file);
    // A base that another overlay builds on is no deployment of its own.
    if (used.has(kustomizationFile(reader, folder) ?? '')) continue;
    const cluster =
      clusterOfPath(`${folder}/`) ??
      /(?:^|\/)(?:overlays|environments|envs)\/([^/]+)/.exec(folder)?.[1] ??
      unnamedCluster;
    delivered.push(...resources.map((resource) => ({ cluster, resource })));
  }
  for (const file of context.candidates.filter((candidate) => !reached.has(candidate))) {
    const cluster = clusterOfPath(file) ?? unnamedCluster;
    const documents = reader.track(file, 'manifest');
    delivered.push(...documents.flatMap((root) => asResource(root) ?? []).map((resource) => ({ cluster, resource })));
  }
  return delivered;
}
