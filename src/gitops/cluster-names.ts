/** How folders of the repository are mapped to clusters. */
export interface ClusterNaming {
  /** Folder of one cluster with `{cluster}` in the place of its name; `clusters/{cluster}` when undefined. */
  readonly folderPattern: string | undefined;
  /** Cluster of manifests that nothing assigns to one. */
  readonly defaultName: string;
}

export const defaultClusterNaming: ClusterNaming = { folderPattern: undefined, defaultName: 'default' };

/** `prod-us` for `infra/clusters/prod-us/apps.yaml`: the pattern may begin at any folder, and the first place counts. */
export function clusterOfPath(file: string, naming: ClusterNaming): string | undefined {
  const pattern = (naming.folderPattern ?? 'clusters/{cluster}').split('/').filter((part) => part !== '');
  const folders = file.split('/').slice(0, -1);
  for (let start = 0; start + pattern.length <= folders.length; start += 1) {
    const found = folders.slice(start, start + pattern.length);
    const isMatch = pattern.every((part, index) => part === '{cluster}' || part === found[index]);
    if (isMatch) return found[pattern.indexOf('{cluster}')];
  }
  return undefined;
}
