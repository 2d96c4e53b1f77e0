import { describe, expect, test } from 'vitest';
import { currencyCode } from '../../../src/domain/index.ts';
import { ingestBilling } from '../../../src/ingest/billing/index.ts';
import { withLedger } from '../../ledger/worlds.ts';
import { costSums, ingest, ledgerRows, writeExport } from './exports.ts';

/** One allocation by OpenCost's published answer of /allocation. */
function anAllocation(name: string, totalCost: number, properties: Readonly<Record<string, string>> = {}): object {
  return {
    name,
    properties: { cluster: 'prod', ...properties },
    window: { start: '2026-10-01T00:00:00Z', end: '2026-10-02T00:00:00Z' },
    start: '2026-10-01T00:00:00Z',
    end: '2026-10-02T00:00:00Z',
    minutes: 1440,
    cpuCost: totalCost / 2,
    gpuCost: totalCost / 2,
    totalCost,
  };
}

const answer = {
  code: 200,
  status: 'success',
  data: [
    {
      'prod/inference/clip': anAllocation('prod/inference/clip', 12.5, {
        namespace: 'inference',
        controller: 'clip',
        controllerKind: 'deployment',
      }),
      'prod/__idle__': anAllocation('prod/__idle__', 3.25),
    },
    { 'prod/__unmounted__': anAllocation('prod/__unmounted__', 0.75) },
  ],
};

describe('a saved answer of OpenCost’s allocation API', () => {
  test.each([
    ['on one line', JSON.stringify(answer)],
    ['over many lines', JSON.stringify(answer, null, 2)],
  ])('is read %s: its steps sum, idle is idle, and workloads are named', async (_, text) => {
    await withLedger(async (ledger, folder) => {
      const result = await ingest(ledger, [await writeExport(folder, 'answer.json', text)]);

      expect(result.problems).toEqual([]);
      expect(await costSums(ledger)).toEqual(['16.5', '16.5', '16.5']);
      expect(
        await ledgerRows(
          ledger,
          `SELECT "ChargePeriodStart", "ChargePeriodEnd", "Tags"->>'k8s-cluster-name', "Tags"->>'k8s-namespace',
             "Tags"->>'k8s-workload-name', "Tags"->>'k8s-workload-type' FROM billing_row ORDER BY "EffectiveCost" DESC`,
        ),
      ).toEqual([
        ['2026-10-01 00:00:00', '2026-10-02 00:00:00', 'prod', 'inference', 'clip', 'deployment'],
        ['2026-10-01 00:00:00', '2026-10-02 00:00:00', 'prod', 'kube:unallocated', 'kube:unallocated', null],
        ['2026-10-01 00:00:00', '2026-10-02 00:00:00', 'prod', 'kube:system-overhead', 'kube:system-overhead', null],
      ]);
    });
  });

  test('has the currency that the configuration states', async () => {
    await withLedger(async (ledger, folder) => {
      const file = await writeExport(folder, 'answer.json', JSON.stringify(answer));

      await ingestBilling(ledger, { sources: [{ path: file, format: 'opencost', currency: currencyCode('EUR') }] });

      expect(await ledgerRows(ledger, 'SELECT DISTINCT "BillingCurrency" FROM billing_row')).toEqual([['EUR']]);
    });
  });

  test('that is cut or is an error is refused', async () => {
    await withLedger(async (ledger, folder) => {
      const text = JSON.stringify(answer);

      const result = await ingest(ledger, [
        await writeExport(folder, 'cut.json', text.slice(0, -20)),
        await writeExport(folder, 'error.json', '{"code":500,"message":"no"}'),
      ]);

      expect(result.files.map(({ status }) => status)).toEqual(['failed', 'failed']);
      expect(result.problems.map(({ code }) => code)).toEqual(['BILLING_FILE_UNREADABLE', 'BILLING_FORMAT_UNKNOWN']);
    });
  });
});
