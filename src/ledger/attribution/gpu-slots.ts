import type { DuckDBConnection, DuckDBTimestampValue } from '@duckdb/node-api';
import type { EpochMs } from '../../domain/index.ts';
import { streamRows, utcTimestamp } from '../rows.ts';
import { idleTarget, unattributedTarget } from './temporary-tables.ts';
import type { WorkloadNames } from './workload-names.ts';

/** The half-open window of one attribution as bindings. */
export interface WindowBindings {
  readonly [name: string]: DuckDBTimestampValue;
  readonly window_start: DuckDBTimestampValue;
  readonly window_end: DuckDBTimestampValue;
}

export function windowBindings(windowStart: EpochMs, windowEnd: EpochMs): WindowBindings {
  return { window_start: utcTimestamp(windowStart), window_end: utcTimestamp(windowEnd) };
}

/** A charge may begin in the window and end after it; none longer than a month of 31 days is spread over hours. */
export const chargeHoursMax = 744;

/** Gives each pod seen in the metrics to a workload, by its owner or else its name: fills `attr_pod`. */
export async function findPodOwners(
  connection: DuckDBConnection,
  names: WorkloadNames,
  window: WindowBindings,
): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE attr_pod (cluster VARCHAR, namespace VARCHAR, pod VARCHAR, workload INTEGER)`,
  );
  const found: { cluster: string; namespace: string; pod: string; workload: number }[] = [];
  const pods = streamRows(
    connection,
    `SELECT DISTINCT cluster, namespace, pod, coalesce(any_owner.owner_kind, '') AS owner_kind,
       coalesce(any_owner.owner_name, '') AS owner_name
     FROM (
       SELECT cluster, namespace, pod, hour FROM gpu_hour WHERE holder = 'pod'
       UNION ALL SELECT cluster, namespace, pod, hour FROM serving_hour)
       LEFT JOIN (
         SELECT cluster, namespace, pod, any_value(owner_kind) AS owner_kind, any_value(owner_name) AS owner_name
         FROM pod_owner WHERE owner_name <> ''
         GROUP BY ALL HAVING count(DISTINCT (owner_kind, owner_name)) = 1) AS any_owner USING (cluster, namespace, pod)
     WHERE hour >= date_trunc('hour', $window_start)
       AND hour < $window_end + to_hours(${chargeHoursMax})`,
    window,
  );
  for await (const row of pods) {
    const pod = { cluster: row.text('cluster'), namespace: row.text('namespace'), pod: row.text('pod') };
    const workload =
      names.find({ ...pod, name: row.text('owner_name'), kind: row.text('owner_kind') }) ??
      names.find({ ...pod, name: pod.pod, kind: '' });
    if (workload !== undefined) found.push({ ...pod, workload });
  }
  const appender = await connection.createAppender('attr_pod');
  for (const { cluster, namespace, pod, workload } of found) {
    appender.appendVarchar(cluster);
    appender.appendVarchar(namespace);
    appender.appendVarchar(pod);
    appender.appendInteger(workload);
    appender.endRow();
  }
  appender.closeSync();
}

/**
 * Fills `attr_slot`: who held which part of which GPU in which hour. A pod's weight is the samples that name it, so that
 * a GPU that changes hands within an hour is divided by time and one shared by time-slicing in equal parts; a MIG
 * instance's weight is also its compute slices. Lines of the whole GPU beside its MIG instances hold nothing.
 */
export async function findGpuSlots(connection: DuckDBConnection, window: WindowBindings): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE attr_slot AS
     WITH seen AS (
       SELECT cluster, hostname, gpu, gpu_instance_id, max(gpu_instance_profile) AS profile, holder, namespace, pod, hour,
         sum(samples) AS samples
       FROM gpu_hour
       WHERE hour >= date_trunc('hour', $window_start)
         AND hour < $window_end + to_hours(${chargeHoursMax})
       GROUP BY ALL),
     divided AS (
       SELECT *, bool_or(gpu_instance_id <> '') OVER (PARTITION BY cluster, hostname, gpu, hour) AS is_divided FROM seen),
     weighed AS (
       SELECT cluster, hostname, gpu, hour, namespace, pod, holder,
         CAST(sum(samples * greatest(coalesce(TRY_CAST(regexp_extract(profile, '^([0-9]+)g', 1) AS BIGINT), 1), 1))
           AS HUGEINT) AS weight
       FROM divided WHERE NOT (is_divided AND gpu_instance_id = '')
       GROUP BY ALL)
     SELECT cluster, hostname, gpu, hour, namespace, pod, weight,
       CASE holder WHEN 'none' THEN ${idleTarget} WHEN 'unknown' THEN ${unattributedTarget}
         ELSE coalesce(workload, ${unattributedTarget}) END AS target,
       CAST(weight / sum(weight) OVER (PARTITION BY cluster, hostname, gpu, hour) AS DECIMAL(18,9)) AS gpu_hours
     FROM weighed LEFT JOIN attr_pod USING (cluster, namespace, pod)`,
    window,
  );
}
