import path from 'node:path';
import { withArgoObstacles } from './delivery-obstacles.ts';
import { isThisRepository } from './flux.ts';
import type { Globs } from './globs.ts';
import { kustomizationFile, type Build, type KustomizeBuilder } from './kustomize.ts';
import { namespaceOf, withObstacle, type Resource } from './resource.ts';
import { leadsOut, type SourceReader } from './source-reader.ts';
import { withNamespace } from './transformers.ts';
import { itemsAt, textAt, valueAt, type Obstacle, type Tracked } from './tracked.ts';

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
  const overlaid =
    isKustomized && overrides !== undefined
      ? builder.overlay(built, overrides, folder)
      : isKustomized
        ? built
        : chosenFiles(built, source, options);
  const namespace = valueAt(object, ['spec', 'destination', 'namespace']);
  const resources = overlaid.resources.map(
    (resource): Resource =>
      withArgoObstacles(namespaceOf(resource) === undefined ? withNamespace(resource, namespace) : resource, object),
  );
  return { resources, files: overlaid.files };
}

/** What `directory.include` and `exclude` leave; the files that they leave out are not deployed, and count as reached. */
function chosenFiles(built: Build, source: Tracked, { folder, globs }: ArgoBuildOptions): Build {
  const include = textAt(source, ['directory', 'include']);
  const exclude = textAt(source, ['directory', 'exclude']);
  if (include === undefined && exclude === undefined) return built;
  const relative = (file: string): string => path.posix.relative(folder, file);
  const files = [...new Set(built.resources.map(({ root }) => relative(root.origin.file.path)))];
  const included = include === undefined ? files : globs.filter(include, 'across', files);
  const excluded = exclude === undefined ? [] : globs.filter(exclude, 'across', files);
  if (included === undefined || excluded === undefined) {
    const detail = 'whether it is deployed depends on a pattern of directory.include or exclude that is too complex';
    const obstacle: Obstacle = { reason: 'unsupported-value', detail };
    return {
      ...built,
      resources: built.resources.map((resource) => ({ ...resource, root: withObstacle(resource.root, obstacle) })),
    };
  }
  const chosen = new Set(included);
  for (const file of excluded) chosen.delete(file);
  return { ...built, resources: built.resources.filter(({ root }) => chosen.has(relative(root.origin.file.path))) };
}

export interface ArgoBuildOptions {
  readonly globs: Globs;
  readonly folder: string;
  readonly reader: SourceReader;
  readonly builder: KustomizeBuilder;
}
