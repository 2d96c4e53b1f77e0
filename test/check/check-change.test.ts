import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkChange, type CheckInput, type CostEstimate, type WorkloadChange } from '../../src/check/index.ts';
import { currencyCode, formatMoney, negateMoney, workloadId, type Workload } from '../../src/domain/index.ts';
import { aCostPolicy, aWorkload, at, dollars } from '../builders.ts';
import {
  aJob,
  anInput,
  aScaledServer,
  aServer,
  costOf,
  declared,
  lever,
  machinePrices,
  noHistory,
  quietSettings,
  usageOf,
} from './worlds.ts';

function onlyChange(input: CheckInput): WorkloadChange {
  const { changes } = checkChange(input);
  const [change] = changes;
  if (change === undefined || changes.length > 1) throw new Error(`${changes.length} changes`);
  return change;
}

/** `$10 / $20 / $30`, or why it is not known. */
function told(estimate: CostEstimate): string {
  if (estimate.kind === 'unknown') return estimate.reason;
  const { low, likely, high } = estimate.monthly;
  return [low, likely, high].map(formatMoney).join(' / ');
}

describe('what a change costs', () => {
  test('more replicas cost their machines by the price on the bill, over 730 hours', () => {
    const change = onlyChange(anInput({ base: declared(aServer(2)), head: declared(aServer(5)) }));

    expect(told(change.before)).toBe('$1,168 / $1,168 / $1,168');
    expect(told(change.after)).toBe('$2,920 / $2,920 / $2,920');
    expect(change.delta?.likely).toEqual(dollars('1752'));
    expect(change.fields).toEqual([
      { field: 'replicas', from: 2, to: 5, place: { path: 'apps/inference/clip-server.yaml', line: 9, column: 13 } },
    ]);
  });

  test('a new workload costs all of it, a removed one gives all of it back', () => {
    const added = onlyChange(anInput({ head: declared(aServer(2)) }));
    const removed = onlyChange(anInput({ base: declared(aServer(2)) }));

    expect([added.kind, added.delta?.likely]).toEqual(['added', dollars('1168')]);
    expect([removed.kind, removed.delta?.likely]).toEqual(['removed', dollars('-1168')]);
  });

  test('a GPU bears its share of a machine with several', () => {
    const quarter = aServer(1, { instanceType: 'g6e.12xlarge' });

    expect(told(onlyChange(anInput({ head: declared(quarter) })).after)).toBe('$1,825 / $1,825 / $1,825');
  });

  test('the bill wins over the public list, which counts where the bill has none', () => {
    const billed = onlyChange(anInput({ head: declared(aServer(1)) }));
    const listed = onlyChange(anInput({ head: declared(aServer(1, { instanceType: 'g6.2xlarge' })) }));

    expect(sources(billed.after)).toContain('unit price on the bill over 7200 node-hours of prod');
    expect(sources(listed.after)).toMatch(/AWS on-demand price list of .*us-east-1/);
  });

  test('prices of commitments and on demand are weighted by their hours', () => {
    const spot = { cluster: 'prod', instanceType: 'g6.xlarge', regionId: 'us-east-1', hours: 2400 };
    const prices = [...machinePrices, { ...spot, effectivePerHour: dollars('0.4') }];
    const input = anInput({ head: declared(aServer(1)), history: { ...noHistory, machinePrices: prices } });

    expect(told(onlyChange(input).after)).toBe('$511 / $511 / $511');
  });

  test('what is not known is said, and is never nothing', () => {
    const unknownMachine = anInput({ head: declared(aServer(1, { instanceType: 'x9.huge' })) });
    const noRegion = anInput({ head: declared(aServer(1, { instanceType: 'g6.2xlarge' })), history: noHistory });
    const noMachine = anInput({ head: declared(aServer(1, { instanceType: undefined })) });
    const newJob = anInput({ head: declared(aJob()) });
    const inEuro = anInput({
      head: declared(aServer(1)),
      history: noHistory,
      currency: currencyCode('EUR'),
    });

    expect([unknownMachine, noRegion, noMachine, newJob, inEuro].map((input) => told(onlyChange(input).after))).toEqual(
      [
        'how many GPUs a x9.huge has is not known',
        'the bill has no g6.2xlarge, and does not say in which region prod is',
        'it names no machine, and what its GPUs cost is not known',
        'it runs to completion, and how long is not known',
        'the bill has no g6.xlarge, and list prices are in USD',
      ],
    );
    expect(checkChange(unknownMachine)).toMatchObject({ unknown: 1, isSilent: false, conclusion: 'neutral' });
    expect(onlyChange(unknownMachine).delta).toBeUndefined();
  });

  test('without a machine the cost of its GPU-hours so far counts', () => {
    const before = aServer(2, { instanceType: undefined });
    const cost = new Map([[before.id, costOf(before.id, { days: 20, perDay: 48, gpuHours: 48 })]]);
    const input = anInput({
      base: declared(before),
      head: declared(aServer(3, { instanceType: undefined })),
      history: { ...noHistory, workloads: [before], cost },
    });

    expect(onlyChange(input).delta?.likely).toEqual(dollars('730'));
  });

  test('what is stopped costs nothing, by replicas or by its switch', () => {
    const stopped = aJob({ levers: [lever('suspend', true)] });

    expect(told(onlyChange(anInput({ base: declared(aServer(2)), head: declared(aServer(0)) })).after)).toBe(
      '$0.00 / $0.00 / $0.00',
    );
    expect(told(onlyChange(anInput({ base: declared(aJob()), head: declared(stopped) })).after)).toBe(
      '$0.00 / $0.00 / $0.00',
    );
  });

  test('a job costs as long as it ran so far', () => {
    const job = aJob();
    const usage = new Map([[job.id, usageOf(job.id, { days: 10, gpus: 4, busy: 0.5, hoursADay: 6 })]]);
    const input = anInput({
      base: declared(job),
      head: declared(aJob({ gpu: { kind: 'devices', resourceName: 'nvidia.com/gpu', perReplica: 2 } })),
      history: { workloads: [job], usage, cost: new Map(), machinePrices },
    });
    const change = onlyChange(input);

    // Four GPUs for six hours a day at $0.80: 0.25 × 730 × 4 × 0.8.
    expect(told(change.before)).toBe('$584 / $584 / $584');
    expect(told(change.after)).toBe('$1,168 / $1,168 / $1,168');
  });

  test('a job by another schedule is not priced by the old one', () => {
    const job = aJob({ kind: 'CronJob', levers: [lever('suspend', false), lever('schedule', '0 2 * * *')] });
    const hourly = { ...job, levers: [lever('suspend', false), lever('schedule', '0 * * * *')] };
    const usage = new Map([[job.id, usageOf(job.id, { days: 10, gpus: 1, busy: 0.5, hoursADay: 6 })]]);
    const input = anInput({
      base: declared(job),
      head: declared(hourly),
      history: { workloads: [job], usage, cost: new Map(), machinePrices },
    });

    expect(told(onlyChange(input).after)).toMatch(/its schedule is another one/);
  });

  test('workloads without GPUs and changes that cost nothing are passed over', () => {
    const web = aWorkload({ name: 'web', gpu: { kind: 'none' } });
    const relabelled = aServer(2, { labels: { app: 'other' } });

    expect(checkChange(anInput({ base: declared(aServer(2)), head: declared(relabelled, web) }))).toMatchObject({
      changes: [],
      isSilent: true,
      conclusion: 'success',
    });
  });
});

