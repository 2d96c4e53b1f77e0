import path from 'node:path';
import { withArgoObstacles } from './delivery-obstacles.ts';
import { isThisRepository } from './flux.ts';
import { kustomizationFile, type Build, type KustomizeBuilder } from './kustomize.ts';
import { namespaceOf, type Resource } from './resource.ts';
import { leadsOut, type SourceReader } from './source-reader.ts';
import { withNamespace } from './transformers.ts';
import { itemsAt, textAt, valueAt, type Tracked } from './tracked.ts';

export function isArgoApplication(object: Tracked): boolean {
  return (
    textAt(object, ['kind']) === 'Application' && textAt(object, ['apiVersion'])?.startsWith('argoproj.io/') === true
  );
}

/** The sources of an Application, of the one-source or the many-sources form. */
export function argoSources(object: Tracked): readonly Tracked[] {
  const single = valueAt(object, ['spec', 'source']);
  return [...(single === undefined ? [] : [single]), ...itemsAt(object, ['spec', 'sources'])];
}

/** The folder of this repository that a source names; undefined for charts and other repositories. */
export function argoFolder(source: Tracked, reader: SourceReader): string | undefined {
  const declared = textAt(source, ['path']);
  if (declared === undefined || textAt(source, ['chart']) !== undefined) return undefined;
  const folder = path.posix.normalize(declared).replace(/\/$/, '') || '.';
  if (path.posix.isAbsolute(folder) || leadsOut(folder)) {
    reader.reportAt((valueAt(source, ['path']) ?? source).origin, {
      code: 'MANIFEST_PATH_ESCAPES',
      severity: 'error',
      message: `The path ${declared.slice(0, 200)} leads out of the repository; it was not followed, so what it should bring is missing here.`,
      remedy: 'Name a folder inside the repository.',
    });
    return undefined;
  }
  return isThisRepository(textAt(source, ['repoURL']), reader) && reader.folders.has(folder) ? folder : undefined;
}

/** The cluster an Application deploys to, when it names one other than its own. */
export function argoCluster(object: Tracked): string | undefined {
  const name = textAt(object, ['spec', 'destination', 'name']);
  if (name !== undefined) return name === 'in-cluster' ? undefined : name;
  const server = textAt(object, ['spec', 'destination', 'server']);
  if (server === undefined || server === 'https://kubernetes.default.svc') return undefined;
  return URL.canParse(server) ? new URL(server).hostname : undefined;
}

/** What one source of an Application deploys: a kustomization with the Application's overrides, or plain manifests. */
export function buildArgo(object: Tracked, source: Tracked, options: ArgoBuildOptions): Build {
  const { folder, reader, builder } = options;
  const isKustomized = kustomizationFile(reader, folder) !== undefined;
  const recurse = valueAt(source, ['directory', 'recurse']);
  const isRecursive = isKustomized || (recurse?.kind === 'scalar' && recurse.value === true);
  const built = builder.build(folder, { isRecursive });
  const overrides = valueAt(source, ['kustomize']);
  const overlaid = isKustomized && overrides !== undefined ? builder.overlay(built, overrides, folder) : built;
  const namespace = valueAt(object, ['spec', 'destination', 'namespace']);
  const resources = overlaid.resources.map(
    (resource): Resource =>
      withArgoObstacles(namespaceOf(resource) === undefined ? withNamespace(resource, namespace) : resource, object),
  );
  return { resources, files: overlaid.files };
}

export interface ArgoBuildOptions {
  readonly folder: string;
  readonly reader: SourceReader;
  readonly builder: KustomizeBuilder;
}
