import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Problem, BillingFormatName } from '../../domain/index.ts';
import { readRows, type Ledger } from '../../ledger/index.ts';
import { exportFolder } from './export-folder.ts';
import { billingFormats } from './formats/index.ts';
import { exportsOverlap } from './problems.ts';

/** A file that the ledger holds, with the configured source it was found under. */
export interface HeldFile {
  readonly path: string;
  readonly sourceId: number;
  /** Position in the configuration; the first one wins where nothing else decides. */
  readonly sourceIndex: number;
}

/** One export: all files of a configured source and format, and of Azure also of one folder. */
interface Export {
  readonly name: string;
  readonly format: BillingFormatName;
  readonly sourceIndex: number;
  readonly sourceIds: readonly number[];
  /** What an Azure export shows of commitments; undefined where it has none, so that both kinds look alike. */
  readonly basis: 'actual' | 'amortized' | undefined;
  /** Its folders are laid out as the provider does, so that it is known to be one export of its own. */
  readonly hasOwnFolder: boolean;
}

/**
 * Decides which export counts where two hold the charges of one account and month: an amortized Azure export before an
 * actual one, of which the purchases of commitments stay; else the one that is configured first. Files of one export
 * never yield to each other. Decided anew on every run, so that an export that is taken out gives way again.
 */
export async function settleOverlaps(ledger: Ledger, held: readonly HeldFile[]): Promise<readonly Problem[]> {
  const { connection } = ledger;
  await connection.run('DELETE FROM billing_superseded');
  const exports = await findExports(connection, held);
  const problems: Problem[] = [];
  for (const [index, winner] of exports.entries()) {
    for (const loser of exports.slice(index + 1)) {
      if (!mayOverlap(winner, loser)) continue;
      const accountMonths = await supersede(connection, winner, loser);
      const isIntended = winner.basis === 'amortized' && loser.basis !== 'amortized' && loser.format === 'azure-cost';
      if (accountMonths > 0 && !isIntended)
        problems.push(exportsOverlap({ winner: winner.name, loser: loser.name, accountMonths }));
    }
  }
  return problems;
}

function mayOverlap(winner: Export, loser: Export): boolean {
  if (winner.format !== loser.format) return true;
  if (winner.format !== 'azure-cost') return false;
  if (winner.sourceIndex !== loser.sourceIndex || winner.basis !== loser.basis) return true;
  return winner.hasOwnFolder && loser.hasOwnFolder;
}