describe('autoscalers', () => {
  test('their bounds give the range, and without a history the middle is likely', () => {
    const change = onlyChange(anInput({ head: declared(aScaledServer(2, 6)) }));

    expect(told(change.after)).toBe('$1,168 / $2,336 / $3,504');
  });

  test('what the hours of use asked for is held between the new bounds', () => {
    const before = aScaledServer(8, 16);
    // Eight ran because eight was the least; a quarter busy, three would have done at a target of 70 %.
    const usage = new Map([[before.id, usageOf(before.id, { days: 20, gpus: 8, busy: 0.25 })]]);
    const input = anInput({
      base: declared(before),
      head: declared(aScaledServer(2, 16)),
      history: { workloads: [before], usage, cost: new Map(), machinePrices },
    });
    const change = onlyChange(input);

    expect(told(change.before)).toBe('$4,672 / $4,672 / $9,344');
    expect(told(change.after)).toBe('$1,168 / $1,752 / $9,344');
    expect(change.delta).toEqual({ low: dollars('-3504'), likely: dollars('-2920'), high: dollars('0') });
  });
});

describe('a workload without a history', () => {
  test('is likened to the one it has most in common with, with a number and the reasons', () => {
    const near = aScaledServer(2, 8, { name: 'clip-server', id: idOf('clip-server') });
    const far = aServer(2, {
      name: 'other',
      id: idOf('other'),
      labels: {},
      namespace: 'x',
      instanceType: 'p5.48xlarge',
    });
    const added = aScaledServer(2, 8, { name: 'clip-server-2', id: idOf('clip-server-2') });
    const usage = new Map([near, far].map(({ id }) => [id, usageOf(id, { days: 20, gpus: 3, busy: 0.6 })]));
    const input = anInput({
      base: declared(near, far),
      head: declared(near, far, added),
      history: { workloads: [near, far], usage, cost: new Map(), machinePrices },
    });
    const change = onlyChange(input);

    expect(change.similar.map(({ workload, similarityRatio }) => [workload.name, similarityRatio])).toEqual([
      ['clip-server', 1],
    ]);
    expect(change.similar[0]?.shared).toEqual([
      '1 × nvidia.com/gpu a replica',
      'machine g6.xlarge',
      'kind Deployment',
      'namespace inference',
      '100 % of the labels',
      '100 % of the name',
    ]);
    // Three replicas ran between the bounds.
    expect(told(change.after)).toBe('$1,168 / $1,752 / $4,672');
    expect(change.after.kind === 'known' && change.after.evidence[0]?.value).toMatch(
      /if it runs as prod\/inference\/clip-server does/,
    );
  });

  test('a job is never likened to a server', () => {
    const server = aServer(2);
    const usage = new Map([[server.id, usageOf(server.id, { days: 20, gpus: 2, busy: 0.6 })]]);
    const input = anInput({
      base: declared(server),
      head: declared(server, aJob()),
      history: { workloads: [server], usage, cost: new Map(), machinePrices },
    });

    expect(onlyChange(input).similar).toEqual([]);
  });
});

