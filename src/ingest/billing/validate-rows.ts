import type { DuckDBConnection } from '@duckdb/node-api';
import type { Problem } from '../../domain/index.ts';
import { readRow } from '../../ledger/index.ts';
import type { FileLoad } from '../source-files/index.ts';
import { rowsWithout } from './problems.ts';

/** What each needed column must hold, as SQL that is never NULL. */
const requirements: readonly { readonly column: string; readonly holds: string; readonly expected: string }[] = [
  ...['BilledCost', 'EffectiveCost', 'ListCost'].map((column) => ({
    column,
    holds: `"${column}" IS NOT NULL`,
    expected: 'a decimal number below 10¹⁵',
  })),
  {
    column: 'BillingCurrency',
    holds: `coalesce(regexp_full_match("BillingCurrency", '[A-Z]{3}'), false)`,
    expected: 'an ISO 4217 code such as USD',
  },
  {
    column: 'ChargeCategory',
    holds: `coalesce("ChargeCategory" <> '', false)`,
    expected: 'one of the FOCUS categories',
  },
  ...['ChargePeriodStart', 'ChargePeriodEnd'].map((column) => ({
    column,
    holds: `coalesce("${column}" BETWEEN TIMESTAMP '2000-01-01' AND TIMESTAMP '2100-01-01', false)`,
    expected: 'a time between 2000 and 2100',
  })),
  {
    column: 'ChargePeriodEnd',
    holds: `coalesce("ChargePeriodEnd" >= "ChargePeriodStart", true)`,
    expected: 'a time not before ChargePeriodStart',
  },
];

/** Takes out the rows of a source that lack what every charge must say, and names each lacking column with a count. */
export async function removeInvalidRows(
  connection: DuckDBConnection,
  file: Pick<FileLoad<unknown>, 'sourceId' | 'path'>,
): Promise<{ readonly keptRowCount: number; readonly rowCount: number; readonly problems: readonly Problem[] }> {
  const valid = requirements.map(({ holds }) => `(${holds})`).join(' AND ');
  const counts = requirements.map(({ holds }, index) => `count(*) FILTER (NOT (${holds})) AS c${index}`).join(', ');
  const row = await readRow(
    connection,
    `SELECT count(*) AS n, count(*) FILTER (NOT (${valid})) AS invalid, ${counts} FROM billing_source_row WHERE source_id = $id`,
    { id: file.sourceId },
  );
  const rowCount = row.number('invalid');
  const keptRowCount = row.number('n') - rowCount;
  if (rowCount === 0) return { keptRowCount, rowCount, problems: [] };
  await connection.run(`DELETE FROM billing_source_row WHERE source_id = $id AND NOT (${valid})`, {
    id: file.sourceId,
  });
  const problems = requirements.flatMap(({ column, expected }, index) => {
    const count = row.number(`c${index}`);
    return count === 0 ? [] : [rowsWithout(file.path, { column, expected, count })];
  });
  return { keptRowCount, rowCount, problems };
}

/** Clears tags that are no JSON object, which would fail every later query; the rows stay. Returns how many. */
export async function removeBrokenTags(connection: DuckDBConnection, sourceId: number): Promise<number> {
  const type = `CASE WHEN json_valid("Tags") THEN json_type("Tags") ELSE 'INVALID' END`;
  const row = await readRow(
    connection,
    `SELECT count(*) FILTER (${type} NOT IN ('OBJECT', 'NULL')) AS broken,
       count(*) FILTER (${type} <> 'OBJECT') AS useless
     FROM billing_source_row WHERE source_id = $id AND "Tags" IS NOT NULL`,
    { id: sourceId },
  );
  if (row.number('useless') > 0) {
    await connection.run(
      `UPDATE billing_source_row SET "Tags" = NULL WHERE source_id = $id AND "Tags" IS NOT NULL AND ${type} <> 'OBJECT'`,
      { id: sourceId },
    );
  }
  return row.number('broken');
}
