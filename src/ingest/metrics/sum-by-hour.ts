import type { DuckDBConnection } from '@duckdb/node-api';
import { readRow } from '../../ledger/index.ts';
import { gpuHourSql } from './gpu-hours.ts';
import { gpuPlaceSql } from './gpu-place.ts';
import { podCounterHourSql, podGaugeHourSql } from './pod-hours.ts';
import { podOwnerSql } from './pod-owners.ts';

/**
 * Sums the staged samples by the hour into `gpu_hour` and `serving_hour`. A sample that is there twice, same series and
 * time, counts once; blanks, negative and impossible values count as missing. `firstHour`, in hours since 1970, leaves
 * out what was staged only because the next hour's counters begin there.
 * Returns how many GPU series name no GPU and are left out.
 */
export async function sumByHour(
  connection: DuckDBConnection,
  staged: { readonly sourceId: number; readonly cluster: string; readonly firstHour?: number },
): Promise<{ readonly seriesWithoutGpu: number }> {
  const place = { source_id: staged.sourceId, cluster: staged.cluster };
  await connection.run(gpuPlaceSql, { cluster: staged.cluster });
  const unnamed = await readRow(connection, 'SELECT count(*) AS n FROM gpu_place WHERE gpu IS NULL');
  await connection.run(gpuHourSql(), { source_id: staged.sourceId });
  await connection.run(podGaugeHourSql, place);
  await connection.run(podCounterHourSql, { ...place, first_hour: staged.firstHour ?? 0 });
  await connection.run(podOwnerSql, place);
  await connection.run('DROP TABLE gpu_place');
  return { seriesWithoutGpu: unnamed.number('n') };
}
