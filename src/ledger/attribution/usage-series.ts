import type { DuckDBConnection } from '@duckdb/node-api';
import { epochMs, type UsageHour, type UsageSeries, type Workload, type WorkloadId } from '../../domain/index.ts';
import { readRows, streamRows, type Row } from '../rows.ts';
import type { WindowBindings } from './gpu-slots.ts';

const mebibytesPerGibibyte = 1024;

const inWindow = `hour >= $window_start AND hour < $window_end`;

const meanFields = [
  'gpu_util',
  'gr_engine_active',
  'sm_active',
  'tensor_active',
  'dram_active',
  'fb_used',
  'fb_free',
  'power',
];

/** Sums over files of one GPU or MIG instance in one hour of one workload; lines of divided GPUs themselves are left out. */
const gpuHourOfWorkload = `
  placed AS (
    SELECT workload, gpu_hour.* FROM gpu_hour JOIN attr_pod USING (cluster, namespace, pod)
    WHERE holder = 'pod' AND ${inWindow}),
  gpu AS (
    SELECT workload, hour, cluster, hostname, gpu, gpu_instance_id,
      ${meanFields.map((field) => `sum(${field}_sum) AS ${field}_sum, sum(${field}_samples) AS ${field}_samples`).join(', ')},
      max(fb_used_max) AS fb_used_max, max(xid_max) AS xid_max
    FROM placed GROUP BY workload, hour, cluster, hostname, gpu, gpu_instance_id)`;

/** More pods than can take turns on one GPU in an hour: it is shared without comparing each with each. */
const comparedHoldersMax = 48;

/**
 * GPUs that several pods held at the same time. Either each pod has a copy of the GPU's samples: then both are there in
 * hour after hour, while a hand-over shows both in one hour only. Or one pod is named for several: then the pods of the
 * node ask for more GPUs than it has, or for GPUs by the name that the device plugin gives to shared ones.
 */
const sharedGpu = `
  holder AS (
    SELECT *, count(*) OVER (PARTITION BY cluster, hostname, gpu, gpu_instance_id, hour) AS holders
    FROM (SELECT DISTINCT cluster, hostname, gpu, gpu_instance_id, hour, namespace, pod
      FROM gpu_hour WHERE holder = 'pod' AND ${inWindow})),
  pair AS (
    SELECT *, row(one.namespace, one.pod, other.namespace, other.pod) AS pods
    FROM holder AS one JOIN holder AS other USING (cluster, hostname, gpu, gpu_instance_id, hour)
    WHERE one.holders <= ${comparedHoldersMax} AND (one.namespace, one.pod) < (other.namespace, other.pod)),
  copied_gpu AS (
    SELECT cluster, hostname, gpu, gpu_instance_id, hour FROM pair
    WINDOW in_time AS (PARTITION BY cluster, hostname, gpu, gpu_instance_id, pods ORDER BY hour)
    QUALIFY lag(hour) OVER in_time = hour - INTERVAL 1 HOUR OR lead(hour) OVER in_time = hour + INTERVAL 1 HOUR
    UNION ALL
    SELECT cluster, hostname, gpu, gpu_instance_id, hour FROM holder WHERE holders > ${comparedHoldersMax}),
  pod_node AS (SELECT DISTINCT cluster, namespace, pod, node FROM pod_owner WHERE node <> ''),
  asked AS (
    SELECT cluster, node AS hostname, hour, bool_or(measure = 'shared_gpu_request') AS is_shared,
      sum(value_sum / samples) AS gpus
    FROM serving_hour JOIN pod_node USING (cluster, namespace, pod)
    WHERE measure IN ('gpu_request', 'shared_gpu_request') AND samples > 0 AND value_sum > 0 AND ${inWindow}
    GROUP BY ALL),
  installed AS (
    SELECT cluster, hostname, hour, count(DISTINCT gpu) AS gpus FROM gpu_hour WHERE ${inWindow} GROUP BY ALL),
  crowded_node AS (
    SELECT cluster, hostname, hour FROM asked JOIN installed USING (cluster, hostname, hour)
    WHERE is_shared OR asked.gpus > installed.gpus + 0.5),
  shared_gpu AS (
    SELECT workload, hour, count(*) AS gpus FROM gpu
    WHERE (cluster, hostname, gpu, gpu_instance_id, hour) IN (SELECT (cluster, hostname, gpu, gpu_instance_id, hour) FROM copied_gpu)
      OR (cluster, hostname, hour) IN (SELECT (cluster, hostname, hour) FROM crowded_node)
    GROUP BY ALL)`;

const mean = (field: string): string => `sum(${field}_sum) / nullif(sum(${field}_samples), 0)`;
const ownMean = (field: string): string => `${field}_sum / nullif(${field}_samples, 0)`;

/**
 * Queue lengths and request rates are added up over a workload's replicas. A counter's rate is its increase over the
 * time that its samples cover.
 */
