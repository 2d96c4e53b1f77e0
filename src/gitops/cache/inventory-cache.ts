import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AddedKind } from '../../domain/index.ts';
import type { ClusterNaming } from '../cluster-names.ts';
import type { RepositorySnapshot } from '../git/repository.ts';
import type { Inventory } from '../inventory.ts';
import { readCacheFile, writeCacheFile } from './cache-file.ts';
import type { CompactDocument } from './compact-values.ts';

/** Raised whenever how documents are tracked or kept changes. */
const formatVersion = 2;
const resultsMax = 20;
const abandonedAfterMs = 3_600_000;

/** Documents of files that parsed well, by git blob id: the same content is never parsed twice. */
export type DocumentCache = ReadonlyMap<string, readonly CompactDocument[]>;

/** Where a cache is, and which program writes it: what another version found is not taken for this one's. */
export interface CacheLocation {
  readonly folder: string;
  readonly programVersion: string;
}

/** What an inventory is made from, besides the program. */
export interface InventoryKey {
  readonly snapshot: Pick<RepositorySnapshot, 'commit' | 'remoteUrl'>;
  readonly clusters: ClusterNaming;
  readonly kinds: readonly AddedKind[];
}

/** Keeps inventories and parsed documents of one repository in a folder. Everything in it can be deleted at any time. */
export interface InventoryCache {
  readResult(key: InventoryKey): Promise<Inventory | undefined>;
  readDocuments(): Promise<DocumentCache>;
  /** Keeps the result, and of the documents those that this commit has. */
  write(key: InventoryKey, inventory: Inventory, documents: DocumentCache): Promise<void>;
}

export function openInventoryCache({ folder, programVersion }: CacheLocation, repository: string): InventoryCache {
  const version = `${formatVersion} ${programVersion}`;
  const own = path.join(folder, createHash('sha256').update(repository).digest('hex').slice(0, 16));
  const documentsFile = path.join(own, 'documents');
  return {
    readResult: async (key) => {
      const found = await readCacheFile(resultFile(own, key));
      return isRecord(found) && found['version'] === version ? (found['inventory'] as Inventory) : undefined;
    },
    readDocuments: async () => {
      const found = await readCacheFile(documentsFile);
      const isMap = isRecord(found) && found['version'] === version && found['documents'] instanceof Map;
      return isMap ? (found['documents'] as DocumentCache) : new Map();
    },
    write: async (key, inventory, documents) => {
      await writeCacheFile(resultFile(own, key), { version, inventory });
      await writeCacheFile(documentsFile, { version, documents });
      await removeOld(own);
    },
  };
}

function resultFile(folder: string, { snapshot, clusters, kinds }: InventoryKey): string {
  const named = JSON.stringify([snapshot.commit, snapshot.remoteUrl ?? '', clusters, kinds]);
  return path.join(folder, `inventory-${createHash('sha256').update(named).digest('hex').slice(0, 32)}`);
}

/** Of the results only the newest stay, and nothing that a killed process left half written. */
async function removeOld(folder: string): Promise<void> {
  const names = await readdir(folder);
  const dated = await Promise.all(
    names.map(async (name) => {
      const entry = await stat(path.join(folder, name)).catch(() => undefined);
      return { name, time: entry?.mtimeMs ?? 0 };
    }),
  );
  const results = dated.filter(({ name }) => /^inventory-[0-9a-f]{32}$/.test(name));
  const surplus = results.toSorted((left, right) => right.time - left.time).slice(resultsMax);
  const newest = Math.max(...dated.map(({ time }) => time));
  const abandoned = dated.filter(({ name, time }) => name.endsWith('.new') && newest - time > abandonedAfterMs);
  for (const { name } of [...surplus, ...abandoned]) await rm(path.join(folder, name), { force: true });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
