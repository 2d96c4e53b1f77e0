import { stat } from 'node:fs/promises';
import type { BillingFormatName, CurrencyCode } from '../../domain/index.ts';
import { readRows } from '../../ledger/index.ts';
import { FileRefused, truncated, type FileLoad } from '../source-files/index.ts';
import { readCsvHeader, type CsvHeader } from './csv-header.ts';
import { detectFormat } from './detect-format.ts';
import { FileColumns, type FileColumn, type TagColumn } from './file-columns.ts';
import type { BillingFormat } from './formats/index.ts';
import { jsonKeys } from './json-lines.ts';
import { formatUnknown, unreadableContent } from './problems.ts';

export type BillingLoad = FileLoad<{
  readonly path: string;
  readonly format: BillingFormatName | 'auto';
  readonly currency?: CurrencyCode;
}>;

/** One file as a relation that its format can project. */
export interface FileRelation {
  readonly format: BillingFormat;
  readonly columns: FileColumns;
  readonly header: readonly string[];
  /** A table function with its own column names, which binds `$file`. */
  readonly sql: string;
  /** Of CSV, the same with no word for NULL. */
  readonly strictSql?: string;
  readonly isJson?: true;
}

/** Finds a file's format and the SQL that reads it. @throws FileRefused when it has none or cannot be read. */
export async function fileRelation(file: BillingLoad): Promise<FileRelation> {
  switch (file.staged.content) {
    case 'parquet':
      return parquetRelation(file);
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
      return keys === undefined ? csvRelation(file) : jsonRelation(file, keys);
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
    // An empty TIMESTAMPTZ is a NULL all the same, an empty TIMESTAMP is not.
    strictSql: csvSource(format, header, columns, `['\\N\\N']`).replaceAll(`'TIMESTAMPTZ'`, `'TIMESTAMP'`),
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
