import { describe, expect, test } from 'vitest';
import { addMoney, epochMs, money, moneyToDecimal, usd, type CostSeries } from '../../src/domain/index.ts';
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
const train = aWorkload({ namespace: 'training', kind: 'Job', name: 'train' });

function effective(series: CostSeries | undefined): string | undefined {
  if (series === undefined) return undefined;
  return moneyToDecimal(series.days.reduce((sum, item) => addMoney(sum, item.effective), money(0n, usd)));
}

function inDay(row: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return aCharge({ ChargePeriodEnd: '2026-10-02T00:00:00Z', ...row });
}

describe('node cost', () => {
  test('a node’s hour is shared equally over its GPUs, and a GPU without a pod is idle', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [aCharge({ ResourceId: 'arn:aws:ec2:us-east-1:1:instance/node-1', EffectiveCost: '9' })],
        samples: [
          ...hourly([0], gpuLabels({ UUID: 'GPU-0' })),
          ...hourly([0], gpuLabels({ UUID: 'GPU-1', namespace: 'training', pod: 'train-4x7kz' })),
          ...hourly([0], gpuLabels({ UUID: 'GPU-2', namespace: '', pod: '', container: '' })),
        ],
      });
      return attributeMonth(ledger, [clip, train]);
    });

    expect(effective(attribution.cost.get(clip.id))).toBe('3.000000');
    expect(effective(attribution.cost.get(train.id))).toBe('3.000000');
    expect(moneyToDecimal(attribution.coverage.effectiveIdle)).toBe('3.000000');
    expect(attribution.coverage.gpuHoursTotal).toBe(3);
    expect(attribution.coverage.gpuHoursIdle).toBe(1);
  });

  test('the first label of the host name and ResourceName name a node too, in any case', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [aCharge({ ResourceId: 'projects/x/other', ResourceName: 'IP-10-0-0-7', EffectiveCost: '4' })],
        samples: hourly([0], gpuLabels({ Hostname: 'ip-10-0-0-7.ec2.internal' })),
      });
      return attributeMonth(ledger, [clip]);
    });

    expect(effective(attribution.cost.get(clip.id))).toBe('4.000000');
  });

  test('a host name that two clusters share is attributed only where a tag names the cluster', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [
          aCharge({ ResourceName: 'node-1', EffectiveCost: '4' }),
          aCharge({ ResourceName: 'node-1', EffectiveCost: '8', Tags: '{"k8s-cluster-name":"prod"}' }),
          aCharge({ ResourceName: 'node-1', EffectiveCost: '16', Tags: '{"k8s-cluster-name":"elsewhere"}' }),
        ],
        samples: [...hourly([0], gpuLabels()), ...hourly([0], gpuLabels({ cluster: 'staging', UUID: 'GPU-9' }))],
      });
      return attributeMonth(ledger, [clip]);
    });

    expect(effective(attribution.cost.get(clip.id))).toBe('8.000000');
    expect(moneyToDecimal(attribution.coverage.effectiveUnattributed)).toBe('20.000000');
  });

  test('a daily charge falls on the hours in which the node was seen, and on none it is idle', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [
          inDay({ ResourceName: 'node-1', EffectiveCost: '24' }),
          inDay({
            ResourceName: 'node-1',
            EffectiveCost: '5',
            ChargePeriodStart: '2026-10-05T00:00:00Z',
            ChargePeriodEnd: '2026-10-06T00:00:00Z',
          }),
        ],
        samples: [
          ...hourly([3, 4], gpuLabels()),
          ...hourly([5], gpuLabels({ namespace: 'training', pod: 'train-4x7kz' })),
        ],
      });
      return attributeMonth(ledger, [clip, train]);
    });

    expect(effective(attribution.cost.get(clip.id))).toBe('16.000000');
    expect(effective(attribution.cost.get(train.id))).toBe('8.000000');
    expect(moneyToDecimal(attribution.coverage.effectiveIdle)).toBe('5.000000');
  });

  test('pods on one time-sliced GPU share it, and a GPU that changes hands is divided by time', async () => {
    const twoThirds = [0, 1, 2, 3].map((index) => ({
      metric: 'DCGM_FI_DEV_GPU_UTIL',
      labels: gpuLabels({ UUID: 'GPU-1' }),
      value: 50,
      at: start + index * 60_000,
    }));
    const oneThird = [4, 5].map((index) => ({
      metric: 'DCGM_FI_DEV_GPU_UTIL',
      labels: gpuLabels({ UUID: 'GPU-1', namespace: 'training', pod: 'train-4x7kz' }),
      value: 50,
      at: start + index * 60_000,
    }));
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [aCharge({ ResourceName: 'node-1', EffectiveCost: '12' })],
        samples: [
          ...hourly([0], gpuLabels()),
          ...hourly([0], gpuLabels({ namespace: 'training', pod: 'train-4x7kz' })),
          ...twoThirds,
          ...oneThird,
        ],
      });
      return attributeMonth(ledger, [clip, train]);
    });

    expect(effective(attribution.cost.get(clip.id))).toBe('7.000000');
    expect(effective(attribution.cost.get(train.id))).toBe('5.000000');
    expect(attribution.cost.get(clip.id)?.days[0]?.gpuHours).toBeCloseTo(0.5 + 2 / 3, 6);
  });

  test('MIG instances share a GPU by their compute slices, and the GPU’s own lines hold nothing', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [aCharge({ ResourceName: 'node-1', EffectiveCost: '14' })],
        samples: [
          ...hourly([0], gpuLabels({ namespace: '', pod: '' })),
          ...hourly([0], gpuLabels({ GPU_I_ID: '1', GPU_I_PROFILE: '3g.40gb' })),
          ...hourly(
            [0],
            gpuLabels({ GPU_I_ID: '2', GPU_I_PROFILE: '4g.40gb', namespace: 'training', pod: 'train-4x7kz' }),
          ),
        ],
      });
      return attributeMonth(ledger, [clip, train]);
    });

    expect(effective(attribution.cost.get(clip.id))).toBe('6.000000');
    expect(effective(attribution.cost.get(train.id))).toBe('8.000000');
    expect(attribution.usage.get(clip.id)?.hours[0]?.gpuCount).toBe(1);
  });
});

