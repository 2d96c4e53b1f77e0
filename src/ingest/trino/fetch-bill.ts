import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError, type EpochMs, type Problem, type Progress } from '../../domain/index.ts';
import { openEndpoint, type Endpoint, type Pacing } from '../http/index.ts';
import { openAnswerFile, scratchPrefix } from './answer-file.ts';
import {
  describeQuery,
  focusColumns,
  missingColumns,
  monthQuery,
  monthsBetween,
  type TableColumn,
} from './month-query.ts';
import { columnsMissing, nothingBilled, TrinoUnreachable, type StatementPlace } from './problems.ts';
import type { TrinoSource } from './source.ts';
import { runStatement, type StatementOptions } from './statement.ts';

export interface FetchedBill {
  /** Folders of Parquet files in FOCUS form, one for each table that ever answered. */
  readonly folders: readonly string[];
  readonly problems: readonly Problem[];
}

export interface FetchBillOptions {
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
  /** Belongs to this source alone; below it one folder a table and one file a billing month. */
  readonly folder: string;
  readonly memoryLimitMib: number;
  readonly pacing: Pacing;
  readonly progress: Progress;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/**
 * Has Trino add up the bill of every billing month that a window touches, and keeps each answer as a file; read the
 * folders as `focus` afterwards. A month whose charges did not change gives the same bytes, which the ledger holds
 * already. What fails is reported; what was fetched before stays.
 */
export async function fetchBill(source: TrinoSource, options: FetchBillOptions): Promise<FetchedBill> {
  options.progress.stage('asking Trino for the bill');
  const problems: Problem[] = [];
  await mkdir(options.folder, { recursive: true });
  for (const name of await readdir(options.folder)) {
    if (name.startsWith(scratchPrefix)) await rm(path.join(options.folder, name), { recursive: true });
  }
  try {
    const endpoint = await openEndpoint(withUser(source), options.environment ?? process.env);
    try {
      for (const table of source.tables) problems.push(...(await fetchTable(source, table, endpoint, options)));
    } finally {
      endpoint.close();
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    problems.push(error.problem);
  }
  const folders = source.tables.map((table) => path.join(options.folder, table));
  const found = await Promise.all(folders.map((folder) => stat(folder).catch(() => undefined)));
  return { folders: folders.filter((_, index) => found[index] !== undefined), problems };
}

/** Columns of the tables that Trino shows, for `flyball doctor`. @throws ProblemError when one cannot be read. */
export async function checkTrino(
  source: TrinoSource,
  options: { readonly pacing: Pacing; readonly environment?: Readonly<Record<string, string | undefined>> },
): Promise<ReadonlyMap<string, number>> {
  const endpoint = await openEndpoint(withUser(source), options.environment ?? process.env);
  try {
    const counts = new Map<string, number>();
    for (const table of source.tables) {
      const columns = await describeTable(table, statementOptions(source, endpoint, options));
      counts.set(table, columns.length);
    }
    return counts;
  } finally {
    endpoint.close();
  }
}

async function fetchTable(
  source: TrinoSource,
  table: string,
  endpoint: Endpoint,
  options: FetchBillOptions,
): Promise<readonly Problem[]> {
  const statements = statementOptions(source, endpoint, options);
  const months = monthsBetween(options.windowStart, options.windowEnd);
  let rows = 0;
  try {
    const columns = await describeTable(table, statements);
    for (const [index, month] of months.entries()) {
      const tell = (count: number): void =>
        options.progress.step(index, months.length, `${table} ${month}: ${count.toLocaleString('en')} rows`);
      rows += await fetchMonth({ source, table, columns, month }, statements, { ...options, tell });
    }
  } catch (error) {
    // Of another table the server may know more, unless it does not answer at all.
    if (error instanceof TrinoUnreachable || !(error instanceof ProblemError)) throw error;
    return [error.problem];
  }
  return rows === 0 ? [nothingBilled(placeOf(endpoint, `${table}, ${months.join(', ')}`), table)] : [];
}

async function fetchMonth(
  asked: {
    readonly source: TrinoSource;
    readonly table: string;
    readonly columns: readonly TableColumn[];
    readonly month: string;
  },
  statements: StatementOptions,
  options: FetchBillOptions & { readonly tell: (count: number) => void },
): Promise<number> {
  const { source, table, columns, month } = asked;
  const sql = monthQuery(table, columns, { month, granularity: source.granularity });
  const answer = await openAnswerFile({
    file: path.join(options.folder, table, `${month}.parquet`),
    columns: columns.map(({ focusName }) => focusName),
    temporaryDirectory: options.folder,
    memoryLimitMib: options.memoryLimitMib,
  });
  try {
    let count = 0;
    options.tell(0);
    for await (const { rows } of runStatement(sql, `${table}, billing month ${month}`, statements)) {
      answer.append(rows);
      count += rows.length;
      if (rows.length > 0) options.tell(count);
    }
    return await answer.finish();
  } finally {
    await answer.close();
  }
}

/** @throws StatementFailed when it is no FOCUS table. */
async function describeTable(table: string, statements: StatementOptions): Promise<readonly TableColumn[]> {
  const query = `columns of ${table}`;
  const described: { readonly name: string; readonly type: string }[] = [];
  for await (const { rows } of runStatement(describeQuery(table), query, statements)) {
    for (const [name, type] of rows) described.push({ name: String(name), type: String(type) });
  }
  const columns = focusColumns(described);
  const missing = missingColumns(columns);
  if (missing.length > 0) throw columnsMissing(placeOf(statements.endpoint, query), table, missing);
  return columns;
}

function statementOptions(
  source: TrinoSource,
  endpoint: Endpoint,
  { pacing, signal }: { readonly pacing: Pacing; readonly signal?: AbortSignal },
): StatementOptions {
  return { endpoint, pacing, timeoutMs: source.queryTimeoutMinutes * 60_000, signal };
}

function placeOf(endpoint: Endpoint, query: string): StatementPlace {
  return { url: endpoint.url, query };
}

/** Without PARAMETRIC_DATETIME the types of times would be shown with less precision than they have. */
function withUser(source: TrinoSource): TrinoSource {
  return {
    ...source,
    headers: {
      ...source.headers,
      'X-Trino-User': source.user,
      'X-Trino-Source': 'flyball',
      'X-Trino-Time-Zone': 'UTC',
      'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
    },
  };
}
