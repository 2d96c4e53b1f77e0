import { epochMs, silentProgress } from '../../../src/domain/index.ts';
import { ingestMetrics, type MetricsSource, type PrometheusSource } from '../../../src/ingest/metrics/index.ts';
import { readRows, type Ledger } from '../../../src/ledger/index.ts';
import { fleetStart } from './fleet-samples.ts';

const hour = 3_600_000;

export const fleetHours = 48;

/** A source without credentials. */
export function server(url: string, changes: Partial<PrometheusSource> = {}): PrometheusSource {
  return {
    kind: 'prometheus',
    url,
    cluster: 'prod',
    matchLabels: {},
    authorization: { kind: 'none' },
    headers: {},
    secretHeaders: {},
    tls: { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined },
    timeoutSeconds: 60,
    concurrency: 2,
    ...changes,
  };
}

/** Reads the first hours of the fleet from a source. */
export function ingest(
  ledger: Ledger,
  source: MetricsSource,
  endHours = fleetHours + 1,
): ReturnType<typeof ingestMetrics> {
  const window = { start: epochMs(fleetStart), end: epochMs(fleetStart + endHours * hour) };
  return ingestMetrics(ledger, { sources: [source], window, now: () => window.end, progress: silentProgress });
}

const tables = ['gpu_hour', 'serving_hour', 'pod_owner'];

/** Every row of a table as text, without where it was read from. */
export async function rowsOf(ledger: Ledger, table: string, beforeHour?: number): Promise<readonly string[]> {
  const where =
    beforeHour === undefined || table === 'pod_owner' ? '' : `WHERE hour < make_timestamp(${beforeHour * 3600000000})`;
  const rows = await readRows(
    ledger.connection,
    `SELECT CAST(to_json(t) AS VARCHAR) AS line FROM (SELECT * EXCLUDE (source_id) FROM ${table} ${where}) AS t ORDER BY line`,
  );
  return [...new Set(rows.map((row) => row.text('line')))];
}

export async function allRowsOf(ledger: Ledger): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for (const table of tables) rows.push(await rowsOf(ledger, table));
  return rows;
}

/** The first rows that only one of two lists has: a readable part of what may be hundreds. */
export function differences(left: readonly string[], right: readonly string[]): readonly string[] {
  const onlyIn = (rows: readonly string[], others: readonly string[], mark: string): readonly string[] => {
    const known = new Set(others);
    return rows
      .filter((row) => !known.has(row))
      .slice(0, 3)
      .map((row) => `${mark} ${row}`);
  };
  return [...onlyIn(left, right, '-'), ...onlyIn(right, left, '+')];
}

/** Without the digest of all labels: Thanos puts the external labels of each Prometheus on its series. */
export function withoutSeriesDigest(rows: readonly string[]): readonly string[] {
  return rows.map((row) => row.replace(/"series":"[0-9a-f]{32}",/, ''));
}
