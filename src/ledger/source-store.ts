import type { Ledger } from './ledger.ts';
import { dropPastRetention } from './retention.ts';
import { readRow, readRows } from './rows.ts';
import { inTransaction } from './transaction.ts';

/** `metrics` are files, `prometheus` days read from a server; both fill the same tables. */
export type SourceKind = 'billing' | 'metrics' | 'prometheus';

/** What was read: the content by its digest, under the path where it lay. */
export interface SourceIdentity {
  readonly kind: SourceKind;
  readonly path: string;
  /** SHA-256 in hex of the file's bytes. */
  readonly digest: string;
  /** Settings that change how the same bytes are read, such as the default cluster; empty for none. */
  readonly variant: string;
}

export interface SourceRowCounts {
  readonly rows: number;
  readonly rejectedRows: number;
}

export interface StoredSource extends SourceRowCounts {
  readonly sourceId: number;
}

const factTables: Readonly<Record<SourceKind, readonly string[]>> = {
  billing: ['billing_source_row', 'billing_file', 'billing_superseded'],
  metrics: ['gpu_hour', 'serving_hour', 'pod_owner'],
  prometheus: ['gpu_hour', 'serving_hour', 'pod_owner'],
};

/**
 * What the ledger holds of this content, or undefined when it is new. Known content found at this path takes the
 * path over: rows that no path names any more are deleted.
 */
export async function recallSource(ledger: Ledger, source: SourceIdentity): Promise<StoredSource | undefined> {
  const known = await findSource(ledger, source);
  if (known === undefined) return undefined;
  await inTransaction(ledger.connection, () => pointPathAt(ledger, source, known.sourceId));
  return known;
}

/** What the ledger holds under a path, whatever its content; undefined for nothing, or when it was read otherwise. */
export async function recallPath(
  ledger: Ledger,
  place: Omit<SourceIdentity, 'digest'>,
): Promise<(StoredSource & { readonly digest: string }) | undefined> {
  const [row] = await readRows(
    ledger.connection,
    `SELECT source_id, digest, row_count, rejected_row_count
     FROM source_path JOIN source_file USING (kind, source_id)
     WHERE kind = $kind AND path = $path AND variant = $variant`,
    { kind: place.kind, path: place.path, variant: place.variant },
  );
  if (row === undefined) return undefined;
  return {
    sourceId: row.number('source_id'),
    digest: row.text('digest'),
    rows: row.number('row_count'),
    rejectedRows: row.number('rejected_row_count'),
  };
}

/**
 * Loads the rows of new content in one transaction; the rows that the path held before go in the same one. A loader
 * that only learns what the content is while it reads it gives the digest with the counts.
 */
export async function storeSource(
  ledger: Ledger,
  source: SourceIdentity,
  load: (sourceId: number) => Promise<SourceRowCounts & { readonly digest?: string }>,
): Promise<StoredSource> {
  const { connection } = ledger;
  return inTransaction(connection, async () => {
    const sourceId = (await readRow(connection, `SELECT nextval('source_id')::INTEGER AS id`)).number('id');
    const counts = await load(sourceId);
    await dropPastRetention(connection, sourceId);
    await connection.run('INSERT INTO source_file VALUES ($id, $kind, $digest, $variant, $rows, $rejected)', {
      id: sourceId,
      kind: source.kind,
      digest: counts.digest ?? source.digest,
      variant: source.variant,
      rows: counts.rows,
      rejected: counts.rejectedRows,
    });
    await pointPathAt(ledger, source, sourceId);
    return { sourceId, rows: counts.rows, rejectedRows: counts.rejectedRows };
  });
}

/**
 * Drops what the ledger holds of paths that the sources do not list any more: an export that was written again under
 * other names would be counted twice otherwise. Returns the paths that were dropped.
 */
export async function forgetOtherPaths(
  ledger: Ledger,
  kind: SourceKind,
  listed: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { connection } = ledger;
  const rows = await readRows(connection, 'SELECT path FROM source_path WHERE kind = $kind ORDER BY path', { kind });
  const gone = rows.map((row) => row.text('path')).filter((path) => !listed.has(path));
  await forgetPaths(ledger, kind, gone);
  return gone;
}

/** Drops what the ledger holds of some paths; content that another path names too stays. */
export async function forgetPaths(ledger: Ledger, kind: SourceKind, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const { connection } = ledger;
  await inTransaction(connection, async () => {
    for (const path of paths) {
      await connection.run('DELETE FROM source_path WHERE kind = $kind AND path = $path', { kind, path });
    }
    await deleteOrphans(ledger, kind);
  });
}

async function findSource(ledger: Ledger, source: SourceIdentity): Promise<StoredSource | undefined> {
  const [row] = await readRows(
    ledger.connection,
    `SELECT source_id, row_count, rejected_row_count FROM source_file
     WHERE kind = $kind AND digest = $digest AND variant = $variant`,
    { kind: source.kind, digest: source.digest, variant: source.variant },
  );
  if (row === undefined) return undefined;
  return {
    sourceId: row.number('source_id'),
    rows: row.number('row_count'),
    rejectedRows: row.number('rejected_row_count'),
  };
}

async function pointPathAt(ledger: Ledger, source: SourceIdentity, sourceId: number): Promise<void> {
  const { connection } = ledger;
  const place = { kind: source.kind, path: source.path };
  await connection.run('DELETE FROM source_path WHERE kind = $kind AND path = $path', place);
  await connection.run('INSERT INTO source_path VALUES ($kind, $path, $id)', { ...place, id: sourceId });
  await deleteOrphans(ledger, source.kind);
}

/** Deletes the rows of content that no path names any more. */
async function deleteOrphans({ connection }: Ledger, kind: SourceKind): Promise<void> {
  const orphans = await readRows(
    connection,
    `SELECT source_id FROM source_file WHERE kind = $kind
     AND source_id NOT IN (SELECT source_id FROM source_path WHERE kind = $kind)`,
    { kind },
  );
  for (const orphan of orphans) {
    const id = orphan.number('source_id');
    for (const table of factTables[kind]) {
      await connection.run(`DELETE FROM ${table} WHERE source_id = $id`, { id });
    }
    await connection.run('DELETE FROM source_file WHERE source_id = $id', { id });
  }
}
