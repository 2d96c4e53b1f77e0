import type { DuckDBConnection } from '@duckdb/node-api';
import type { Problem } from '../../domain/index.ts';
import { readRow, type SourceRowCounts } from '../../ledger/index.ts';
import { FileRefused, truncated } from '../source-files/index.ts';
import { fileRelation, type BillingLoad, type FileRelation } from './file-relation.ts';
import { findBadLines, type BadLines } from './json-lines.ts';
import { badLineProblems, tagsBroken, unreadableContent } from './problems.ts';
import { readRejects, rejectProblems } from './rejected-rows.ts';
import { removeBrokenTags, removeInvalidRows } from './validate-rows.ts';

type LoadedFile = SourceRowCounts & { readonly problems: readonly Problem[] };

/** Loads one file into `billing_source_row`. @throws FileRefused when nothing of it can be used. */
export async function loadBillingFile(file: BillingLoad): Promise<LoadedFile> {
  return insertRows(file, await fileRelation(file));
}

/** What the columns that are never empty become in the ledger. */
const neverNull = ['BilledCost', 'EffectiveCost', 'ListCost', 'ChargePeriodStart', 'ChargePeriodEnd'];

/**
 * Finds the lines of rows whose mandatory fields are empty: an empty field is a NULL at first, and then, read once more
 * without any word for NULL, a rejected row. DuckDB 1.5's `force_not_null` would do it in one pass, but takes the wrong
 * columns as soon as not all are read.
 */
async function rejectEmptyFields(file: BillingLoad, relation: FileRelation): Promise<void> {
  const { connection } = file.ledger;
  const empty = `source_id = $id AND (${neverNull.map((name) => `"${name}" IS NULL`).join(' OR ')})`;
  const emptyRows = await countRows(connection, `FROM billing_source_row WHERE ${empty}`, { id: file.sourceId });
  const needed = relation.format.neverEmpty.filter((name) => relation.format.csvTypes[name] !== undefined);
  if (emptyRows === 0 || relation.strictSql === undefined) return;
  const before = await countRows(connection, 'FROM (SELECT DISTINCT line FROM billing_reject)', {});
  await connection.run(`SELECT ${needed.map((name) => `max("${name}")`).join(', ')} FROM ${relation.strictSql}`, {
    file: file.staged.stagedPath,
  });
  const after = await countRows(connection, 'FROM (SELECT DISTINCT line FROM billing_reject)', {});
  if (after - before !== emptyRows) return;
  await connection.run(`DELETE FROM billing_source_row WHERE ${empty}`, { id: file.sourceId });
}

/** DuckDB makes an empty row of a line that is no JSON object; the lines are looked up only when there are such rows. */
async function removeBadLines(file: BillingLoad): Promise<BadLines | undefined> {
  const { connection } = file.ledger;
  const empty = `source_id = $id AND "ChargePeriodStart" IS NULL AND "BilledCost" IS NULL AND "BillingCurrency" IS NULL`;
  const emptyRows = await countRows(connection, `FROM billing_source_row WHERE ${empty}`, { id: file.sourceId });
  if (emptyRows === 0) return undefined;
  const bad = await findBadLines(file.staged.stagedPath);
  if (bad.endsInMidLine) throw new FileRefused([truncated('BILLING_FILE_TRUNCATED', file.path)]);
  await connection.run(`DELETE FROM billing_source_row WHERE ${empty}`, { id: file.sourceId });
  return { ...bad, count: emptyRows };
}

async function countRows(
  connection: DuckDBConnection,
  from: string,
  bindings: Readonly<Record<string, number>>,
): Promise<number> {
  return (await readRow(connection, `SELECT count(*) AS n ${from}`, bindings)).number('n');
}

async function insertRows(file: BillingLoad, relation: FileRelation): Promise<LoadedFile> {
  const { connection } = file.ledger;
  const { stagedPath } = file.staged;
  const projection = relation.format.rows(relation.columns);
  const usesCurrency = Object.values(projection.columns).some((sql) => sql.includes('$currency'));
  const bindings = { ...projection.bindings, ...(usesCurrency ? { currency: file.source.currency ?? 'USD' } : {}) };
  const select = Object.entries(projection.columns).map(([name, sql]) => `${sql} AS "${name}"`);
  try {
    await connection.run(
      `INSERT INTO billing_source_row BY NAME
       WITH source AS (SELECT * FROM ${relation.sql})
       SELECT $source_id AS source_id, ${select.join(',\n  ')} FROM ${projection.from}`,
      { ...bindings, file: stagedPath, source_id: file.sourceId },
    );
    await connection.run('INSERT INTO billing_file VALUES ($id, $format)', {
      id: file.sourceId,
      format: relation.format.name,
    });
    const badLines = relation.isJson === true ? await removeBadLines(file) : undefined;
    const isCsv = relation.strictSql !== undefined;
    if (isCsv) await rejectEmptyFields(file, relation);
    const rejects = isCsv ? await readRejects(connection, stagedPath) : undefined;
    if (rejects?.endsInMidRow === true) throw new FileRefused([truncated('BILLING_FILE_TRUNCATED', file.path)]);
    if (isCsv) await connection.run('DROP TABLE billing_reject; DROP TABLE billing_reject_scan');
    const invalid = await removeInvalidRows(connection, file);
    const brokenTags = await removeBrokenTags(connection, file.sourceId);
    return {
      rows: invalid.keptRowCount,
      rejectedRows: (rejects?.rowCount ?? 0) + (badLines?.count ?? 0) + invalid.rowCount,
      problems: [
        ...(relation.format.columnProblems?.(file.path, relation.header) ?? []),
        ...(rejects === undefined ? [] : rejectProblems(file.path, rejects)),
        ...(badLines === undefined ? [] : badLineProblems(file.path, badLines)),
        ...invalid.problems,
        ...(brokenTags === 0 ? [] : [tagsBroken(file.path, brokenTags)]),
      ],
    };
  } catch (error) {
    if (error instanceof FileRefused) throw error;
    throw new FileRefused([unreadableContent(file.path, error)]);
  }
}
