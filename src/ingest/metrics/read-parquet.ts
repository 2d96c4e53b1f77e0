import type { DuckDBConnection } from '@duckdb/node-api';
import { readRow, readRows } from '../../ledger/index.ts';
import { FileRefused } from '../source-files/index.ts';
import { keptMetricNames } from './known-metrics.ts';
import { formatUnknown, parquetRowsInvalid, unreadableContent } from './problems.ts';
import type { ExpositionCounts } from './read-exposition.ts';
import { seriesLabels, podSeriesLabels } from './series-labels.ts';

/** Loads samples from Parquet in long form: `timestamp`, `metric`, `value`, and labels as columns or a `labels` MAP. */
export async function readParquetSamples(
  connection: DuckDBConnection,
  file: { readonly path: string; readonly stagedPath: string },
): Promise<ExpositionCounts> {
  try {
    return await loadSamples(connection, file);
  } catch (error) {
    if (error instanceof FileRefused) throw error;
    throw new FileRefused([unreadableContent(file.path, error)]);
  }
}

async function loadSamples(
  connection: DuckDBConnection,
  file: { readonly path: string; readonly stagedPath: string },
): Promise<ExpositionCounts> {
  const bindings = { file: file.stagedPath };
  const described = await readRows(
    connection,
    'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($file))',
    bindings,
  );
  const types = new Map(described.map((row) => [row.text('column_name').toLowerCase(), row.text('column_type')]));
  const missing = ['timestamp', 'metric', 'value'].filter((column) => !types.has(column));
  if (missing.length > 0) throw new FileRefused([formatUnknown(file.path, missing)]);
  const metrics = [...keptMetricNames].map((name) => `'${name}'`).join(', ');
  const label = (names: readonly string[]): string => labelSql(types, names);
  const labels = seriesLabels.map(({ column, labels }) => `${label(labels)} AS ${column}`);
  const rest = podSeriesLabels.map((name) => label([name]));
  await connection.run(
    `CREATE TEMP TABLE metric_row AS
     SELECT CAST("metric" AS VARCHAR) AS metric, ${labels.join(', ')},
       CAST(to_json([${rest.join(', ')}]) AS VARCHAR) AS label_text,
       ${epochMsSql(types.get('timestamp') ?? '')} AS at_ms, TRY_CAST("value" AS DOUBLE) AS value
     FROM read_parquet($file) WHERE CAST("metric" AS VARCHAR) IN (${metrics})`,
    bindings,
  );
  const columns = ['metric', ...seriesLabels.map(({ column }) => column), 'label_text'].join(', ');
  const valid = `at_ms >= epoch_ms(TIMESTAMP '2000-01-01') AND at_ms < epoch_ms(TIMESTAMP '2100-01-01') AND value IS NOT NULL`;
  await connection.run(`
    INSERT INTO metric_series SELECT row_number() OVER (), * FROM (SELECT DISTINCT ${columns} FROM metric_row);
    CREATE TEMP TABLE metric_key AS
      SELECT series_id, md5(CAST(to_json(row(${columns})) AS VARCHAR)) AS key FROM metric_series;
    INSERT INTO metric_sample
      SELECT series_id, at_ms, value FROM metric_row JOIN metric_key ON key = md5(CAST(to_json(row(${columns})) AS VARCHAR))
      WHERE ${valid}`);
  const counts = await readRow(
    connection,
    `SELECT (SELECT count(*) FROM read_parquet($file)) AS total, count(*) AS kept,
       count(*) FILTER (coalesce(${valid}, false)) AS valid FROM metric_row`,
    bindings,
  );
  await connection.run('DROP TABLE metric_row; DROP TABLE metric_key');
  const rejected = counts.number('kept') - counts.number('valid');
  return {
    samples: counts.number('valid'),
    ignoredSamples: counts.number('total') - counts.number('kept'),
    rejectedLines: rejected,
    problems: rejected === 0 ? [] : [parquetRowsInvalid(file.path, rejected)],
  };
}

/** The first label that is there and not empty; only names from our own lists get into the SQL. */
function labelSql(types: ReadonlyMap<string, string>, names: readonly string[]): string {
  const hasMap = types.get('labels')?.startsWith('MAP(') === true;
  const candidates = names.flatMap((name) => [
    ...(types.has(name.toLowerCase()) ? [`nullif(CAST("${name}" AS VARCHAR), '')`] : []),
    ...(hasMap ? [`nullif(CAST("labels"['${name}'] AS VARCHAR), '')`] : []),
  ]);
  return candidates.length === 0 ? 'CAST(NULL AS VARCHAR)' : `coalesce(${candidates.join(', ')})`;
}

/** Numbers from 10¹¹ on are milliseconds, which as seconds would be after the year 5000; smaller ones are seconds. */
function epochMsSql(type: string): string {
  if (/^(TIMESTAMP|DATE)/.test(type)) return `epoch_ms(CAST("timestamp" AS TIMESTAMPTZ))`;
  return `CAST(round(CASE WHEN TRY_CAST("timestamp" AS DOUBLE) >= 1e11 THEN TRY_CAST("timestamp" AS DOUBLE)
    ELSE TRY_CAST("timestamp" AS DOUBLE) * 1000 END) AS BIGINT)`;
}