describe('budgets', () => {
  const policy = aCostPolicy({ dailyUsd: undefined, monthlyUsd: 2000 });
  const reviewed = aCostPolicy({
    dailyUsd: undefined,
    monthlyUsd: 2000,
    action: { type: 'review', replicaReductionPercentage: undefined, minReplicas: undefined },
  });
  const notified = { ...reviewed, action: { ...reviewed.action, type: 'notify' as const } };
  const growing = { base: declared(aServer(2)), head: declared(aServer(5)) };

  test('the policy says what becomes of a change that exceeds it', () => {
    const conclusions = [policy, reviewed, notified].map(
      (one) => checkChange(anInput({ ...growing, policies: [one] })).conclusion,
    );

    expect(conclusions).toEqual(['failure', 'action_required', 'neutral']);
  });

  test('what is left is told, and less is never to blame', () => {
    const within = onlyChange(anInput({ base: declared(aServer(1)), head: declared(aServer(2)), policies: [policy] }));
    const shrinking = checkChange(
      anInput({ base: declared(aServer(5)), head: declared(aServer(4)), policies: [policy] }),
    );

    expect(within.budgets[0]).toMatchObject({ outcome: 'within', wasExceeded: false, left: dollars('832') });
    expect(shrinking.changes[0]?.budgets[0]).toMatchObject({ outcome: 'exceeds', wasExceeded: true });
    expect(shrinking.conclusion).toBe('success');
  });

  test('the month so far and its remaining days are judged as well', () => {
    const before = aServer(2);
    const cost = new Map([[before.id, costOf(before.id, { days: 20, perDay: 150, gpuHours: 48 })]]);
    const input = anInput({
      base: declared(before),
      head: declared(aServer(1)),
      policies: [policy],
      history: { ...noHistory, workloads: [before], cost, machinePrices },
      asOf: at('2026-10-29T00:00:00Z'),
    });

    expect(onlyChange(input).budgets[0]?.summary).toBe(
      '$2,550 this month so far and 3 days like this come to $2,608, above the threshold of $2,000',
    );
  });

  test('taking the label away does not get a workload out of its policy', () => {
    const input = anInput({
      base: declared(aServer(2)),
      head: declared(aServer(5, { labels: {} })),
      policies: [policy],
    });

    expect(checkChange(input).conclusion).toBe('failure');
  });

  test('without a price a policy cannot be judged, and that is said', () => {
    const input = anInput({
      base: declared(aServer(2)),
      head: declared(aServer(2, { instanceType: 'x9.huge' })),
      policies: [policy],
    });

    expect(onlyChange(input).budgets[0]).toMatchObject({ outcome: 'unknown', left: undefined });
    expect(checkChange(input).conclusion).toBe('neutral');
  });
});

