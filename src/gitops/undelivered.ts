import path from 'node:path';
import { clusterOfPath, type ClusterNaming } from './cluster-names.ts';
import type { Environment } from './delivery.ts';
import { kustomizedFolders, kustomizationFile, type Build, type KustomizeBuilder } from './kustomize.ts';
import { apiVersionOf, kindOf, resourcesOf } from './resource.ts';
import type { SourceReader } from './source-reader.ts';

/** Overlays that nothing builds on and no delivery object applies, and then the manifests that are left over. */
export function undelivered(
  reader: SourceReader,
  builder: KustomizeBuilder,
  options: { readonly reached: ReadonlySet<string>; readonly naming: ClusterNaming },
): readonly Environment[] {
  const { reached, naming } = options;
  const builds = kustomizedFolders(reader)
    .filter((folder) => !reached.has(kustomizationFile(reader, folder) ?? ''))
    .map((folder) => ({ folder, build: builder.build(folder) }));
  const builtOn = new Set(
    builds.flatMap(({ folder, build }) => {
      const own = kustomizationFile(reader, folder);
      return [...build.files].filter((file) => file !== own);
    }),
  );
  // A base that an overlay builds on is no deployment of its own.
  const roots = builds.filter(({ folder }) => !builtOn.has(kustomizationFile(reader, folder) ?? ''));
  const users = new Map<string, number>();
  for (const { build } of roots) for (const file of build.files) users.set(file, (users.get(file) ?? 0) + 1);
  const overlays = roots.map(({ folder, build }): Environment => {
    const isShared = [...build.files].some((file) => (users.get(file) ?? 0) > 1);
    const { resources, files } = build;
    return {
      cluster: overlayCluster(folder, isShared, naming),
      name: `overlay ${folder}`,
      resources,
      files,
      overlaid: { folder },
    };
  });
  return [...overlays, ...looseFiles(reader, new Set([...reached, ...builds.flatMap(filesOf)]), naming)];
}

/**
 * Objects in files that a command-line tool reads and no controller applies, such as eksctl's: they count wherever they
 * lie, also where everything else is delivered.
 */
export function readByTools(
  reader: SourceReader,
  options: { readonly reached: ReadonlySet<string>; readonly naming: ClusterNaming },
): readonly Environment[] {
  const { reached, naming } = options;
  const others = reader.candidates().filter((file) => !reader.kinds.namesToolGroup(reader.text(file) ?? ''));
  return looseFiles(reader, new Set([...reached, ...others]), naming).map(({ cluster, resources, files }) => ({
    cluster,
    name: 'files of command-line tools',
    files,
    resources: resources.filter(
      (resource) => reader.kinds.findCapacity(apiVersionOf(resource), kindOf(resource))?.scope === 'file',
    ),
  }));
}

function filesOf({ build }: { readonly build: Build }): readonly string[] {
  return [...build.files];
}

/** Overlays over one base are environments: their folders tell them apart where no cluster is named. */
function overlayCluster(folder: string, isShared: boolean, naming: ClusterNaming): string {
  const named = /(?:^|\/)(?:overlays|environments|envs)\/([^/]+)/.exec(folder)?.[1];
  return clusterOfPath(`${folder}/`, naming) ?? named ?? (isShared ? path.posix.basename(folder) : naming.defaultName);
}

function looseFiles(reader: SourceReader, taken: ReadonlySet<string>, naming: ClusterNaming): readonly Environment[] {
  const byCluster = new Map<string, string[]>();
  for (const file of reader.candidates()) {
    if (taken.has(file)) continue;
    const cluster = clusterOfPath(file, naming) ?? naming.defaultName;
    const files = byCluster.get(cluster) ?? [];
    files.push(file);
    byCluster.set(cluster, files);
  }
  return [...byCluster].map(([cluster, files]) => ({
    cluster,
    name: 'plain manifests',
    resources: files.flatMap((file) => reader.track(file, 'manifest')).flatMap(resourcesOf),
    files: new Set(files),
  }));
}
