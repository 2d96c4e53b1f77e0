import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMoney, moneyToNumber, type CostPolicy, type Lever, type Workload } from '../../src/domain/index.ts';
import { aField } from '../builders.ts';
import { aLever, anHour, aServer, costOf, guards, nodes, recommendFor, usageOf } from './subjects.ts';

function withUsage(
  workload: Workload,
  ...rest: Parameters<typeof usageOf> extends [unknown, ...infer Rest] ? Rest : never
) {
  return { usage: new Map([[workload.id, usageOf(workload, ...rest)]]) };
}

describe('over-provisioned replicas', () => {
  test('six replicas that use 1.5 GPUs at their busiest are scaled to three', () => {
    const { proposals } = recommendFor(aServer());

    expect(proposals).toHaveLength(1);
    expect(proposals[0]?.changes[0]).toMatchObject({ lever: 'replicas', from: 6, to: 3 });
    expect(formatMoney(proposals[0]?.saving.likely ?? { micros: 0n, currency: 'USD' as never })).toBe('$1,764');
    expect(proposals[0]?.saving.kind).toBe('cash');
  });

  test('one proposal takes away at most half of the replicas, and says that more would go', () => {
    const workload = aServer();
    const { proposals } = recommendFor(
      workload,
      withUsage(workload, () => anHour({ smActiveRatio: 0.05 })),
    );

    expect(proposals[0]?.changes[0].to).toBe(3);
    expect(proposals[0]?.reason).toContain('1 would do');
  });

  test('production keeps two replicas', () => {
    const workload = aServer({ labels: { environment: 'production' }, replicas: 3, levers: [aLever('replicas', 3)] });
    const { proposals } = recommendFor(
      workload,
      withUsage(workload, () => anHour({ smActiveRatio: 0.05, gpuCount: 3 })),
    );

    expect(proposals[0]?.changes[0]).toMatchObject({ from: 3, to: 2 });
  });

  test('a short peak counts: the 99th percentile hour decides, not the mean', () => {
    const workload = aServer();
    const busyDaily = withUsage(workload, (hour) => anHour({ smActiveRatio: hour % 24 === 12 ? 0.68 : 0.05 }));

    expect(recommendFor(workload, busyDaily).proposals).toEqual([]);
    expect(recommendFor(workload, busyDaily).verdicts[0]).toMatchObject({ kind: 'keep', reason: 'right-sized' });
  });

  test('under an autoscaler its lower bound is edited and never spec.replicas', () => {
    const workload = aServer({
      replicas: 8,
      autoscaler: { kind: 'HorizontalPodAutoscaler', name: 'llama-chat' },
      levers: [
        aLever('replicas', 8, { field: { kind: 'not-editable', reason: 'autoscaler-owned', detail: 'HPA' } }),
        aLever('minReplicas', 8, { owner: 'HorizontalPodAutoscaler' }),
      ],
    });
    const { proposals } = recommendFor(
      workload,
      withUsage(workload, () => anHour({ gpuCount: 8, smActiveRatio: 0.3 })),
    );

    expect(proposals[0]?.changes[0]).toMatchObject({ lever: 'minReplicas', from: 8, to: 4 });
  });

  test('the workers of a training job are left alone: changing them changes the result', () => {
    const workload = aServer({ replicas: undefined, pause: { lever: 'suspend', pausedValue: true } });

    expect(recommendFor(workload).proposals).toEqual([]);
  });

  test('more demand never asks for fewer replicas', () => {
    const workload = aServer();
    const replicasFor = (ratio: number): number =>
      Number(
        recommendFor(
          workload,
          withUsage(workload, () => anHour({ smActiveRatio: ratio })),
        ).proposals[0]?.changes[0].to ?? 6,
      );
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 0.69, noNaN: true }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        (ratio, more) => {
          expect(replicasFor(Math.min(0.69, ratio + more))).toBeGreaterThanOrEqual(replicasFor(ratio));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('the kind of a saving', () => {
  test('capacity that a Savings Plan already paid for is freed, not cash', () => {
    const workload = aServer();
    const cost = new Map([[workload.id, costOf(workload, () => '116', 144, 0.9)]]);

    expect(recommendFor(workload, { cost }).proposals[0]?.saving.kind).toBe('freed');
  });

  test('three GPUs given back on eight-GPU nodes release no node yet', () => {
    const shared = nodes.map(({ cluster, hostname, instanceType }) => ({
      cluster,
      hostname,
      instanceType,
      gpuCount: 8,
    }));

    expect(recommendFor(aServer(), { nodes: shared }).proposals[0]?.saving.kind).toBe('none-yet');
  });

  test('a workload without cost gets no verdict: unknown is not free', () => {
    expect(recommendFor(aServer(), { cost: new Map() }).verdicts[0]).toMatchObject({
      kind: 'no-verdict',
      reason: 'no-cost',
    });
  });
});

describe('idle workloads', () => {
  const quiet = { smActiveRatio: 0, grEngineActiveRatio: 0, gpuUtilRatio: 0, tensorActiveRatio: 0, powerWatts: 17 };

  test('seven quiet days pause a job by suspend', () => {
    const workload = aServer({
      replicas: undefined,
      pause: { lever: 'suspend', pausedValue: true },
      levers: [aLever('suspend', false)],
    });
    const { proposals } = recommendFor(
      workload,
      withUsage(workload, () => anHour(quiet)),
    );

    expect(proposals[0]).toMatchObject({ action: 'pause', changes: [{ lever: 'suspend', from: false, to: true }] });
    expect(moneyToNumber(proposals[0]?.saving.likely ?? { micros: 0n, currency: 'USD' as never })).toBeCloseTo(
      (116 * 730) / 24,
      2,
    );
  });

  test.each([
    ['one busy hour', (hour: number) => anHour(hour === 29 * 24 ? { smActiveRatio: 0.4, gpuCount: 1 } : quiet)],
    ['a waiting request', () => anHour({ ...quiet, queueLength: 0.5 })],
    ['power above idle', () => anHour({ ...quiet, powerWatts: 40 })],
    ['one busy GPU among idle ones', () => anHour({ ...quiet, busiestGpuRatio: 0.3 })],
  ])('%s vetoes the pause', (_, hourOf) => {
    const workload = aServer({
      replicas: undefined,
      pause: { lever: 'suspend', pausedValue: true },
      levers: [aLever('suspend', false)],
    });

    expect(recommendFor(workload, withUsage(workload, hourOf)).proposals).toEqual([]);
  });

  test('a MIG slice whose GPU_UTIL is 0 by design and whose SMs are busy is not idle', () => {
    const workload = aServer({ replicas: 2, levers: [aLever('replicas', 2)] });
    const mig = withUsage(workload, () => anHour({ gpuCount: 2, gpuUtilRatio: 0, smActiveRatio: 0.5 }));

    expect(recommendFor(workload, mig).proposals).toEqual([]);
  });
});

describe('signals that cannot be believed give no verdict', () => {
  test.each([
    [
      'a deadlock',
      'signals-disagree',
      () => anHour({ gpuUtilRatio: 1, smActiveRatio: 0, tensorActiveRatio: 0, powerWatts: 20 }),
    ],
    [
      'a deadlock without SM_ACTIVE: idle power and memory',
      'signals-disagree',
      () =>
        anHour({ gpuUtilRatio: 1, smActiveRatio: undefined, tensorActiveRatio: 0, dramActiveRatio: 0, powerWatts: 20 }),
    ],
    ['stuck profiling counters', 'signals-disagree', () => anHour({ smActiveRatio: 0, powerWatts: 70 })],
    [
      'GR_ENGINE_ACTIVE stuck at 0 while power is high and GPU_UTIL is missing',
      'signals-disagree',
      () => anHour({ gpuUtilRatio: undefined, grEngineActiveRatio: 0, smActiveRatio: undefined, powerWatts: 70 }),
    ],
    [
      'GR_ENGINE_ACTIVE stuck at 0 while GPU_UTIL is not, and power is missing',
      'signals-disagree',
      () => anHour({ gpuUtilRatio: 0.6, grEngineActiveRatio: 0, smActiveRatio: undefined, powerWatts: undefined }),
    ],
    [
      'MIG without profiling counters: nothing says how busy',
      'no-metrics',
      () => anHour({ gpuUtilRatio: undefined, grEngineActiveRatio: undefined, smActiveRatio: undefined }),
    ],
    ['GPUs shared by time-slicing', 'gpu-shared', () => anHour({ sharedGpuCount: 2 })],
    ['half of its GPUs without pod labels', 'gaps-in-metrics', () => anHour({ gpuCount: 3 })],
    ['a third of the hours missing', 'gaps-in-metrics', (hour: number) => (hour % 3 === 1 ? undefined : anHour())],
    ['three days of history', 'too-little-history', (hour: number) => (hour < 27 * 24 ? undefined : anHour())],
    ['no samples', 'no-metrics', () => undefined],
  ] as const)('%s', (_, reason, hourOf) => {
    const workload = aServer();
    const { verdicts, proposals } = recommendFor(workload, withUsage(workload, hourOf));

    expect(verdicts[0]).toMatchObject({ kind: 'no-verdict', reason });
    expect(proposals).toEqual([]);
  });
});

describe('signals that may differ are believed', () => {
  test.each([
    [
      'a blip of a contradiction in a tenth of the hours',
      (hour: number) =>
        hour % 10 === 0 ? anHour({ gpuUtilRatio: 1, smActiveRatio: 0, tensorActiveRatio: 0 }) : anHour(),
    ],
    [
      'a memory-bound workload: few SMs, busy memory',
      () => anHour({ gpuUtilRatio: 1, smActiveRatio: 0.1, dramActiveRatio: 0.8, tensorActiveRatio: 0 }),
    ],
    [
      'low use with low power',
      () => anHour({ gpuUtilRatio: 0.05, grEngineActiveRatio: 0.04, smActiveRatio: 0.03, powerWatts: 25 }),
    ],
    ['one pod away for a rollout', () => anHour({ gpuCount: 5 })],
  ] as const)('%s', (_, hourOf) => {
    const workload = aServer();
    const { verdicts } = recommendFor(workload, withUsage(workload, hourOf));

    expect(verdicts.map(({ kind }) => kind)).not.toContain('no-verdict');
  });
});

describe('saturated workloads', () => {
  const full = anHour({ gpuCount: 2, smActiveRatio: 0.97, queueLength: 4 });

  test('full GPUs and waiting requests ask for another replica, as a cost', () => {
    const workload = aServer({ replicas: 2, levers: [aLever('replicas', 2)] });
    const { proposals } = recommendFor(
      workload,
      withUsage(workload, () => full),
    );

    expect(proposals[0]).toMatchObject({ action: 'scale-up', changes: [{ from: 2, to: 3 }] });
    expect(moneyToNumber(proposals[0]?.saving.likely ?? { micros: 0n, currency: 'USD' as never })).toBeLessThan(0);
  });

  test('full GPUs with an empty queue are well used, not too small', () => {
    const workload = aServer({ replicas: 2, levers: [aLever('replicas', 2)] });

    expect(
      recommendFor(
        workload,
        withUsage(workload, () => ({ ...full, queueLength: 0 })),
      ).proposals,
    ).toEqual([]);
  });
});

describe('the wrong GPU type', () => {
  const job = aServer({
    replicas: undefined,
    instanceType: 'p5.4xlarge',
    levers: [aLever('instanceType', 'p5.4xlarge')],
  });
  const light = withUsage(
    job,
    () => anHour({ gpuCount: 1, smActiveRatio: 0.15, dramActiveRatio: 0.08, framebufferTotalGib: 80, powerWatts: 150 }),
    30,
    ['NVIDIA H100 80GB HBM3'],
  );
  const onTheBill = [
    { cluster: 'prod-us', instanceType: 'p5.4xlarge', regionId: 'us-east-1', usdPerHour: 6.88, hours: 720 },
  ];

  test('a job that uses 9 GiB and 15 % of an H100 moves to the cheapest card that holds it', () => {
    const { proposals } = recommendFor(job, { ...light, unitPrices: onTheBill });

    expect(proposals[0]).toMatchObject({
      action: 'change-instance-type',
      changes: [{ from: 'p5.4xlarge', to: 'g6e.xlarge' }],
    });
    expect(proposals[0]?.evidence.some((item) => item.source.includes('price list of 2026-07-20'))).toBe(true);
  });

  test('no machine is proposed on which its CPU request would not fit', () => {
    const hungry = { ...job, requests: { cpuCores: 14, memoryGib: 100 } };
    const { proposals } = recommendFor(hungry, { ...light, unitPrices: onTheBill });

    expect(proposals[0]?.changes[0].to).toBe('g6e.4xlarge');
  });

  test('without a known price in its region nothing is proposed', () => {
    const elsewhere = onTheBill.map((price) => ({ ...price, regionId: 'eu-west-1' }));

    expect(recommendFor(job, { ...light, unitPrices: elsewhere }).proposals).toEqual([]);
  });

  test('a job that needs the memory of its card keeps it', () => {
    const heavy = withUsage(
      job,
      () => anHour({ gpuCount: 1, smActiveRatio: 0.15, framebufferUsedGibMax: 70, powerWatts: 150 }),
      30,
      ['NVIDIA H100 80GB HBM3'],
    );

    expect(recommendFor(job, { ...heavy, unitPrices: onTheBill }).proposals).toEqual([]);
  });
});

describe('budgets', () => {
  const policy = (type: CostPolicy['action']['type']): CostPolicy => ({
    name: 'cap',
    namespace: undefined,
    place: { path: 'policies/cap.yaml', line: 1, column: 1 },
    matchLabels: {},
    dailyUsd: 100,
    monthlyUsd: undefined,
    forecast: undefined,
    action: { type, replicaReductionPercentage: 25, minReplicas: 1 },
    escalateTo: { slackChannel: undefined, emailGroup: undefined },
  });
  const busy = aServer({ replicas: 4, levers: [aLever('replicas', 4)] });
  const judgementOf = (type: CostPolicy['action']['type']) => [
    {
      workload: busy.id,
      policy: policy(type),
      verdict: {
        policy: 'cap',
        place: { path: 'policies/cap.yaml', line: 1, column: 1 },
        outcome: 'exceeded' as const,
        summary: 'it costs $116 a day, above the cap of $100',
      },
    },
  ];
  const wellUsed = withUsage(busy, () => anHour({ gpuCount: 4, smActiveRatio: 0.65 }));

  test('a policy that is exceeded scales down by its percentage, with high risk where demand needs the replicas', () => {
    const { proposals } = recommendFor(busy, { ...wellUsed, judgements: judgementOf('scaleDown') });

    expect(proposals[0]).toMatchObject({ action: 'scale-down', risk: 'high', changes: [{ from: 4, to: 3 }] });
    expect(proposals[0]?.policyVerdicts).toHaveLength(1);
  });

  test('a policy that only notifies changes nothing and is listed', () => {
    const { proposals, heldBack } = recommendFor(busy, { ...wellUsed, judgements: judgementOf('notify') });

    expect(proposals).toEqual([]);
    expect(heldBack[0]).toMatchObject({ reason: 'policy-notify-only' });
  });
});

describe('guards', () => {
  test('a protected workload is listed, not changed', () => {
    const { proposals, heldBack } = recommendFor(aServer({ annotations: { 'flyball.dev/protected': 'true' } }));

    expect(proposals).toEqual([]);
    expect(heldBack[0]).toMatchObject({ reason: 'protected', change: 'replicas 6 → 3' });
  });

  test('a value that cannot be edited for sure is held back with its closed reason', () => {
    const workload = aServer({
      levers: [
        aLever('replicas', 6, {
          field: { kind: 'not-editable', reason: 'base-shared', detail: 'prod-us and staging' },
        }),
      ],
    });

    expect(recommendFor(workload).heldBack[0]).toMatchObject({
      reason: 'not-editable',
      detail: 'base-shared: prod-us and staging',
    });
  });

  test('a count that the controller would not run is held back', () => {
    const workload = aServer({ levers: [aLever('replicas', 6, { range: { least: 5, most: 8 } })] });

    expect(recommendFor(workload).heldBack[0]).toMatchObject({
      reason: 'not-editable',
      detail: 'out of range: the controller never runs fewer than 5, whatever replicas says',
    });
  });

  test('fields that must stay equal are changed together', () => {
    const plain = aLever('replicas', 6);
    const companion = aField({ path: 'apps/other.yaml' });
    const workload = aServer({
      levers: [{ ...plain, field: { ...plain.field, companions: [companion] } as Lever['field'] }],
    });

    expect(recommendFor(workload).proposals[0]?.changes.map(({ field, to }) => [field.path, to])).toEqual([
      [expect.any(String), 3],
      ['apps/other.yaml', 3],
    ]);
  });

  test('a saving below the minimum is held back', () => {
    expect(recommendFor(aServer(), { guards: { ...guards, minimumMonthlySavingUsd: 2000 } }).heldBack[0]).toMatchObject(
      {
        reason: 'saving-too-small',
      },
    );
  });

  test('the same change has the same fingerprint when only the figures differ', () => {
    const workload = aServer();
    const dearer = new Map([[workload.id, costOf(workload, () => '130')]]);

    expect(recommendFor(workload, { cost: dearer }).proposals[0]?.fingerprint).toBe(
      recommendFor(workload).proposals[0]?.fingerprint,
    );
  });

  test('a cost that jumped without more demand is named as the anomaly it is', () => {
    const workload = aServer();
    const jumped = new Map([[workload.id, costOf(workload, (day) => (day < 21 ? '58' : '193'))]]);
    const { proposals } = recommendFor(workload, { cost: jumped });

    expect(proposals[0]?.findings[0]).toMatchObject({
      kind: 'anomaly',
      summary: 'its cost rose from $58.00 to $193 a day on 2026-10-23',
    });
  });
});