describe('tagged cost', () => {
  test('tags give a charge to the workload they name, by its own or its controller’s name', async () => {
    const tags = (name: string): string =>
      JSON.stringify({
        'aws:eks:cluster-name': 'prod',
        'aws:eks:namespace': 'inference',
        'aws:eks:workload-name': name,
      });
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [
          aCharge({ Tags: tags('clip-server'), EffectiveCost: '1' }),
          aCharge({ Tags: tags('clip-server-6d4f9c7b8-x7k2p'), EffectiveCost: '2' }),
          aCharge({ Tags: tags('unheard-of'), EffectiveCost: '4', ResourceName: 'node-1' }),
          aCharge({ Tags: tags('kube:unallocated'), EffectiveCost: '8' }),
          aCharge({ Tags: tags('kube:system-overhead'), EffectiveCost: '16' }),
          aCharge({ Tags: '', EffectiveCost: '32' }),
        ],
        samples: hourly([0], gpuLabels()),
      });
      return attributeMonth(ledger, [clip]);
    });

    expect(effective(attribution.cost.get(clip.id))).toBe('3.000000');
    expect(moneyToDecimal(attribution.coverage.effectiveIdle)).toBe('8.000000');
    expect(moneyToDecimal(attribution.coverage.effectiveUnattributed)).toBe('52.000000');
    expect(attribution.cost.get(clip.id)?.days[0]?.gpuHours).toBe(0);
  });

  test('a tagged charge over several days is divided over them by time', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [
          aCharge({
            Tags: '{"k8s-workload-name":"clip-server","k8s-namespace":"inference"}',
            EffectiveCost: '10',
            ChargePeriodStart: '2026-10-01T18:00:00Z',
            ChargePeriodEnd: '2026-10-03T00:00:00Z',
          }),
        ],
        samples: [],
      });
      return attributeMonth(ledger, [clip]);
    });

    expect(attribution.cost.get(clip.id)?.days.map((item) => [item.day, moneyToDecimal(item.effective)])).toEqual([
      [start, '2.000000'],
      [start + day, '8.000000'],
    ]);
  });

  test('hostile tag values are compared as text and never run', async () => {
    const hostile = `'; DROP TABLE billing_row; --\n"quoted" \\ \u2028`;
    const odd = aWorkload({ name: hostile });
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [
          aCharge({
            Tags: JSON.stringify({ 'k8s-workload-name': hostile, 'k8s-namespace': 'inference' }),
            EffectiveCost: '7',
          }),
          aCharge({
            Tags: JSON.stringify({ [`a/b~c."'`]: hostile, __proto__x: '1' }),
            ResourceName: hostile,
            EffectiveCost: '1',
          }),
        ],
        samples: hourly([0], gpuLabels({ pod: hostile, Hostname: hostile, namespace: `x'--` })),
      });
      return attributeMonth(ledger, [odd]);
    });

    expect(effective(attribution.cost.get(odd.id))).toBe('7.000000');
    expect(moneyToDecimal(attribution.coverage.effectiveTotal)).toBe('8.000000');
    expect(attribution.unmatchedPods).toHaveLength(1);
  });
});