describe('when to speak', () => {
  const change = { base: declared(aServer(100)), head: declared(aServer(101)) };

  test('a small amount or a small share is passed over', () => {
    const speaks = [
      quietSettings,
      { ...quietSettings, minimumMonthlyUsd: 600 },
      { ...quietSettings, minimumPercent: 2 },
    ].map((settings) => !checkChange(anInput({ ...change, settings })).isSilent);

    expect(speaks).toEqual([true, false, false]);
  });

  test('one dear workload does not hide behind another that is given up', () => {
    const other = { name: 'other', id: idOf('other') };
    const input = anInput({
      base: declared(aServer(10), aServer(1, other)),
      head: declared(aServer(1), aServer(10, other)),
      settings: { ...quietSettings, minimumMonthlyUsd: 1000 },
    });

    expect(checkChange(input)).toMatchObject({ isSilent: false, delta: { likely: dollars(0) } });
  });

  test('above the limit the owners of the budget are asked', () => {
    const settings = { ...quietSettings, reviewAboveMonthlyUsd: 500, budgetOwners: ['acme/finops', 'ana'] };
    const input = anInput({ ...change, settings });

    expect(checkChange(input)).toMatchObject({ conclusion: 'action_required', reviewers: ['acme/finops', 'ana'] });
    expect(checkChange({ ...input, base: input.head, head: input.base }).reviewers).toEqual([]);
  });
});

describe('room for the GPUs', () => {
  test('pools of the machine are compared with what is asked for, and said only where all have a limit', () => {
    const pool = {
      id: 'prod//karpenter.sh/NodePool/gpu' as never,
      cluster: 'prod',
      namespace: undefined,
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodePool',
      name: 'gpu',
      declaredIn: { path: 'pools.yaml', line: 1, column: 1 },
      levers: [lever('instanceType', 'g6.xlarge'), lever('gpuCount', 4)],
      pause: undefined,
    };
    const head = (replicas: number) => ({ ...declared(aServer(replicas)), capacity: [pool] });
    const check = (replicas: number) => checkChange(anInput({ head: head(replicas) }));

    expect(check(4).changes[0]?.capacity[0]).toMatchObject({ outcome: 'fits', limitGpus: 4, askedGpus: 4 });
    expect(check(5)).toMatchObject({
      conclusion: 'neutral',
      reasons: [
        'inference/clip-server may find no machine: 1 workload asks for at most 5 GPUs of g6.xlarge in prod; the limit of NodePool gpu is 4',
      ],
    });
    expect(
      checkChange(
        anInput({ head: { ...head(5), capacity: [pool, { ...pool, levers: [lever('instanceType', 'g6.xlarge')] }] } }),
      ).changes[0]?.capacity,
    ).toEqual([]);
  });
});

test('the other way round every figure is the same with its sign turned', () => {
  const server = fc
    .tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.nat(20),
      fc.constantFrom('g6.xlarge', 'g6e.12xlarge', 'x9.huge', undefined),
    )
    .map(([name, replicas, instanceType]) => aServer(replicas, { name, id: idOf(name), instanceType }));
  const scaled = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(10), fc.nat(10))
    .map(([name, least, more]) => aScaledServer(least, least + more, { name, id: idOf(name) }));
  const job = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean())
    .map(([name, suspend]) => aJob({ name, id: idOf(name), levers: [lever('suspend', suspend)] }));
  const fleet = fc.uniqueArray(fc.oneof(server, scaled, job), { selector: ({ id }) => id, maxLength: 3 });
  const use = fc.record({ gpus: fc.integer({ min: 1, max: 16 }), busy: fc.double({ min: 0, max: 1, noNaN: true }) });

  fc.assert(
    fc.property(fleet, fleet, fleet, use, (base, head, known: readonly Workload[], { gpus, busy }) => {
      const usage = new Map(known.map(({ id }) => [id, usageOf(id, { days: 2, gpus, busy })]));
      const cost = new Map(known.map(({ id }) => [id, costOf(id, { days: 2, perDay: 31.7, gpuHours: 24 * gpus })]));
      const history = { workloads: known, usage, cost, machinePrices };
      const there = checkChange(anInput({ base: declared(...base), head: declared(...head), history }));
      const back = checkChange(anInput({ base: declared(...head), head: declared(...base), history }));

      expect(back.delta).toEqual({
        low: negateMoney(there.delta.high),
        likely: negateMoney(there.delta.likely),
        high: negateMoney(there.delta.low),
      });
      for (const { workload, delta } of there.changes) {
        const turned = back.changes.find((change) => change.workload.id === workload.id)?.delta;
        expect(turned?.likely).toEqual(delta && negateMoney(delta.likely));
        expect(
          delta === undefined || (delta.low.micros <= delta.likely.micros && delta.likely.micros <= delta.high.micros),
        ).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

function sources(estimate: CostEstimate): string {
  return estimate.kind === 'known' ? estimate.evidence.map(({ source }) => source).join('; ') : estimate.reason;
}

function idOf(name: string) {
  return workloadId({ cluster: 'prod', namespace: 'inference', kind: 'Deployment', name });
}
