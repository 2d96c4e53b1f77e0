import path from 'node:path';
import type { Build, KustomizeBuilder } from './kustomize.ts';
import { repositoryName } from './git/location.ts';
import { withNamespace, withPairs } from './transformers.ts';
import { leadsOut, type SourceReader } from './source-reader.ts';
import type { Resource } from './resource.ts';
import { withFluxObstacles } from './delivery-obstacles.ts';
import { readVariables, substituteVariables, type Variables } from './substitution.ts';
import { itemsAt, textAt, valueAt, type Tracked } from './tracked.ts';

export function isFluxKustomization(object: Tracked): boolean {
  return (
    textAt(object, ['kind']) === 'Kustomization' &&
    textAt(object, ['apiVersion'])?.startsWith('kustomize.toolkit.fluxcd.io/') === true
  );
}

/** Objects that say where a delivery object's files come from. */
export interface DeliverySources {
  /** URL of each GitRepository by name; the same name in two namespaces is left out. */
  readonly gitRepositories: ReadonlyMap<string, string>;
  /** `copy:` rules of each artifact that an ArtifactGenerator makes, by the artifact's name. */
  readonly artifacts: ReadonlyMap<string, readonly { readonly from: string; readonly to: string }[]>;
}

/** Reads GitRepository and ArtifactGenerator objects of the repository. */
export function readDeliverySources(objects: readonly Tracked[]): DeliverySources {
  const urls = new Map<string, Set<string>>();
  const artifacts = new Map<string, { from: string; to: string }[]>();
  for (const object of objects) {
    const kind = textAt(object, ['kind']);
    const name = textAt(object, ['metadata', 'name']);
    const url = textAt(object, ['spec', 'url']);
    if (kind === 'GitRepository' && name !== undefined && url !== undefined) {
      urls.set(name, (urls.get(name) ?? new Set()).add(url));
    }
    if (kind !== 'ArtifactGenerator') continue;
    for (const artifact of itemsAt(object, ['spec', 'artifacts'])) {
      const rules = itemsAt(artifact, ['copy']).flatMap((rule) => {
        const from = textAt(rule, ['from']);
        const to = textAt(rule, ['to']);
        return from === undefined || to === undefined ? [] : [{ from, to }];
      });
      const artifactName = textAt(artifact, ['name']);
      if (artifactName !== undefined) artifacts.set(artifactName, [...(artifacts.get(artifactName) ?? []), ...rules]);
    }
  }
  const unique = [...urls].flatMap(([name, all]) => (all.size === 1 ? [[name, [...all][0] ?? ''] as const] : []));
  return { gitRepositories: new Map(unique), artifacts };
}

/** Whether a URL means the repository that is being read, as far as one can tell: mirrors and forks keep the name. */
export function isThisRepository(url: string | undefined, reader: SourceReader): boolean {
  if (url === undefined || reader.remoteUrl === undefined) return true;
  const last = (text: string): string | undefined => repositoryName(text).toLowerCase().split('/').at(-1);
  return last(url) === last(reader.remoteUrl);
}

/** The folder of this repository that a Flux Kustomization applies; undefined when it is another source's or missing. */
export function fluxFolder(object: Tracked, reader: SourceReader, sources: DeliverySources): string | undefined {
  const declared = textAt(object, ['spec', 'path']) ?? './';
  const folder = path.posix.normalize(declared.replace(/^\/+/, './')).replace(/\/$/, '') || '.';
  const sourceKind = textAt(object, ['spec', 'sourceRef', 'kind']) ?? 'GitRepository';
  const sourceName = textAt(object, ['spec', 'sourceRef', 'name']) ?? '';
  const field = valueAt(object, ['spec', 'path']) ?? object;
  if (leadsOut(folder)) {
    reader.reportAt(field.origin, {
      code: 'MANIFEST_PATH_ESCAPES',
      severity: 'error',
      message: `The path ${declared.slice(0, 200)} leads out of the repository; it was not followed, so what it should bring is missing here.`,
      remedy: 'Name a folder inside the repository.',
    });
    return undefined;
  }
  if (sourceKind === 'ExternalArtifact') return artifactFolder(folder, sources.artifacts.get(sourceName) ?? [], reader);
  if (sourceKind === 'GitRepository' && !isThisRepository(sources.gitRepositories.get(sourceName), reader)) {
    return undefined;
  }
  if (reader.folders.has(folder)) return folder;
  // An OCI artifact or a bucket has paths of its own.
  if (sourceKind !== 'GitRepository') return undefined;
  reader.reportAt(field.origin, {
    code: 'MANIFEST_REFERENCE_MISSING',
    severity: 'warning',
    message: `The Flux Kustomization applies ${folder.slice(0, 200)}, which is no folder of this repository; what it brings is not known here.`,
    remedy: 'Correct spec.path; if its source is another repository, scan that one too.',
  });
  return undefined;
}

/** Undoes an artifact's `copy` rules: `@repo/apps/base/**` copied to `@artifact/base/` makes `base/x` of `apps/base/x`. */
function artifactFolder(
  folder: string,
  rules: readonly { readonly from: string; readonly to: string }[],
  reader: SourceReader,
): string | undefined {
  const wanted = `${folder}/`.replace(/^\.\//, '');
  for (const { from, to } of rules) {
    const target = /^@artifact\/(.*)$/.exec(to)?.[1]?.replace(/([^/])$/, '$1/');
    const source = /^@[\w.-]+\/(.*?)(?:\*\*?)?$/.exec(from)?.[1];
    if (target === undefined || source === undefined || !wanted.startsWith(target)) continue;
    const found = path.posix.normalize(path.posix.join(source, wanted.slice(target.length))).replace(/\/$/, '') || '.';
    if (reader.folders.has(found)) return found;
  }
  return undefined;
}

/** What a Flux Kustomization applies: its folder's build with the spec's own components, patches, names and variables. */
export function buildFlux(
  object: Tracked,
  folder: string,
  { builder, reader }: { readonly builder: KustomizeBuilder; readonly reader: SourceReader },
): Build {
  const spec = valueAt(object, ['spec']);
  const components = itemsAt(spec, ['components']);
  const composed = builder.withComponents(builder.build(folder), components, folder);
  const { resources, files } = spec === undefined ? composed : builder.overlay(composed, spec, folder);
  if (spec === undefined) return { resources, files };
  const variables = readVariables(object, reader);
  const finished = resources.map((resource) => withFluxObstacles(finish(resource, spec, variables), object));
  return { resources: finished, files };
}

/** What Flux does after Kustomize: the target namespace, common metadata, variables. */
function finish(resource: Resource, spec: Tracked, variables: Variables): Resource {
  const placed = withNamespace(resource, valueAt(spec, ['targetNamespace']));
  const labelled = withPairs(placed.root, 'labels', valueAt(spec, ['commonMetadata', 'labels']));
  const root = withPairs(labelled, 'annotations', valueAt(spec, ['commonMetadata', 'annotations']));
  return { ...placed, root: substituteVariables(root, valueAt(spec, ['postBuild']), variables) };
}
