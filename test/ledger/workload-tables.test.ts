import { describe, expect, test } from 'vitest';
import { epochMs } from '../../src/domain/index.ts';
import { readRows, type Ledger } from '../../src/ledger/index.ts';
import {
  aCharge,
  attributeMonth,
  aWorkload,
  day,
  gpuLabels,
  hourly,
  ingestWorld,
  start,
  withLedger,
} from './worlds.ts';

const clip = aWorkload();

/** Two hours of a node with one GPU, of which the workload had the first, and a charge of another day that nobody explains. */
const world = {
  charges: [
    aCharge({ ResourceName: 'node-1', EffectiveCost: '3.0000000001', ListCost: '4' }),
    aCharge({
      ResourceName: 'node-1',
      EffectiveCost: '2',
      ChargePeriodStart: '2026-10-01T01:00:00Z',
      ChargePeriodEnd: '2026-10-01T02:00:00Z',
    }),
    aCharge({
      EffectiveCost: '1',
      ChargePeriodStart: '2026-10-02T00:00:00Z',
      ChargePeriodEnd: '2026-10-04T00:00:00Z',
    }),
  ],
  samples: [
    ...hourly([0], gpuLabels(), 0.8),
    ...hourly([0], gpuLabels(), 400, 'DCGM_FI_DEV_POWER_USAGE'),
    ...hourly([1], gpuLabels({ namespace: '', pod: '', container: '' }), 0.1),
  ],
};

async function rows(ledger: Ledger, sql: string, columns: readonly string[]): Promise<readonly unknown[]> {
  const found = await readRows(
    ledger.connection,
    `SELECT ${columns.map((column) => `CAST(${column} AS VARCHAR) AS "${column}"`).join(', ')} FROM (${sql}) ORDER BY ALL`,
  );
  return found.map((row) => columns.map((column) => row.optionalText(column)));
}

const dayColumns = ['day', 'bucket', 'name', 'effective_cost', 'list_cost', 'gpu_hours', 'energy_kwh'];

describe('an attribution of a repository', () => {
  test('is kept by workload and hour, what is not known as NULL', async () => {
    await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, world);
      await attributeMonth(ledger, [clip], { repository: 'fleet' });

      const columns = ['repository', 'cluster', 'namespace', 'kind', 'name', 'hour', 'gpus', 'gpu_hours'];
      const figures = ['sm_active_ratio', 'power_watts', 'energy_kwh', 'queue_length', 'xid_gpus'];
      expect(await rows(ledger, 'FROM workload_hour', [...columns, ...figures])).toEqual([
        [
          'fleet',
          'prod',
          'inference',
          'Deployment',
          'clip-server',
          '2026-10-01 00:00:00',
          '1',
          '1.0',
          '0.8',
          '400.0',
          '0.4',
          undefined,
          undefined,
        ],
      ]);
    });
  });

  test('is kept by day with what is idle and unattributed, to the last digit of the bill', async () => {
    await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, world);
      await attributeMonth(ledger, [clip], { repository: 'fleet' });

      expect(await rows(ledger, 'FROM workload_day', dayColumns)).toEqual([
        ['2026-10-01', 'idle', '', '2.0000000000', '2.0000000000', '1.0', undefined],
        ['2026-10-01', 'workload', 'clip-server', '3.0000000001', '4.0000000000', '1.0', '0.4'],
        ['2026-10-02', 'unattributed', '', '0.5000000000', '0.5000000000', undefined, undefined],
        ['2026-10-03', 'unattributed', '', '0.5000000000', '0.5000000000', undefined, undefined],
      ]);
    });
  });

  test('replaces itself, and never a whole day by a part of it', async () => {
    await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, world);
      const kept = async (): Promise<readonly unknown[]> => [
        ...(await rows(ledger, 'FROM workload_hour', ['hour', 'gpus'])),
        ...(await rows(ledger, 'FROM workload_day', dayColumns)),
      ];
      await attributeMonth(ledger, [clip], { repository: 'fleet' });
      const first = await kept();
      await attributeMonth(ledger, [clip], { repository: 'fleet' });
      expect(await kept()).toEqual(first);

      await attributeMonth(ledger, [clip], { repository: 'fleet', windowStart: epochMs(start + day / 2) });
      expect(await kept()).toEqual(first);

      await attributeMonth(ledger, [aWorkload({ name: 'other' })], { repository: 'other' });
      expect(await rows(ledger, "FROM workload_day WHERE repository = 'fleet'", dayColumns)).toEqual(first.slice(1));
      expect(await rows(ledger, "FROM workload_hour WHERE repository = 'other'", ['hour'])).toEqual([]);
    });
  });

  test('of a repository that is not named is not kept', async () => {
    await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, world);
      await attributeMonth(ledger, [clip]);

      expect(await rows(ledger, 'FROM workload_day', dayColumns)).toEqual([]);
    });
  });
});
