import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { withLedger } from '../../ledger/worlds.ts';
import { costSums, csvOf, independently, ingest, ledgerRows, trimmed, writeExport, type ExportRow } from './exports.ts';

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/ingest/billing/${name}`, import.meta.url));
}

const actual = fixture('azure-ea-actual.csv');
const amortized = fixture('azure-ea-amortized.csv');

async function sumOf(file: string, where = 'true'): Promise<string> {
  const [row] = await independently(
    `SELECT CAST(coalesce(sum(CAST("Cost" AS DECIMAL(25,10))), 0) AS VARCHAR) AS total FROM read_csv('${file}', all_varchar = true) WHERE ${where}`,
  );
  return trimmed(String(row?.['total']));
}

/** A day of one AKS machine in the columns of a Microsoft Customer Agreement. */
function aDay(changes: ExportRow = {}): ExportRow {
  return {
    billingAccountId: '8611537',
    billingPeriodStartDate: '10/01/2026',
    SubscriptionId: 'sub-a',
    date: '10/05/2026',
    meterCategory: 'Virtual Machines',
    meterId: 'm-1',
    quantity: '24',
    unitOfMeasure: '1 Hour',
    PayGPrice: '4',
    exchangeRatePricingToBilling: '0.5',
    costInBillingCurrency: '40',
    billingCurrency: 'EUR',
    chargeType: 'Usage',
    pricingModel: 'OnDemand',
    ResourceId:
      '/subscriptions/sub-a/resourceGroups/mc/providers/Microsoft.Compute/virtualMachineScaleSets/aks-gpu-1-vmss',
    resourceLocation: 'WestEurope',
    tags: '"team": "vision","env": "prod"',
    additionalInfo: '{"ServiceType":"Standard_NC24ads_A100_v4","VMName":"aks-gpu-1-vmss_10"}',
    ...changes,
  };
}

const reserved = { pricingModel: 'Reservation' };

describe('Azure’s exports of an Enterprise Agreement', () => {
  test.each([
    ['actual', actual],
    ['amortized', amortized],
  ])('the %s sample sums to what a query of its own finds, with tags without braces', async (_, sample) => {
    await withLedger(async (ledger, folder) => {
      const file = await writeExport(folder, 'some.csv.gz', gzipSync(await readFile(sample)));
      const covered = `"PricingModel" IN ('Reservation', 'SavingsPlan') AND "ChargeType" = 'Usage'`;

      const result = await ingest(ledger, [file]);

      expect(result.problems).toEqual([]);
      expect((await costSums(ledger)).slice(0, 2)).toEqual([
        await sumOf(sample, `NOT (${covered})`),
        await sumOf(sample),
      ]);
      const [[broken]] = (await ledgerRows(
        ledger,
        `SELECT count(*)::INTEGER FROM billing_row WHERE "Tags" IS NOT NULL AND json_type("Tags") <> 'OBJECT'`,
      )) as [[number]];
      expect(broken).toBe(0);
      expect(
        await ledgerRows(ledger, `SELECT DISTINCT "Tags"->>'org' FROM billing_row WHERE "Tags"->>'org' <> ''`),
      ).toEqual([['trey']]);
    });
  });

  test('both together: effective cost is the amortized one, billed cost has the purchases of the actual one, nothing twice', async () => {
    for (const order of [
      [actual, amortized],
      [amortized, actual],
    ]) {
      await withLedger(async (ledger) => {
        const result = await ingest(ledger, order);

        expect(result.problems).toEqual([]);
        const purchases = Number(await sumOf(actual, `"ChargeType" = 'Purchase'`));
        const uncovered = Number(await sumOf(amortized, `"PricingModel" = 'OnDemand'`));
        const [billed, effective] = await costSums(ledger);
        expect(effective).toBe(await sumOf(amortized));
        expect(Number(billed)).toBeCloseTo(purchases + uncovered, 9);
      });
    }
  });

  test('an amortized export that is taken out again lets the actual one count whole', async () => {
    await withLedger(async (ledger) => {
      await ingest(ledger, [actual, amortized]);
      await ingest(ledger, [actual]);

      expect((await costSums(ledger)).slice(0, 2)).toEqual([await sumOf(actual), await sumOf(actual)]);
    });
  });

  test('the sample as Parquet with typed columns reads the same', async () => {
    await withLedger(async (ledger, folder) => {
      const parquet = path.join(folder, 'azure.parquet');
      await independently(
        `COPY (SELECT * REPLACE (CAST("Cost" AS DECIMAL(38,18)) AS "Cost", CAST(strptime("Date", '%m/%d/%Y') AS DATE) AS "Date")
         FROM read_csv('${amortized}', all_varchar = true)) TO '${parquet}' (FORMAT parquet)`,
      );

      const result = await ingest(ledger, [parquet]);

      expect(result.problems).toEqual([]);
      expect((await costSums(ledger))[1]).toBe(await sumOf(amortized));
    });
  });
});

describe('other spellings', () => {
  test.each(['Enterprise', 'EnterpriseCamel', 'German', 'PayAsYouGo', 'YA'])(
    'the header “%s” is read',
    async (name) => {
      await withLedger(async (ledger, folder) => {
        const file = path.join(folder, 'azure.csv');
        await copyFile(fixture(`azure-headers/${name}.csv`), file);

        const result = await ingest(ledger, [file]);

        expect(result.problems).toEqual([]);
        expect(await ledgerRows(ledger, `SELECT CAST("ChargePeriodStart" AS DATE) FROM billing_row`)).toEqual([
          ['2021-02-02'],
        ]);
      });
    },
  );

  test('a machine of an AKS scale set gets its node’s name, its type and a list price in the billing currency', async () => {
    await withLedger(async (ledger, folder) => {
      await ingest(ledger, [await writeExport(folder, 'azure.csv', csvOf([aDay()]))]);

      expect(
        await ledgerRows(
          ledger,
          `SELECT "ResourceName", instance_type, "RegionId", "BillingCurrency", "ListCost", "ChargePeriodStart", "ChargePeriodEnd",
             "x_CurrencyConversionRate", "Tags" FROM billing_row`,
        ),
      ).toEqual([
        [
          'aks-gpu-1-vmss00000a',
          'Standard_NC24ads_A100_v4',
          'westeurope',
          'EUR',
          '48.0000000000',
          '2026-10-05 00:00:00',
          '2026-10-06 00:00:00',
          0.5,
          '{"team": "vision","env": "prod"}',
        ],
      ]);
    });
  });

  test('charge types become categories; what a commitment covers is billed with its purchase', async () => {
    await withLedger(async (ledger, folder) => {
      const rows = [
        aDay({ ...reserved, costInBillingCurrency: '10' }),
        aDay({ ...reserved, chargeType: 'UnusedReservation', costInBillingCurrency: '20' }),
        aDay({ ...reserved, chargeType: 'Refund', costInBillingCurrency: '-30' }),
        aDay({ chargeType: 'Tax', costInBillingCurrency: '50' }),
        aDay({ pricingModel: 'Spot', costInBillingCurrency: '60' }),
      ];

      await ingest(ledger, [await writeExport(folder, 'azure.csv', csvOf(rows))]);

      expect(
        await ledgerRows(
          ledger,
          `SELECT CAST("EffectiveCost" AS INTEGER), CAST("BilledCost" AS INTEGER), "ChargeCategory", "PricingCategory",
             "CommitmentDiscountStatus" FROM billing_row ORDER BY "EffectiveCost"`,
        ),
      ).toEqual([
        [-30, -30, 'Purchase', 'Committed', null],
        [10, 0, 'Usage', 'Committed', 'Used'],
        [20, 0, 'Usage', 'Committed', 'Unused'],
        [50, 50, 'Tax', null, null],
        [60, 60, 'Usage', 'Dynamic', null],
      ]);
    });
  });
});

describe('an actual and an amortized export of one account', () => {
  async function folders(root: string): Promise<{ readonly actual: string; readonly amortized: string }> {
    const made = {
      actual: path.join(root, 'actual', '20261001-20261031'),
      amortized: path.join(root, 'amortized', '20261001-20261031'),
    };
    for (const folder of Object.values(made)) await mkdir(folder, { recursive: true });
    return made;
  }

  test('without any commitment look alike, and count once all the same', async () => {
    await withLedger(async (ledger, root) => {
      const folder = await folders(root);
      await writeExport(folder.actual, 'part_0.csv', csvOf([aDay()]));
      await writeExport(folder.amortized, 'part_0.csv', csvOf([aDay({ quantity: '24.0' })]));

      const result = await ingest(ledger, [root]);

      expect((await costSums(ledger))[1]).toBe('40');
      expect(result.problems).toMatchObject([{ code: 'BILLING_EXPORTS_OVERLAP', severity: 'warning' }]);
    });
  });

  test('a part of the amortized one without commitments is not lost', async () => {
    await withLedger(async (ledger, root) => {
      const folder = await folders(root);
      await writeExport(
        folder.actual,
        'part_0.csv',
        csvOf([aDay(), aDay({ ...reserved, costInBillingCurrency: '0' })]),
      );
      await writeExport(folder.amortized, 'part_0.csv', csvOf([aDay({ ...reserved, costInBillingCurrency: '9' })]));
      await writeExport(folder.amortized, 'part_1.csv', csvOf([aDay()]));

      const result = await ingest(ledger, [root]);

      expect(result.problems).toEqual([]);
      expect((await costSums(ledger)).slice(0, 2)).toEqual(['40', '49']);
    });
  });

  test('a subscription that the amortized one does not cover keeps its actual cost, and purchases count as billed only', async () => {
    await withLedger(async (ledger, folder) => {
      const paid = [
        aDay({ ...reserved, chargeType: 'Purchase', SubscriptionId: 'sub-billing', costInBillingCurrency: '1000' }),
        aDay({ SubscriptionId: 'sub-b', costInBillingCurrency: '7' }),
        aDay(),
      ];
      const shared = [aDay(), aDay({ ...reserved, costInBillingCurrency: '9' })];

      await ingest(ledger, [
        await writeExport(folder, 'actual.csv', csvOf(paid)),
        await writeExport(folder, 'amortized.csv', csvOf(shared)),
      ]);

      expect((await costSums(ledger)).slice(0, 2)).toEqual(['1047', '56']);
    });
  });
});