describe('coverage', () => {
  test('only charges that begin in the window count, and other currencies stay apart', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [
          aCharge({ EffectiveCost: '1' }),
          aCharge({ EffectiveCost: '2', ChargePeriodStart: '2026-09-30T23:00:00Z' }),
          aCharge({
            EffectiveCost: '4',
            ChargePeriodStart: '2026-10-02T00:00:00Z',
            ChargePeriodEnd: '2026-10-02T01:00:00Z',
          }),
          aCharge({ EffectiveCost: '8', BillingCurrency: 'EUR' }),
        ],
        samples: [],
      });
      return attributeMonth(ledger, [clip], { windowEnd: epochMs(start + day) });
    });

    expect(moneyToDecimal(attribution.coverage.effectiveTotal)).toBe('1.000000');
    expect(attribution.coverage.otherCurrencies.map((amount) => [amount.currency, moneyToDecimal(amount)])).toEqual([
      ['EUR', '8.000000'],
    ]);
    expect(attribution.problems.map((problem) => problem.code)).toEqual(['BILLING_CURRENCY_MIXED']);
  });

  test('pods that no workload explains are grouped by pattern and their cost stays unattributed', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [aCharge({ ResourceName: 'node-1', EffectiveCost: '3' })],
        samples: [
          ...hourly([0, 1], gpuLabels({ pod: 'ghost-6d4f9c7b8-aaaaa' })),
          ...hourly([0], gpuLabels({ UUID: 'GPU-1', pod: 'ghost-6d4f9c7b8-bbbbb' })),
        ],
      });
      return attributeMonth(ledger, [clip]);
    });

    expect(attribution.unmatchedPods).toEqual([
      { cluster: 'prod', namespace: 'inference', podPattern: 'ghost-*', pods: 2, gpuHours: 3 },
    ]);
    expect(moneyToDecimal(attribution.coverage.effectiveUnattributed)).toBe('3.000000');
    expect(attribution.problems.map((problem) => problem.code)).toEqual(['METRICS_WITHOUT_WORKLOAD']);
  });

  test('commitment-covered cost is the part whose commitment status is Used', async () => {
    const row = { ResourceName: 'node-1', PricingCategory: 'Committed' };
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [
          aCharge({ ...row, EffectiveCost: '6', BilledCost: '0', ListCost: '9', CommitmentDiscountStatus: 'Used' }),
          aCharge({ ...row, EffectiveCost: '1' }),
        ],
        samples: hourly([0], gpuLabels()),
      });
      return attributeMonth(ledger, [clip]);
    });

    const [only] = attribution.cost.get(clip.id)?.days ?? [];
    expect(only && [only.billed, only.effective, only.list, only.commitmentCovered].map(moneyToDecimal)).toEqual([
      '1.000000',
      '7.000000',
      '10.000000',
      '6.000000',
    ]);
  });
});

describe('prices and nodes', () => {
  test('machine hours on the bill give a price per machine type, without attached charges', async () => {
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [
          aCharge({ ResourceName: 'node-1', EffectiveCost: '8', x_InstanceType: 'p5.48xlarge' }),
          inDay({ ResourceName: 'node-2', EffectiveCost: '60', PricingQuantity: '10', x_InstanceType: 'p5.48xlarge' }),
          aCharge({ ResourceName: 'node-1', EffectiveCost: '5', PricingUnit: 'GB', PricingQuantity: '100' }),
          aCharge({
            ResourceName: 'node-3',
            EffectiveCost: '2',
            ChargeDescription: '$2 per Linux g6.xlarge Instance Hour',
          }),
        ],
        samples: [
          ...hourly([0], gpuLabels()),
          ...hourly([0], gpuLabels({ UUID: 'GPU-1' })),
          ...hourly([1], gpuLabels({ Hostname: 'node-2', UUID: 'GPU-2' })),
          ...hourly([1], gpuLabels({ Hostname: 'node-3', UUID: 'GPU-3' })),
        ],
      });
      return attributeMonth(ledger, [clip]);
    });

    expect(
      attribution.unitPrices.map((price) => ({ ...price, effectivePerHour: moneyToDecimal(price.effectivePerHour) })),
    ).toEqual([
      {
        cluster: 'prod',
        instanceType: 'g6.xlarge',
        pricingCategory: 'Standard',
        effectivePerHour: '2.000000',
        hours: 1,
        nodes: 1,
      },
      {
        cluster: 'prod',
        instanceType: 'p5.48xlarge',
        pricingCategory: 'Standard',
        effectivePerHour: '6.181818',
        hours: 11,
        nodes: 2,
      },
    ]);
    expect(attribution.nodes).toEqual([
      { cluster: 'prod', hostname: 'node-1', instanceType: 'p5.48xlarge', gpuCount: 2 },
      { cluster: 'prod', hostname: 'node-2', instanceType: 'p5.48xlarge', gpuCount: 1 },
      { cluster: 'prod', hostname: 'node-3', instanceType: 'g6.xlarge', gpuCount: 1 },
    ]);
  });
});

