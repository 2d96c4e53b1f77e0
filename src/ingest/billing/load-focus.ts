import type { Problem } from '../../domain/index.ts';
import { readRows, type SourceRowCounts } from '../../ledger/index.ts';
import { FileRefused, truncated, type FileLoad } from '../source-files/index.ts';
import { readCsvHeader, type CsvHeader } from './csv-header.ts';
import { canonicalColumn, csvTypes, mandatoryFocusColumns, neededColumns, readColumns } from './focus-columns.ts';
import { billingProjection, type PresentColumns } from './projection.ts';
import { formatUnknown, missingColumns, tagsBroken, unreadableContent } from './problems.ts';
import { readRejects, rejectProblems } from './rejected-rows.ts';
import { removeBrokenTags, removeInvalidRows } from './validate-rows.ts';

export type BillingLoad = FileLoad<{ readonly path: string }>;

/** Loads one FOCUS file, Parquet or CSV, into `billing_row`. @throws FileRefused when nothing of it can be used. */
export async function loadFocus(
  file: BillingLoad,
): Promise<SourceRowCounts & { readonly problems: readonly Problem[] }> {
  switch (file.staged.content) {
    case 'parquet':
      return loadParquet(file);
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
    case 'text':
      return loadCsv(file);
  }
}

async function loadParquet(file: BillingLoad): ReturnType<typeof loadFocus> {
  const { connection } = file.ledger;
  const bindings = { file: file.staged.stagedPath };
  const columns = await readRows(
    connection,
    'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($file))',
    bindings,
  ).catch((error: unknown) => {
    throw new FileRefused([unreadableContent(file.path, error)]);
  });
  const present = new Map<string, string>();
  for (const row of columns) {
    const name = canonicalColumn(row.text('column_name'));
    if (name !== undefined && !present.has(name)) present.set(name, row.text('column_type'));
  }
  const columnProblems = checkColumns(
    file.path,
    present,
    columns.map((row) => row.text('column_name')),
  );
  return insertRows(file, { from: 'read_parquet($file)', present, columnProblems, isCsv: false });
}

async function loadCsv(file: BillingLoad): ReturnType<typeof loadFocus> {
  const header = await readCsvHeader(file.staged.stagedPath);
  const names = csvColumnNames(header);
  const present = new Map(names.filter((name) => canonicalColumn(name) === name).map((name) => [name, 'VARCHAR']));
  const columnProblems = checkColumns(file.path, present, header.names);
  return insertRows(file, { from: csvSource(header, names), present, columnProblems, isCsv: true });
}

/** Our own name for each column by its position: the specification's, or a number for columns that are not read. */
function csvColumnNames(header: CsvHeader): readonly string[] {
  const taken = new Set<string>();
  return header.names.map((name, index) => {
    const canonical = canonicalColumn(name);
    if (canonical === undefined || taken.has(canonical) || !readColumns.includes(canonical)) {
      if (canonical !== undefined) taken.add(canonical);
      return `column ${index + 1}`;
    }
    taken.add(canonical);
    return canonical;
  });
}

/** Nothing is sniffed: every column has its type, and no name from the file gets into the SQL. */
function csvSource(header: CsvHeader, names: readonly string[]): string {
  const columns = names.map((name) => `'${name}': '${csvTypes[name] ?? 'VARCHAR'}'`).join(', ');
  const required = neededColumns.map((name) => `'${name}'`).join(', ');
  return `read_csv($file, header = true, auto_detect = false, delim = '${header.delimiter}', quote = '"', escape = '"',
    nullstr = ['', 'NULL'], force_not_null = [${required}], columns = {${columns}},
    store_rejects = true, rejects_table = 'billing_reject', rejects_scan = 'billing_reject_scan', rejects_limit = 0)`;
}

function checkColumns(path: string, present: PresentColumns, header: readonly string[]): readonly Problem[] {
  const names = new Set(header.map(canonicalColumn));
  const missing = mandatoryFocusColumns.filter((column) => !names.has(column));
  const needed = neededColumns.filter((column) => !present.has(column));
  if (needed.length > 0) throw new FileRefused([missingColumns(path, missing, { needed, header })]);
  return missing.length === 0 ? [] : [missingColumns(path, missing, undefined)];
}

async function insertRows(
  file: BillingLoad,
  source: {
    readonly from: string;
    readonly present: PresentColumns;
    readonly columnProblems: readonly Problem[];
    readonly isCsv: boolean;
  },
): ReturnType<typeof loadFocus> {
  const { connection } = file.ledger;
  const { stagedPath } = file.staged;
  try {
    await connection.run(`INSERT INTO billing_row SELECT ${billingProjection(source.present)} FROM ${source.from}`, {
      file: stagedPath,
      source_id: file.sourceId,
    });
    const rejects = source.isCsv ? await readRejects(connection, stagedPath) : undefined;
    if (rejects?.endsInMidRow === true) throw new FileRefused([truncated('BILLING_FILE_TRUNCATED', file.path)]);
    if (source.isCsv) await connection.run('DROP TABLE billing_reject; DROP TABLE billing_reject_scan');
    const invalid = await removeInvalidRows(connection, file);
    const brokenTags = await removeBrokenTags(connection, file.sourceId);
    return {
      rows: invalid.keptRowCount,
      rejectedRows: (rejects?.rowCount ?? 0) + invalid.rowCount,
      problems: [
        ...source.columnProblems,
        ...(rejects === undefined ? [] : rejectProblems(file.path, rejects)),
        ...invalid.problems,
        ...(brokenTags === 0 ? [] : [tagsBroken(file.path, brokenTags)]),
      ],
    };
  } catch (error) {
    if (error instanceof FileRefused) throw error;
    throw new FileRefused([unreadableContent(file.path, error)]);
  }
}
