import path from 'node:path';

/** Whether a file of this name may hold manifests, kustomizations, patches or values. */
export function isManifestName(file: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(file) || path.posix.basename(file) === 'Kustomization';
}