const usageSql = `
  CREATE OR REPLACE TEMP TABLE attr_use AS
  WITH ${gpuHourOfWorkload}, ${sharedGpu},
  gpu_use AS (
    SELECT workload, hour, count(*) AS gpus,
      ${meanFields.map((field) => `${mean(field)} AS ${field}`).join(', ')},
      max(coalesce(${ownMean('sm_active')}, ${ownMean('gr_engine_active')}, ${ownMean('gpu_util')} / 100)) AS busiest,
      max(fb_used_max) AS fb_used_max, max(${ownMean('fb_used')} + ${ownMean('fb_free')}) AS fb_total,
      count(*) FILTER (xid_max > 0) AS xid_gpus, count(xid_max) AS xid_known
    FROM gpu GROUP BY workload, hour),
  serving_series AS (
    SELECT workload, hour, measure, cluster, namespace, pod, series, sum(value_sum) AS value_sum,
      sum(samples) AS samples, sum(covered_seconds) AS covered_seconds
    FROM serving_hour JOIN attr_pod USING (cluster, namespace, pod) WHERE ${inWindow}
    GROUP BY ALL),
  serving AS (
    SELECT workload, hour,
      sum(CAST(value_sum / samples AS DECIMAL(24,6))) FILTER (measure = 'queue') AS queue,
      sum(CAST(value_sum / covered_seconds AS DECIMAL(24,6))) FILTER (measure = 'requests') AS requests
    FROM serving_series GROUP BY workload, hour)
  SELECT workload, hour, gpu_use.gpus AS gpus,
    ${[
      'gpu_util',
      'gr_engine_active',
      'sm_active',
      'tensor_active',
      'dram_active',
      'power',
      'busiest',
      'fb_used_max',
      'fb_total',
      'queue',
      'requests',
    ]
      .map((column) => `CAST(${column} AS DOUBLE) AS ${column}`)
      .join(', ')},
    CASE WHEN xid_known > 0 THEN xid_gpus END AS xid_gpus, shared_gpu.gpus AS shared_gpus
  FROM gpu_use LEFT JOIN serving USING (workload, hour) LEFT JOIN shared_gpu USING (workload, hour)`;

const placesSql = `
  SELECT workload, list(DISTINCT model ORDER BY model) FILTER (model <> '') AS models,
    list(DISTINCT hostname ORDER BY hostname) FILTER (hostname <> '') AS nodes
  FROM gpu_hour JOIN attr_pod USING (cluster, namespace, pod)
  WHERE holder = 'pod' AND ${inWindow} GROUP BY workload ORDER BY workload`;

/** Fills `attr_use`: hourly use of each workload that any GPU sample names; the others have no series. */
export async function readUsage(
  connection: DuckDBConnection,
  workloads: readonly Workload[],
  window: WindowBindings,
): Promise<ReadonlyMap<WorkloadId, UsageSeries>> {
  const hours = new Map<number, UsageHour[]>();
  await connection.run(usageSql, window);
  const usedSql = 'SELECT *, epoch_ms(hour) AS hour_ms FROM attr_use ORDER BY workload, hour';
  for await (const row of streamRows(connection, usedSql)) {
    const index = row.number('workload');
    const series = hours.get(index);
    if (series === undefined) hours.set(index, [usageHour(row)]);
    else series.push(usageHour(row));
  }
  const usage = new Map<WorkloadId, UsageSeries>();
  for (const row of await readRows(connection, placesSql, window)) {
    const index = row.number('workload');
    const workload = workloads[index];
    if (workload === undefined) continue;
    usage.set(workload.id, {
      workload: workload.id,
      gpuModels: row.texts('models'),
      nodes: row.texts('nodes'),
      hours: hours.get(index) ?? [],
    });
  }
  return usage;
}

function usageHour(row: Row): UsageHour {
  const ratio = (column: string, of = 1): number | undefined => {
    const value = row.optionalNumber(column);
    return value === undefined ? undefined : Math.min(value / of, 1);
  };
  const gibibytes = (column: string): number | undefined => {
    const value = row.optionalNumber(column);
    return value === undefined ? undefined : value / mebibytesPerGibibyte;
  };
  const sharedGpuCount = row.optionalNumber('shared_gpus');
  return {
    hour: epochMs(row.number('hour_ms')),
    gpuCount: row.number('gpus'),
    ...(sharedGpuCount === undefined ? {} : { sharedGpuCount }),
    gpuUtilRatio: ratio('gpu_util', 100),
    grEngineActiveRatio: ratio('gr_engine_active'),
    smActiveRatio: ratio('sm_active'),
    busiestGpuRatio: ratio('busiest'),
    tensorActiveRatio: ratio('tensor_active'),
    dramActiveRatio: ratio('dram_active'),
    framebufferUsedGibMax: gibibytes('fb_used_max'),
    framebufferTotalGib: gibibytes('fb_total'),
    powerWatts: row.optionalNumber('power'),
    xidErrors: row.optionalNumber('xid_gpus'),
    queueLength: row.optionalNumber('queue'),
    requestsPerSecond: row.optionalNumber('requests'),
  };
}