/** The exports by rank, the one that wins over all others first. */
async function findExports(connection: DuckDBConnection, held: readonly HeldFile[]): Promise<readonly Export[]> {
  const formats = new Map(
    (await readRows(connection, 'SELECT source_id, format FROM billing_file')).map((row) => [
      row.number('source_id'),
      row.text('format') as BillingFormatName,
    ]),
  );
  const bases = await azureBases(connection);
  const groups = new Map<string, HeldFile[]>();
  for (const file of held) {
    const format = formats.get(file.sourceId);
    if (format === undefined) continue;
    const folder = format === 'azure-cost' ? (exportFolder(file.path) ?? path.dirname(file.path)) : '';
    const key = `${String(file.sourceIndex).padStart(6, '0')} ${format} ${folder}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()]
    .flatMap((files) => toExports(files, { formats, bases }))
    .toSorted(
      (left, right) =>
        Number(right.basis === 'amortized') - Number(left.basis === 'amortized') ||
        left.sourceIndex - right.sourceIndex ||
        formatRank(left.format) - formatRank(right.format),
    );
}

/** One export; two where a folder mixes both kinds of Azure's, whose undecided files go with the amortized ones. */
function toExports(
  files: readonly HeldFile[],
  known: {
    readonly formats: ReadonlyMap<number, BillingFormatName>;
    readonly bases: ReadonlyMap<number, 'actual' | 'amortized'>;
  },
): readonly Export[] {
  const [first] = files;
  if (first === undefined) return [];
  const format = known.formats.get(first.sourceId) ?? 'focus';
  const found = new Set(files.flatMap(({ sourceId }) => known.bases.get(sourceId) ?? []));
  const build = (chosen: readonly HeldFile[], basis: Export['basis']): Export => ({
    name: exportFolder(first.path) ?? first.path,
    format,
    sourceIndex: first.sourceIndex,
    sourceIds: [...new Set(chosen.map(({ sourceId }) => sourceId))],
    basis,
    hasOwnFolder: exportFolder(first.path) !== undefined,
  });
  if (found.size < 2) return [build(files, [...found][0])];
  const isActual = ({ sourceId }: HeldFile): boolean => known.bases.get(sourceId) === 'actual';
  return [
    build(
      files.filter((file) => !isActual(file)),
      'amortized',
    ),
    build(files.filter(isActual), 'actual'),
  ];
}

function formatRank(format: BillingFormatName): number {
  return billingFormats.findIndex(({ name }) => name === format);
}

/** An amortized file has covered use that costs something, an actual one purchases of commitments or free covered use. */
async function azureBases(connection: DuckDBConnection): Promise<ReadonlyMap<number, 'actual' | 'amortized'>> {
  const rows = await readRows(
    connection,
    `SELECT source_id, CASE WHEN bool_or("CommitmentDiscountStatus" IS NOT NULL AND "EffectiveCost" <> 0) THEN 'amortized'
       ELSE 'actual' END AS basis
     FROM billing_source_row SEMI JOIN (SELECT source_id FROM billing_file WHERE format = 'azure-cost') USING (source_id)
     WHERE "CommitmentDiscountStatus" IS NOT NULL OR ("ChargeCategory" = 'Purchase' AND "PricingCategory" = 'Committed')
     GROUP BY source_id`,
  );
  return new Map(
    rows.map((row) => [row.number('source_id'), row.text('basis') === 'amortized' ? 'amortized' : 'actual']),
  );
}

/** Accounts are compared by the last part of their id: FOCUS writes `/subscriptions/…` where Azure's own export does not. */
const accountMonthSql = (list: string): string => `
  SELECT DISTINCT source_id, coalesce("BillingAccountId", '') AS account, coalesce("SubAccountId", '') AS sub,
    regexp_extract(lower(coalesce("BillingAccountId", '')), '[^/]*$') AS account_key,
    regexp_extract(lower(coalesce("SubAccountId", '')), '[^/]*$') AS sub_key,
    date_trunc('month', coalesce("BillingPeriodStart", "ChargePeriodStart")) AS billing_month
  FROM billing_source_row WHERE source_id IN (${list})`;

/** Marks what the loser holds of the winner's accounts and months; returns how many those are. */
async function supersede(connection: DuckDBConnection, winner: Export, loser: Export): Promise<number> {
  const losesPurchases = !(
    winner.basis === 'amortized' &&
    loser.format === 'azure-cost' &&
    loser.basis !== 'amortized'
  );
  const ids = (side: Export): string => side.sourceIds.join(', ');
  const rows = await readRows(
    connection,
    `INSERT INTO billing_superseded
     WITH held AS (${accountMonthSql(ids(loser))}),
     winning AS (${accountMonthSql(ids(winner))}),
     same AS (SELECT DISTINCT sub_key, billing_month FROM winning WHERE sub_key <> ''),
     accounts AS (SELECT DISTINCT account_key, billing_month FROM winning WHERE account_key <> '')
     SELECT source_id, account, sub, billing_month,
       CASE WHEN same.sub_key IS NULL AND held.sub_key <> '' THEN 'all' ELSE '${losesPurchases ? 'none' : 'purchases'}' END
     FROM held LEFT JOIN same USING (sub_key, billing_month) LEFT JOIN accounts USING (account_key, billing_month)
     WHERE (same.sub_key IS NOT NULL
         OR (accounts.account_key IS NOT NULL AND (held.sub_key = '' OR ${String(!losesPurchases)})))
       AND NOT EXISTS (SELECT 1 FROM billing_superseded AS done WHERE done.source_id = held.source_id
         AND done."BillingAccountId" = account AND done."SubAccountId" = sub AND done.billing_month = held.billing_month)
     RETURNING "BillingAccountId", "SubAccountId", billing_month, kept`,
  );
  const yielding = rows.filter((row) => row.text('kept') !== 'all');
  return new Set(yielding.map((row) => `${row.text('BillingAccountId')} ${row.text('SubAccountId')}`)).size;
}