describe('use', () => {
  test('an hour’s means are over samples, its maxima over GPUs, and what was not measured is undefined', async () => {
    const at = (minute: number): number => start + minute * 60_000;
    const sample = (metric: string, value: number, minute: number, uuid = 'GPU-0') => ({
      metric,
      labels: gpuLabels({ UUID: uuid }),
      value,
      at: at(minute),
    });
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [],
        samples: [
          sample('DCGM_FI_PROF_SM_ACTIVE', 0.2, 0),
          sample('DCGM_FI_PROF_SM_ACTIVE', 0.4, 10),
          sample('DCGM_FI_PROF_SM_ACTIVE', 0.9, 0, 'GPU-1'),
          sample('DCGM_FI_DEV_GPU_UTIL', 80, 0),
          sample('DCGM_FI_DEV_FB_USED', 1024, 0),
          sample('DCGM_FI_DEV_FB_USED', 2048, 10),
          sample('DCGM_FI_DEV_FB_FREE', 1024, 0),
          sample('DCGM_FI_DEV_FB_FREE', 0, 10),
          sample('DCGM_FI_DEV_XID_ERRORS', 0, 0),
          sample('DCGM_FI_DEV_XID_ERRORS', 79, 0, 'GPU-1'),
        ],
      });
      return attributeMonth(ledger, [clip]);
    });

    expect(attribution.usage.get(clip.id)).toEqual({
      workload: clip.id,
      gpuModels: ['NVIDIA H100 80GB HBM3'],
      nodes: ['node-1'],
      hours: [
        {
          hour: start,
          gpuCount: 2,
          gpuUtilRatio: 0.8,
          grEngineActiveRatio: undefined,
          smActiveRatio: 0.5,
          busiestGpuRatio: 0.9,
          tensorActiveRatio: undefined,
          dramActiveRatio: undefined,
          framebufferUsedGibMax: 2,
          framebufferTotalGib: 2,
          powerWatts: undefined,
          xidErrors: 1,
          queueLength: undefined,
          requestsPerSecond: undefined,
        },
      ],
    });
  });

  test('queues add up over replicas and request counters become rates across a restart', async () => {
    const pods = ['clip-server-6d4f9c7b8-x7k2p', 'clip-server-6d4f9c7b8-k2px7'];
    const labels = (pod: string) => ({ cluster: 'prod', namespace: 'inference', pod, engine: '0' });
    const counter = 'vllm:request_success_total';
    const attribution = await withLedger(async (ledger, folder) => {
      await ingestWorld(ledger, folder, {
        charges: [],
        samples: pods.flatMap((pod) => [
          { metric: 'DCGM_FI_DEV_GPU_UTIL', labels: gpuLabels({ pod, UUID: pod }), value: 50, at: start },
          { metric: 'vllm:num_requests_waiting', labels: labels(pod), value: 3, at: start },
          { metric: counter, labels: labels(pod), value: 100, at: start },
          { metric: counter, labels: labels(pod), value: 160, at: start + 40_000 },
          { metric: counter, labels: labels(pod), value: 20, at: start + 80_000 },
        ]),
      });
      return attributeMonth(ledger, [clip]);
    });

    const [only] = attribution.usage.get(clip.id)?.hours ?? [];
    expect(only?.queueLength).toBe(6);
    expect(only?.requestsPerSecond).toBe(2);
    expect(only?.hour).toBe(start);
  });
});
