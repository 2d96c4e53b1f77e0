import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

export const examples = path.join(import.meta.dirname, '../../examples');
export const worldEnd = '2026-11-01 00:00:00';

export type Row = Readonly<Record<string, number | string | null>>;

/** Questions about the example world's files, asked of DuckDB alone: no code of the product is in between. */
export interface WorldData {
  rows(sql: string, bindings?: readonly (number | string)[]): Promise<readonly Row[]>;
  /** The only row of an answer. */
  row(sql: string, bindings?: readonly (number | string)[]): Promise<Row>;
  close(): void;
}

/** Views: `sample` (all clusters), `gpu` (an hour of a GPU, with the workload's name), `charge` (both clouds). */
export async function openWorldData(folder: string = examples): Promise<WorldData> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  for (const view of views(folder)) await connection.run(view);
  const rows = async (sql: string, bindings: readonly (number | string)[] = []): Promise<readonly Row[]> => {
    const reader = await connection.runAndReadAll(sql, [...bindings]);
    return reader.getRowObjectsJS() as readonly Row[];
  };
  return {
    rows,
    row: async (sql, bindings) => {
      const [only, ...others] = await rows(sql, bindings);
      if (only === undefined || others.length > 0) throw new Error(`${others.length} rows too many for ${sql}`);
      return only;
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function views(folder: string): readonly string[] {
  const label = (name: string): string => `nullif(regexp_extract(line, '[{,]${name}="([^"]*)"', 1), '')`;
  return [
    `CREATE TABLE sample AS
     SELECT * FROM read_parquet('${folder}/metrics/prod-*/*.parquet')
     UNION ALL BY NAME
     SELECT make_timestamp(CAST(regexp_extract(line, ' (\\d+)$', 1) AS BIGINT) * 1000000) AS timestamp,
       regexp_extract(line, '^[^{]+') AS metric, CAST(regexp_extract(line, '} (\\S+) ', 1) AS DOUBLE) AS value,
       ${label('cluster')} AS cluster, ${label('Hostname')} AS "Hostname", ${label('gpu')} AS gpu,
       ${label('UUID')} AS "UUID", ${label('modelName')} AS "modelName", ${label('exported_namespace')} AS namespace,
       ${label('exported_pod')} AS pod, ${label('exported_container')} AS container
     FROM read_csv('${folder}/metrics/staging/*.prom.gz', columns = {'line': 'VARCHAR'}, header = false,
       delim = '\\x01', quote = '', escape = '', auto_detect = false)
     WHERE NOT starts_with(line, '#')`,
    `CREATE TABLE gpu AS
     PIVOT (SELECT *, date_trunc('hour', timestamp) AS hour, "UUID" || coalesce('/' || "GPU_I_ID", '') AS card
       FROM sample WHERE starts_with(metric, 'DCGM'))
     ON metric USING any_value(value)
     GROUP BY cluster, namespace, pod, "Hostname", card, "modelName", "GPU_I_PROFILE", hour`,
    `CREATE VIEW aws AS SELECT * FROM read_parquet('${folder}/billing/aws/*.parquet')`,
    `CREATE VIEW gcp AS SELECT * FROM read_csv('${folder}/billing/gcp/*.csv.gz', all_varchar = true, header = true)`,
  ];
}
