import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Money } from '../../src/domain/index.ts';
import { readRow } from '../../src/ledger/index.ts';
import { roundToMicros, toMicros } from '../../src/ledger/attribution/round-to-micros.ts';
import { aCharge, attributeMonth, aWorkload, gpuLabels, hour, ingestWorld, start, withLedger } from './worlds.ts';

const workloads = [aWorkload(), aWorkload({ kind: 'Job', name: 'train' })];

const cost = fc
  .tuple(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 16n }), fc.constantFrom(0n, 1n, 7n))
  .map(([units, odd]) => {
    const magnitude = (units + odd < 0n ? -(units + odd) : units + odd).toString().padStart(11, '0');
    return `${units + odd < 0n ? '-' : ''}${magnitude.slice(0, -10)}.${magnitude.slice(-10)}`;
  });

const time = (hours: number): string => new Date(start + hours * hour).toISOString().replace('.000Z', 'Z');

const charge = fc
  .record({
    EffectiveCost: cost,
    BilledCost: cost,
    ListCost: cost,
    ResourceName: fc.constantFrom('', 'node-1', 'NODE-2.example', 'node-2', 'node-9'),
    CommitmentDiscountStatus: fc.constantFrom('', 'Used', 'Unused'),
    Tags: fc.constantFrom(
      '',
      '{}',
      '{"k8s-workload-name":"clip-server","k8s-namespace":"inference"}',
      '{"k8s-workload-name":"nobody"}',
      '{"k8s-namespace":"kube:unallocated"}',
      '{"k8s-workload-name":"kube:system-overhead"}',
    ),
    first: fc.integer({ min: -3, max: 40 }),
    hours: fc.constantFrom(0, 1, 1, 24, 36, 744, 900, 12_000),
  })
  .map(({ first, hours, ...row }) =>
    aCharge({ ...row, ChargePeriodStart: time(first), ChargePeriodEnd: time(first + hours) }),
  );

const sample = fc.record({
  metric: fc.constantFrom('DCGM_FI_PROF_SM_ACTIVE', 'DCGM_FI_DEV_POWER_USAGE'),
  labels: fc
    .record({
      Hostname: fc.constantFrom('node-1', 'node-2.example'),
      UUID: fc.constantFrom('GPU-0', 'GPU-1', 'GPU-2'),
      pod: fc.constantFrom('', 'clip-server-6d4f9c7b8-x7k2p', 'train-x7k2p', 'ghost-6d4f9c7b8-x7k2p'),
      GPU_I_ID: fc.constantFrom('', '', '1', '2'),
      GPU_I_PROFILE: fc.constantFrom('1g.10gb', '3g.40gb', 'odd'),
    })
    .map(gpuLabels),
  value: fc.double({ min: 0, max: 1, noNaN: true }),
  at: fc.integer({ min: -600, max: 50 * 60 }).map((minutes) => start + minutes * 60_000),
});

const micros = (amount: Money): bigint => amount.micros;

test('workloads, idle and unattributed add up to the bill and to the GPU-hours, whatever is on either', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(charge, { maxLength: 12 }),
      fc.array(sample, { maxLength: 40 }),
      async (charges, samples) => {
        const {
          coverage,
          cost: costs,
          stored,
        } = await withLedger(async (ledger, folder) => {
          await ingestWorld(ledger, folder, { charges, samples });
          const attribution = await attributeMonth(ledger, workloads, { repository: 'fleet' });
          const units = 'CAST(coalesce(sum(effective_cost), 0) * 10000000000 AS HUGEINT)';
          const row = await readRow(
            ledger.connection,
            `SELECT ${units} AS effective, coalesce(sum(gpu_hours), 0) AS gpu_hours FROM workload_day`,
          );
          return {
            ...attribution,
            stored: { effective: row.bigint('effective'), gpuHours: row.number('gpu_hours') },
          };
        });

        const inWindow = charges.filter((row) => Date.parse(row['ChargePeriodStart'] ?? '') >= start);
        const bill = inWindow.reduce((sum, row) => sum + BigInt((row['EffectiveCost'] ?? '').replace('.', '')), 0n);
        expect(micros(coverage.effectiveTotal)).toBe(toMicros(bill));
        expect(stored.effective).toBe(bill);
        expect(stored.gpuHours).toBeCloseTo(coverage.gpuHoursTotal, 5);
        expect(
          micros(coverage.effectiveToWorkloads) +
            micros(coverage.effectiveIdle) +
            micros(coverage.effectiveUnattributed),
        ).toBe(micros(coverage.effectiveTotal));
        const days = [...costs.values()].flatMap((series) => series.days);
        expect(days.reduce((sum, item) => sum + item.effective.micros, 0n)).toBe(micros(coverage.effectiveToWorkloads));
        expect(coverage.gpuHoursToWorkloads + coverage.gpuHoursIdle + coverage.gpuHoursUnattributed).toBeCloseTo(
          coverage.gpuHoursTotal,
          5,
        );
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

test('rounded amounts add up to their rounded sum and are off by at most one micro', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n })), (amounts) => {
      const rounded = roundToMicros(amounts);

      expect(rounded.reduce((sum, part) => sum + part, 0n)).toBe(
        toMicros(amounts.reduce((sum, part) => sum + part, 0n)),
      );
      for (const [index, part] of rounded.entries()) {
        const error = part * 10_000n - (amounts[index] ?? 0n);
        expect(error > -10_001n && error < 10_001n).toBe(true);
      }
    }),
  );
});
