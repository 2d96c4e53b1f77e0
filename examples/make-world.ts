/**
 * Makes the bills and metrics of the example fleet from the trace samples in examples/traces. Deterministic: the same
 * code makes the same data, whenever and wherever it runs.
 *
 *   npm run example:make [-- FOLDER]     default: examples
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DuckDBInstance, DuckDBTimestampValue, type DuckDBConnection } from '@duckdb/node-api';
import { awsRows } from './world/aws-bill.ts';
import { awsColumns } from './world/aws-row.ts';
import { gcpFiles } from './world/gcp-bill.ts';
import { openMetrics } from './world/open-metrics.ts';
import { clusterSamples, labelNames, type Sample } from './world/samples.ts';
import { readShapes } from './world/shapes.ts';

const billingPeriods = ['2026-09', '2026-10'] as const;

/** Writes billing/ and metrics/ below a folder; returns the files written, relative to it. */
export async function makeWorld(
  folder: string,
  tell: (text: string) => void = () => undefined,
): Promise<readonly string[]> {
  const shapes = await readShapes();
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const written: string[] = [];
  const inFolder = async (file: string): Promise<string> => {
    tell(`making ${file}`);
    written.push(file);
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    return path.join(folder, file);
  };
  try {
    await connection.run(`SET TimeZone = 'UTC'`);
    await loadAwsBill(connection);
    for (const period of billingPeriods) {
      await copyAwsBill(connection, period, await inFolder(`billing/aws/focus-${period}.parquet`));
    }
    for (const [period, text] of gcpFiles())
      await writeFile(await inFolder(`billing/gcp/focus-${period}.csv.gz`), await packed(text));
    for (const cluster of ['prod-us', 'prod-eu'] as const) {
      const file = await inFolder(`metrics/${cluster}/dcgm-2026-10.parquet`);
      await copySamples(connection, clusterSamples(cluster, shapes), file);
    }
    await writeFile(await inFolder('metrics/staging/dcgm-2026-10.prom.gz'), await packed(openMetrics(shapes)));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return written;
}

function packed(text: string): Promise<Buffer> {
  return promisify(gzip)(text, { level: 9 });
}

const decimalColumns = /(?:Cost|Quantity|UnitPrice)$/;
const timeColumns = /Period(?:Start|End)$/;

async function loadAwsBill(connection: DuckDBConnection): Promise<void> {
  const columns = awsColumns.map((column) => `"${column}" ${decimalColumns.test(column) ? 'DOUBLE' : 'VARCHAR'}`);
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
}

async function copyAwsBill(connection: DuckDBConnection, period: string, file: string): Promise<void> {
  const typed = awsColumns.map((column) => {
    if (timeColumns.test(column)) return `"${column}"::TIMESTAMPTZ AS "${column}"`;
    return decimalColumns.test(column) ? `"${column}"::DECIMAL(20,10) AS "${column}"` : `"${column}"`;
  });
  await connection.run(
    `COPY (SELECT ${typed.join(', ')} FROM aws WHERE starts_with("BillingPeriodStart", ${quoted(period)})
       ORDER BY "ResourceId" NULLS FIRST, "SkuMeter", "ChargeCategory", "ChargePeriodStart", "BilledCost")
     TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}

async function copySamples(connection: DuckDBConnection, samples: Iterable<Sample>, file: string): Promise<void> {
  const labels = labelNames.map((label) => `"${label}" VARCHAR`);
  await connection.run(
    `CREATE OR REPLACE TABLE sample (timestamp TIMESTAMP, metric VARCHAR, value DOUBLE, ${labels.join(', ')})`,
  );
  const appender = await connection.createAppender('sample');
  for (const { timestamp, metric, value, labels } of samples) {
    appender.appendTimestamp(new DuckDBTimestampValue(BigInt(timestamp) * 1_000_000n));
    appender.appendVarchar(metric);
    appender.appendDouble(value);
    for (const label of labelNames) {
      const text = labels[label];
      if (text === undefined) appender.appendNull();
      else appender.appendVarchar(text);
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(
    `COPY (SELECT * FROM sample ORDER BY metric, "Hostname", gpu, "GPU_I_ID", pod, timestamp)
     TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}

/** A SQL string; the output folder is the caller's own choice. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

if (process.argv[1] === import.meta.filename) {
  const files = await makeWorld(process.argv[2] ?? import.meta.dirname, (text) => console.error(text));
  console.log(files.join('\n'));
}
