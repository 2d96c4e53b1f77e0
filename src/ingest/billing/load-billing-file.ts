import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { BillingFormatName, CurrencyCode, Problem } from '../../domain/index.ts';
import { readRow, readRows, type SourceRowCounts } from '../../ledger/index.ts';
import { FileRefused, truncated, type FileLoad } from '../source-files/index.ts';
import { readCsvHeader, type CsvHeader } from './csv-header.ts';
import { detectFormat } from './detect-format.ts';
import { FileColumns, type FileColumn, type TagColumn } from './file-columns.ts';
import type { BillingFormat } from './formats/index.ts';
import { findBadLines, jsonKeys, type BadLines } from './json-lines.ts';
import { badLineProblems, formatUnknown, tagsBroken, unreadableContent } from './problems.ts';
import { readRejects, rejectProblems } from './rejected-rows.ts';
import { removeBrokenTags, removeInvalidRows } from './validate-rows.ts';

export type BillingLoad = FileLoad<{
  readonly path: string;
  readonly format: BillingFormatName | 'auto';
  readonly currency?: CurrencyCode;
}>;

type LoadedFile = SourceRowCounts & { readonly problems: readonly Problem[] };

/** One file as a relation that its format can project. */
interface FileRelation {
  readonly format: BillingFormat;
  readonly columns: FileColumns;
  readonly header: readonly string[];
  /** A table function with its own column names, which binds `$file`. */
  readonly sql: string;
  /** Of CSV, the same with no word for NULL. */
  readonly strictSql?: string;
  readonly isJson?: true;
}

/** Loads one file into `billing_source_row`. @throws FileRefused when nothing of it can be used. */
export async function loadBillingFile(file: BillingLoad): Promise<LoadedFile> {
  switch (file.staged.content) {
    case 'parquet':
      return insertRows(file, await parquetRelation(file));
    case 'parquet-without-footer':
      throw new FileRefused([truncated('BILLING_FILE_TRUNCATED', file.path)]);
    case 'zstd':
      throw new FileRefused([
        formatUnknown(
          file.path,
          'The file is packed with zstd, which cannot be checked for being whole.',
          'Unpack it with `zstd -d`, or export it as Parquet, CSV or gzipped CSV.',
        ),
      ]);
    case 'empty':
      throw new FileRefused([formatUnknown(file.path, 'The file is empty.', 'Export it again, or remove it.')]);
    case 'text': {
      const keys = await jsonKeys(file.staged.stagedPath);
      return insertRows(file, keys === undefined ? await csvRelation(file) : await jsonRelation(file, keys));
    }
  }
}

async function parquetRelation(file: BillingLoad): Promise<FileRelation> {
  const described = await readRows(
    file.ledger.connection,
    'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($file))',
    { file: file.staged.stagedPath },
  ).catch((error: unknown) => {
    throw new FileRefused([unreadableContent(file.path, error)]);
  });
  const header = described.map((row) => row.text('column_name'));
  const types = described.map((row) => row.text('column_type'));
  const format = detectFormat(file.path, header, file.source.format);
  const columns = ownColumns(format, header, types);
  const names = columns.all.map(({ name }) => `"${name}"`).join(', ');
  return { format, columns, header, sql: `read_parquet($file) AS file(${names})` };
}

async function csvRelation(file: BillingLoad): Promise<FileRelation> {
  const header = await readCsvHeader(file.staged.stagedPath);
  const format = detectFormat(file.path, header.names, file.source.format);
  const columns = ownColumns(format, header.names, []);
  return {
    format,
    columns,
    header: header.names,
    sql: csvSource(format, header, columns, `['', 'NULL']`),
    strictSql: csvSource(format, header, columns, `['\\N\\N']`),
  };
}

/** A JSON document is read as a whole, and takes DuckDB several times its size. */
const documentBytesMax = 64 * 2 ** 20;

/** Newline-delimited JSON, as BigQuery exports it; keys that are null everywhere in the sample may come later. */
async function jsonRelation(file: BillingLoad, keys: readonly string[]): Promise<FileRelation> {
  const format = detectFormat(file.path, keys, file.source.format);
  if (format.jsonTypes === undefined) {
    throw new FileRefused([
      formatUnknown(
        file.path,
        `The file is JSON, which is not read as ${format.title}.`,
        'Export it as CSV or Parquet.',
      ),
    ]);
  }
  const { size } = await stat(file.staged.stagedPath);
  if (format.jsonLayout === 'document' && size > documentBytesMax) {
    throw new FileRefused([
      formatUnknown(
        file.path,
        `The JSON document is larger than ${documentBytesMax / 2 ** 20} MiB, which cannot be read at once.`,
        'Ask for shorter windows, and save each answer as a file of its own.',
      ),
    ]);
  }
  const columns = new FileColumns(Object.entries(format.jsonTypes).map(([name, type]) => ({ name, type })));
  const typed = columns.all.map(({ name, type }) => `'${name}': '${type}'`).join(', ');
  return {
    format,
    columns,
    header: keys,
    sql:
      format.jsonLayout === 'document'
        ? `read_json($file, format = 'unstructured', maximum_object_size = ${Math.max(size, 2 ** 16)}, columns = {${typed}})`
        : `read_json($file, format = 'newline_delimited', ignore_errors = true, columns = {${typed}})`,
    isJson: true,
  };
}

/** Our own name for each column by its position; of two that mean the same the first one is read. */
function ownColumns(format: BillingFormat, header: readonly string[], types: readonly string[]): FileColumns {
  const taken = new Set<string>();
  const all: FileColumn[] = [];
  const tagColumns: TagColumn[] = [];
  for (const [index, written] of header.entries()) {
    const type = types[index] ?? 'VARCHAR';
    const known = format.columnOf(written);
    const key = known === undefined ? format.tagKeyOf?.(written) : undefined;
    const name = known !== undefined && !taken.has(known) ? known : `column ${index + 1}`;
    taken.add(name);
    all.push({ name, type });
    if (key !== undefined) tagColumns.push({ key, column: name });
  }
  return new FileColumns(all, tagColumns);
}

/** Nothing is sniffed: every column has its type, and no name from the file gets into the SQL. */
function csvSource(format: BillingFormat, header: CsvHeader, { all }: FileColumns, nulls: string): string {
  const columns = all.map(({ name }) => `'${name}': '${format.csvTypes[name] ?? 'VARCHAR'}'`).join(', ');
  return `read_csv($file, header = true, auto_detect = false, delim = '${header.delimiter}', quote = '"', escape = '"',
    nullstr = ${nulls}, columns = {${columns}},
    store_rejects = true, rejects_table = 'billing_reject', rejects_scan = 'billing_reject_scan', rejects_limit = 0)`;
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
