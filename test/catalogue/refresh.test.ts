import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { flyball, scratchFolder } from '../scan/fleet.ts';

type Handler = (url: URL, response: ServerResponse, request: IncomingMessage) => void;

async function withList<Result>(handle: Handler, work: (url: string) => Promise<Result>): Promise<Result> {
  const server = createServer((request, response) =>
    handle(new URL(request.url ?? '/', `http://${request.headers.host}`), response, request),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  try {
    return await work(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function refresh(
  provider: string,
  url: string,
  ...more: readonly string[]
): Promise<{ readonly exitCode: number; readonly stderr: string; readonly file: unknown }> {
  const folder = scratchFolder();
  const out = path.join(folder, 'prices.yml');
  const { exitCode, stderr } = await flyball(
    folder,
    'catalogue',
    'refresh',
    '--provider',
    provider,
    '--url',
    url,
    '--out',
    out,
    ...more,
  );
  let file: unknown;
  try {
    file = parse(readFileSync(out, 'utf8'));
  } catch {
    file = undefined;
  }
  return { exitCode, stderr, file };
}

/** As the Retail Prices API answers. */
function item(more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    currencyCode: 'USD',
    retailPrice: 3.673,
    armRegionName: 'eastus',
    productName: 'NCads A100 v4 Series Linux',
    skuName: 'NC24ads A100 v4',
    unitOfMeasure: '1 Hour',
    type: 'Consumption',
    effectiveStartDate: '2023-02-01T00:00:00Z',
    ...more,
  };
}

describe('prices of Azure', () => {
  test('are asked page by page for each machine, Linux only, and terms are turned into hours', async () => {
    const handle: Handler = (url, response) => {
      const filter = url.searchParams.get('$filter') ?? '';
      if (!filter.includes("'Standard_NC24ads_A100_v4'")) {
        response.end(JSON.stringify({ Items: [], NextPageLink: null }));
      } else if (url.searchParams.get('$skip') === null) {
        const next = `https://prices.azure.com:443/api/retail/prices?${url.searchParams.toString()}&$skip=100`;
        const Items = [
          item({}),
          item({ productName: 'NCads A100 v4 Series Windows', retailPrice: 9 }),
          item({ skuName: 'NC24ads A100 v4 Spot', retailPrice: 1.1 }),
          item({ skuName: 'NC24ads A100 v4 Low Priority', retailPrice: 0.9 }),
          item({ effectiveStartDate: '2999-01-01T00:00:00Z', retailPrice: 99 }),
        ];
        response.end(JSON.stringify({ Items, NextPageLink: next }));
      } else {
        const Items = [
          item({ type: 'Reservation', reservationTerm: '1 Year', retailPrice: 20_586 }),
          item({ type: 'Reservation', reservationTerm: '3 Years', retailPrice: 39_420 }),
          item({ type: 'DevTestConsumption', retailPrice: 1 }),
          item({ armRegionName: 'westeurope', retailPrice: 4.2 }),
        ];
        response.end(JSON.stringify({ Items, NextPageLink: null }));
      }
    };
    await withList(handle, async (url) => {
      expect(await refresh('azure', url)).toMatchObject({
        exitCode: 0,
        file: {
          source: 'Azure Retail Prices',
          prices: {
            azure: {
              Standard_NC24ads_A100_v4: {
                eastus: { 'on-demand': 3.673, spot: 1.1, 'reserved-1y': 2.35, 'reserved-3y': 1.5 },
                westeurope: { 'on-demand': 4.2 },
              },
            },
          },
        },
      });
    });
  });

  test('that end in an error make no file, and the place is told', async () => {
    await withList(
      (_, response) => response.writeHead(400).end('{"Error":"no"}'),
      async (url) => {
        const { exitCode, stderr, file } = await refresh('azure', url);

        expect([exitCode, file]).toEqual([3, undefined]);
        expect(stderr).toContain('SOURCE_UNREACHABLE');
        expect(stderr).toContain('HTTP 400: {"Error":"no"}');
      },
    );
  });
});

const awsHeader =
  'SKU,OfferTermCode,TermType,EffectiveDate,Unit,PricePerUnit,Currency,LeaseContractLength,PurchaseOption,OfferingClass,Instance Type,Tenancy,Operating System,License Model,CapacityStatus,Pre Installed S/W,Region Code';

function awsFile(rows: readonly string[]): string {
  const metadata = [
    '"FormatVersion","v1.0"',
    '"Disclaimer","This, and ""that"""',
    '"Publication Date","2026-11-18"',
    '"Version","2"',
    '"OfferCode","AmazonEC2"',
  ];
  return `${[...metadata, `"${awsHeader.split(',').join('","')}"`, ...rows.map((row) => `"${row.split(',').join('","')}"`)].join('\n')}\n`;
}

describe('prices of AWS', () => {
  test('are read from the file of each region: Linux, shared, on demand and standard reservations', async () => {
    const asked: string[] = [];
    const handle: Handler = (url, response) => {
      asked.push(url.pathname);
      const plain = 'Shared,Linux,No License required,Used,NA,us-east-1';
      response.end(
        awsFile([
          `A,T,OnDemand,2026-11-01,Hrs,0.8048,USD,,,,g6.xlarge,${plain}`,
          `A,T,OnDemand,2026-11-01,Hrs,0.9,USD,,,,g6.xlarge,Shared,Windows,No License required,Used,NA,us-east-1`,
          `A,T,OnDemand,2026-11-01,Hrs,0,USD,,,,g6.xlarge,Shared,Linux,No License required,AllocatedCapacityReservation,NA,us-east-1`,
          `A,T,Reserved,2026-11-01,Hrs,0.53,USD,1yr,No Upfront,standard,g6.xlarge,${plain}`,
          `A,T,Reserved,2026-11-01,Hrs,0.36,USD,3yr,No Upfront,standard,g6.xlarge,${plain}`,
          `A,T,Reserved,2026-11-01,Quantity,4000,USD,1yr,All Upfront,standard,g6.xlarge,${plain}`,
          `A,T,OnDemand,2026-11-01,Hrs,0.1,USD,,,,m7i.large,${plain}`,
        ]),
      );
    };
    await withList(handle, async (url) => {
      const { exitCode, file } = await refresh('aws', url, '--region', 'us-east-1');

      expect(exitCode).toBe(0);
      expect(asked).toEqual(['/offers/v1.0/aws/AmazonEC2/current/us-east-1/index.csv']);
      expect(file).toMatchObject({
        prices: {
          aws: { 'g6.xlarge': { 'us-east-1': { 'on-demand': 0.8048, 'reserved-1y': 0.53, 'reserved-3y': 0.36 } } },
        },
      });
    });
  });

  test.each([
    ['a region that is not there', (response: ServerResponse) => response.writeHead(403).end(), 'HTTP 403'],
    ['a page that is no list', (response: ServerResponse) => response.end('<html>'), 'it is no price list'],
  ])('%s makes no file', async (_, answer, message) => {
    await withList(
      (_url, response) => answer(response),
      async (url) => {
        const { exitCode, stderr, file } = await refresh('aws', url, '--region', 'nowhere-1');

        expect([exitCode, file]).toEqual([3, undefined]);
        expect(stderr).toContain(message);
      },
    );
  });
});

describe('prices of Google Cloud', () => {
  afterEach(() => Reflect.deleteProperty(process.env, 'GCP_API_KEY'));

  const sku = (
    group: string,
    description: string,
    [units, nanos]: readonly [string, number],
    regions = ['us-central1'],
  ) => ({
    description,
    category: { resourceFamily: 'Compute', resourceGroup: group, usageType: 'OnDemand' },
    serviceRegions: regions,
    pricingInfo: [
      {
        pricingExpression: {
          usageUnit: 'h',
          tieredRates: [{ startUsageAmount: 0, unitPrice: { currencyCode: 'USD', units, nanos } }],
        },
      },
    ],
  });

  test('are put together from the parts of a machine; where one has no price there is none', async () => {
    process.env['GCP_API_KEY'] = 'sesame';
    const keys: (string | undefined)[] = [];
    const handle: Handler = (url, response, request) => {
      keys.push(request.headers['x-goog-api-key'] as string | undefined);
      const isFirst = url.searchParams.get('pageToken') === null;
      const first = [
        sku('CPU', 'G2 Instance Core running in Americas', ['0', 24_988_000], ['us-central1', 'us-east4']),
        sku('RAM', 'G2 Instance Ram running in Americas', ['0', 2_927_000], ['us-central1', 'us-east4']),
        sku('CPU', 'A2 Instance Core running in Americas', ['0', 31_611_000]),
        sku('RAM', 'A2 Instance Ram running in Americas', ['0', 4_237_000]),
      ];
      const second = [
        sku('GPU', 'Nvidia L4 GPU running in Americas', ['0', 560_040_000]),
        sku('GPU', 'Nvidia Tesla A100 GPU running in Americas', ['2', 933_908_000]),
        sku('GPU', 'Nvidia Tesla A100 80GB GPU running in Iowa', ['3', 930_000_000]),
      ];
      response.end(
        JSON.stringify(isFirst ? { skus: first, nextPageToken: 'next' } : { skus: second, nextPageToken: '' }),
      );
    };
    await withList(handle, async (url) => {
      const { exitCode, file } = await refresh('gcp', url);
      const prices = (file as { readonly prices: { readonly gcp: Readonly<Record<string, unknown>> } }).prices.gcp;

      expect(exitCode).toBe(0);
      expect(keys).toEqual(['sesame', 'sesame']);
      expect(prices).toMatchObject({
        'g2-standard-4': { 'us-central1': { 'on-demand': 0.706824 } },
        'a2-highgpu-1g': { 'us-central1': { 'on-demand': 3.673385 } },
      });
      // Its local SSD has no price here; in us-east4 no GPU has one.
      expect(prices['a2-ultragpu-1g']).toBeUndefined();
      expect(prices['g2-standard-4']).toEqual({ 'us-central1': { 'on-demand': 0.706824 } });
    });
  });

  test('need an API key', async () => {
    const { exitCode, stderr } = await refresh('gcp', 'http://127.0.0.1:1');

    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('GCP_API_KEY');
  });
});

test('one machine is shown with its figures and prices, an unknown one is told', async () => {
  const folder = scratchFolder();
  const shown = await flyball(folder, 'catalogue', 'show', 'p5.48xlarge');
  const unknown = await flyball(folder, 'catalogue', 'show', 'p9.huge');

  expect(shown.stdout).toContain('p5.48xlarge (aws): 8 x h100, 192 vCPU, 2048 GiB');
  expect(shown.stdout).toContain('Dense TFLOP/s: FP16 989, BF16 989, FP8 1979');
  expect(shown.stdout).toContain('MIG: 1g.10gb x 7,');
  expect(unknown.stderr).toContain('The catalogue has no machine p9.huge.');
});
