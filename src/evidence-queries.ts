import { formatUtc, type EpochMs, type Workload } from './domain/index.ts';

/**
 * Queries that show a proposal's rows, for pasting into any DuckDB opened on the ledger. They are printed, never run
 * here, so that the names stand in them as quoted literals.
 */
export function evidenceQueries(
  workload: Workload,
  window: { readonly start: EpochMs; readonly end: EpochMs },
): readonly { readonly label: string; readonly text: string }[] {
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const hours = `hour >= ${literal(formatUtc(window.start).replace('Z', ''))} AND hour < ${literal(formatUtc(window.end).replace('Z', ''))}`;
  return [
    {
      label: 'GPUs held and busy by hour, from the ledger (DuckDB)',
      text: [
        'SELECT hour, count(DISTINCT gpu || gpu_instance_id) AS gpus,',
        '  sum(sm_active_sum) / sum(sm_active_samples) AS sm_active,',
        '  max(fb_used_max) AS fb_used_mib, sum(power_sum) / sum(power_samples) AS power_watts',
        'FROM gpu_hour',
        `WHERE cluster = ${literal(workload.cluster)} AND namespace = ${literal(workload.namespace)}`,
        `  AND starts_with(pod, ${literal(`${workload.name}-`)}) AND ${hours}`,
        'GROUP BY hour ORDER BY hour',
      ].join('\n'),
    },
    {
      label: "What those pods' nodes cost by day, from the ledger (DuckDB)",
      text: [
        `SELECT date_trunc('day', "ChargePeriodStart") AS day, "ResourceId", sum("EffectiveCost") AS effective_cost`,
        'FROM billing_row',
        `WHERE regexp_extract("ResourceId", '[^/:]+$') IN (`,
        `  SELECT split_part(hostname, '.', 1) FROM gpu_hour`,
        `  WHERE cluster = ${literal(workload.cluster)} AND namespace = ${literal(workload.namespace)}`,
        `    AND starts_with(pod, ${literal(`${workload.name}-`)}))`,
        'GROUP BY ALL ORDER BY ALL',
      ].join('\n'),
    },
  ];
}
