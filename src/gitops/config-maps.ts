import path from 'node:path';
import { findLocalPath } from './local-path.ts';
import { kustomizedFolders, kustomizationFile } from './kustomize.ts';
import { resourcesOf } from './resource.ts';
import type { SourceReader } from './source-reader.ts';
import { itemsAt, textAt, valueAt, type Tracked, type TrackedScalar } from './tracked.ts';

/** What a ConfigMap holds under a key: a text in the manifest, or a whole file that a generator puts in. */
export type ConfigMapEntry =
  | { readonly kind: 'text'; readonly scalar: TrackedScalar }
  | { readonly kind: 'file'; readonly path: string };

/** A ConfigMap that the repository declares or generates. */
export interface ConfigMap {
  readonly name: string;
  /** Undefined when the manifest leaves it to whoever applies it. */
  readonly namespace: string | undefined;
  /** Folder of the file that declares it. */
  readonly folder: string;
  readonly entries: ReadonlyMap<string, ConfigMapEntry>;
}

const indexes = new WeakMap<SourceReader, readonly ConfigMap[]>();

/**
 * The one ConfigMap of a name and namespace; of several the one in the folder of whoever asks. Undefined when there is
 * none, or when it is not certain which is meant.
 */
export function findConfigMap(
  reader: SourceReader,
  wanted: { readonly name: string; readonly namespace: string; readonly from: string },
): ConfigMap | undefined {
  const all = indexes.get(reader) ?? readConfigMaps(reader);
  indexes.set(reader, all);
  const named = all.filter(
    ({ name, namespace }) => name === wanted.name && (namespace === undefined || namespace === wanted.namespace),
  );
  const near = named.filter(({ folder }) => folder === path.posix.dirname(wanted.from));
  if (near.length > 0) return near.length === 1 ? near[0] : undefined;
  return named.length === 1 ? named[0] : undefined;
}

/** Files with ConfigMaps are not parsed for the inventory, only when somebody takes values from one. */
function readConfigMaps(reader: SourceReader): readonly ConfigMap[] {
  const declared = [...reader.files.keys()]
    .filter(
      (file) => /\.(?:ya?ml|json)$/i.test(file) && /\bkind["']?\s*:\s*["']?ConfigMap\b/.test(reader.text(file) ?? ''),
    )
    .toSorted()
    .flatMap((file) => reader.track(file, 'manifest').flatMap(resourcesOf))
    .flatMap(({ root }) => declaredConfigMap(root) ?? []);
  const generated = kustomizedFolders(reader).flatMap((folder) => generatedConfigMaps(folder, reader));
  return [...declared, ...generated];
}

function declaredConfigMap(root: Tracked): ConfigMap | undefined {
  const name = textAt(root, ['metadata', 'name']);
  const data = valueAt(root, ['data']);
  if (textAt(root, ['kind']) !== 'ConfigMap' || name === undefined) return undefined;
  const entries = data?.kind === 'map' ? [...data.entries] : [];
  return {
    name,
    namespace: textAt(root, ['metadata', 'namespace']),
    folder: path.posix.dirname(root.origin.file.path),
    entries: new Map(
      entries.flatMap(([key, value]) =>
        value.kind === 'scalar' ? [[key, { kind: 'text', scalar: value }] as const] : [],
      ),
    ),
  };
}

/** `configMapGenerator:` with files and literals; the name's hash is Kustomize's matter, references follow it. */
function generatedConfigMaps(folder: string, reader: SourceReader): readonly ConfigMap[] {
  const file = kustomizationFile(reader, folder);
  if (file === undefined || reader.text(file)?.includes('configMapGenerator') !== true) return [];
  const [root] = reader.track(file, 'kustomize-patch');
  return itemsAt(root, ['configMapGenerator']).flatMap((generator) => {
    const name = textAt(generator, ['name']);
    if (name === undefined) return [];
    const files = itemsAt(generator, ['files']).flatMap((item): readonly (readonly [string, ConfigMapEntry])[] => {
      const text = item.kind === 'scalar' ? String(item.value) : '';
      const named = text.includes('=') ? text.slice(text.indexOf('=') + 1) : text;
      const key = text.includes('=') ? text.slice(0, text.indexOf('=')) : path.posix.basename(text);
      const found = item.kind === 'scalar' ? findLocalPath({ ...item, value: named }, folder, reader) : undefined;
      return found === undefined || !reader.files.has(found) ? [] : [[key, { kind: 'file', path: found }]];
    });
    const namespace = textAt(generator, ['namespace']) ?? textAt(root, ['namespace']);
    return [{ name, namespace, folder, entries: new Map(files) }];
  });
}
