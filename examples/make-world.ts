/**
 * Makes the bills and metrics of the example fleet from the trace samples in examples/traces. Deterministic: the same
 * code makes the same data.
 *
 *   npm run example:make [-- FOLDER]     default: examples
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DuckDBInstance, DuckDBTimestampValue, type DuckDBConnection } from '@duckdb/node-api';
import { awsColumns, awsRows } from './world/aws-bill.ts';
import { gcpLines } from './world/gcp-bill.ts';
import { clusterSamples, type Sample } from './world/samples.ts';
import { readShapes, type Shapes } from './world/shapes.ts';

const numericColumns: ReadonlySet<string> = new Set([
  'BilledCost',
  'ConsumedQuantity',
  'ContractedCost',
  'EffectiveCost',
  'ListCost',
  'ListUnitPrice',
  'PricingQuantity',
]);
const labelColumns = [
  'cluster',
  'Hostname',
  'gpu',
  'UUID',
  'modelName',
  'namespace',
  'pod',
  'container',
  'GPU_I_ID',
  'GPU_I_PROFILE',
] as const;

/** Writes billing/ and metrics/ below a folder; returns the files written. */
export async function makeWorld(
  folder: string,
  tell: (text: string) => void = () => undefined,
): Promise<readonly string[]> {
  const shapes = await readShapes();
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  const files = [
    path.join(folder, 'billing/aws/focus-2026-09-10.parquet'),
    path.join(folder, 'billing/gcp/focus-2026-09-10.csv.gz'),
    path.join(folder, 'metrics/prod-us/dcgm-2026-10.parquet'),
    path.join(folder, 'metrics/prod-eu/dcgm-2026-10.parquet'),
    path.join(folder, 'metrics/staging/dcgm-2026-10.prom.gz'),
  ] as const;
  for (const file of files) await mkdir(path.dirname(file), { recursive: true });
  tell(`making ${files[0]}`);
  await writeAwsBill(connection, files[0]);
  tell(`making ${files[1]}`);
  await writeFile(files[1], await promisify(gzip)([...gcpLines(), ''].join('\n'), { level: 9 }));
  tell(`making ${files[2]}`);
  await writeParquetSamples(connection, clusterSamples('prod-us', shapes), files[2]);
  tell(`making ${files[3]}`);
  await writeParquetSamples(connection, clusterSamples('prod-eu', shapes), files[3]);
  tell(`making ${files[4]}`);
  await writeFile(files[4], await promisify(gzip)(openMetrics(shapes), { level: 9 }));
  connection.closeSync();
  return files;
}

async function writeAwsBill(connection: DuckDBConnection, file: string): Promise<void> {
  const columns = awsColumns.map((column) => `"${column}" ${numericColumns.has(column) ? 'DOUBLE' : 'VARCHAR'}`);
  await connection.run(`CREATE TABLE aws (${columns.join(', ')})`);
  const appender = await connection.createAppender('aws');
  for (const row of awsRows()) {
    for (const column of awsColumns) {
      const value = row[column];
      if (value === null) appender.appendNull();
      else if (typeof value === 'number') appender.appendDouble(value);
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
  const typed = awsColumns.map((column) => {
    if (/Period(?:Start|End)$/.test(column)) return `"${column}"::TIMESTAMPTZ AS "${column}"`;
    return numericColumns.has(column) ? `"${column}"::DECIMAL(20,10) AS "${column}"` : `"${column}"`;
  });
  await connection.run(
    `COPY (SELECT ${typed.join(', ')} FROM aws ORDER BY "ChargePeriodStart", "ResourceId" NULLS FIRST, "SkuMeter", "ChargeCategory")
     TO '${file.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
  );
}

async function writeParquetSamples(
  connection: DuckDBConnection,
  samples: Iterable<Sample>,
  file: string,
): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TABLE sample (timestamp TIMESTAMP, metric VARCHAR, value FLOAT, ${labelColumns.map((label) => `"${label}" VARCHAR`).join(', ')})`,
  );
  const appender = await connection.createAppender('sample');
  for (const { timestamp, metric, value, labels } of samples) {
    appender.appendTimestamp(new DuckDBTimestampValue(BigInt(timestamp) * 1_000_000n));
    appender.appendVarchar(metric);
    appender.appendFloat(value);
    for (const label of labelColumns) {
      const text = labels[label];
      if (text === undefined) appender.appendNull();
      else appender.appendVarchar(text);
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(
    `COPY (SELECT * FROM sample ORDER BY metric, "Hostname", gpu, "GPU_I_ID", timestamp) TO '${file.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
  );
}

/** Staging's Prometheus honours no labels: the pod's labels are called exported_*, and pod is the exporter's own. */
function openMetrics(shapes: Shapes): string {
  const families = new Map<string, string[]>();
  for (const { timestamp, metric, value, labels } of clusterSamples('staging', shapes)) {
    const pairs: readonly (readonly [string, string | undefined])[] = [
      ['cluster', labels.cluster],
      ['Hostname', labels.Hostname],
      ['gpu', labels.gpu],
      ['UUID', labels.UUID],
      ['modelName', labels.modelName],
      ['namespace', 'gpu-operator'],
      ['pod', 'dcgm-exporter-7xk2p'],
      ['exported_namespace', labels.namespace],
      ['exported_pod', labels.pod],
      ['exported_container', labels.container],
    ];
    const text = pairs.flatMap(([name, label]) => (label === undefined ? [] : [`${name}="${label}"`])).join(',');
    const lines = families.get(metric) ?? [];
    families.set(metric, lines);
    lines.push(`${metric}{${text}} ${value} ${timestamp}`);
  }
  const blocks = [...families].map(([metric, lines]) => `# TYPE ${metric} gauge\n${lines.join('\n')}\n`);
  return `${blocks.join('')}# EOF\n`;
}

if (process.argv[1] === import.meta.filename) {
  const files = await makeWorld(process.argv[2] ?? path.join(import.meta.dirname), (text) => console.error(text));
  console.log(files.join('\n'));
}
