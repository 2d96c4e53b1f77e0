import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  currencyCode,
  dayMs,
  epochMs,
  moneyToDecimal,
  type CostPolicy,
  type WorkloadId,
} from '../../src/domain/index.ts';
import { evaluateCostPolicies, type CostJudgement, type EvaluateInput } from '../../src/policy/index.ts';
import { aCostPolicy, asOf, at, aWorkload, dollars } from '../builders.ts';
import { aCostSeries, costOf, flat } from './worlds.ts';

const workload = aWorkload();

function judgeOne(policy: CostPolicy, amounts: readonly (number | string | undefined)[]): CostJudgement | undefined {
  const { judgements } = evaluateCostPolicies({
    policies: [policy],
    workloads: [workload],
    cost: costOf(workload, amounts),
    asOf,
  });
  expect(judgements.length).toBeLessThanOrEqual(1);
  return judgements[0];
}

const daily = aCostPolicy({ dailyUsd: 500, monthlyUsd: undefined });
const monthly = aCostPolicy({ dailyUsd: undefined, monthlyUsd: 10_000 });

describe('the figures', () => {
  test('a day is the mean of the last seven, exactly', () => {
    const judgement = judgeOne(daily, [9999, 600, 600, 600, 600, 600, 600, '700.70']);

    expect(judgement?.dailyUsd).toEqual(dollars('614.385714'));
    expect(judgement?.overDailyUsd).toEqual(dollars('114.385714'));
    expect(judgement?.verdict).toEqual({
      policy: 'multimodal-gpu-cost-cap',
      place: daily.place,
      outcome: 'exceeded',
      summary: '$614 a day (mean of 7 days to 2026-10-31, dearest $701) is above the threshold of $500',
    });
  });

  test('a month is the sum of the last 30 days, older ones left out', () => {
    const judgement = judgeOne(monthly, [5000, ...flat(300, 30)]);

    expect(judgement?.monthlyUsd).toEqual(dollars(9000));
    expect(judgement?.verdict).toMatchObject({
      outcome: 'within',
      summary: '$9,000 in 30 days is within the monthly threshold of $10,000',
    });
  });

  test('a month of which fewer days are known is scaled to 730 hours, and says so', () => {
    const judgement = judgeOne(monthly, flat(400, 12));

    expect(moneyToDecimal(judgement?.monthlyUsd ?? dollars(0))).toBe('12166.666667');
    expect(judgement?.verdict.summary).toBe(
      '$12,167 a month (scaled from 12 days) is above the monthly threshold of $10,000',
    );
  });

  test('a workload younger than seven days is judged by its own days', () => {
    expect(judgeOne(daily, [600, 700])?.verdict.summary).toBe(
      '$650 a day (mean of 2 days to 2026-10-31, dearest $700) is above the threshold of $500',
    );
  });

  test('a day without cost between others is a day on which it did not run', () => {
    expect(judgeOne(daily, [700, undefined, 700, undefined, 700, undefined, 700])?.dailyUsd).toEqual(dollars(400));
  });

  test('the forecast is the mean day over 730 hours, judged only where the policy asks', () => {
    const rising = [...flat(100, 23), ...flat(400, 7)];
    const forecast = { ...monthly, forecast: 'monthly' } as const;

    expect(judgeOne(monthly, rising)?.verdict.outcome).toBe('within');
    expect(judgeOne(forecast, rising)?.verdict).toMatchObject({
      outcome: 'exceeded',
      summary: '$12,167 forecast for a month (mean of 7 days × 730 h) is above the monthly threshold of $10,000',
    });
    expect(judgeOne(forecast, rising)?.overMonthlyUsd).toBeUndefined();
    expect(judgeOne(forecast, rising)?.overForecastUsd).toEqual(dollars('2166.666667'));
  });

  test('exactly at a threshold is within it, a millionth of a dollar above is not, and the figures never look the same', () => {
    expect(judgeOne(daily, flat(500, 7))?.verdict.outcome).toBe('within');

    const judgement = judgeOne(daily, flat('500.000001', 7));

    expect(judgement?.verdict.summary).toContain('$500.000001 a day');
    expect(judgement?.verdict.summary).toContain('above the threshold of $500.000000');
    expect(judgeOne(daily, flat('500.30', 7))?.verdict.summary).toContain('$500.30 a day');
  });

  test('when both thresholds are exceeded both are told, when one is only that one', () => {
    const both = aCostPolicy({ dailyUsd: 100, monthlyUsd: 1000 });

    expect(judgeOne(both, flat(200, 30))?.verdict.summary.split('; ')).toHaveLength(2);
    expect(judgeOne({ ...both, monthlyUsd: 10_000 }, flat(200, 30))?.verdict.summary).not.toContain('monthly');
  });
});

describe('what is unknown is not judged', () => {
  test('no cost series, and a series without days', () => {
    expect(judgeOne(daily, [])).toBeUndefined();
    expect(evaluateCostPolicies({ policies: [daily], workloads: [workload], cost: new Map(), asOf })).toEqual({
      judgements: [],
      problems: [],
    });
  });

  test('a workload without cost in the last seven billed days', () => {
    const other = aWorkload({ name: 'other' });
    const cost = new Map([
      [workload.id, aCostSeries(workload.id, [900, 900, ...Array.from({ length: 7 }, () => undefined)])],
      [other.id, aCostSeries(other.id, flat(1, 9))],
    ]);

    const { judgements } = evaluateCostPolicies({ policies: [daily], workloads: [workload, other], cost, asOf });

    expect(judgements.map((judgement) => judgement.workload)).toEqual([other.id]);
  });

  test('a bill that ends more than seven days before', () => {
    const cost = (end: number): EvaluateInput['cost'] =>
      new Map([[workload.id, aCostSeries(workload.id, flat(900, 20), { end: epochMs(end) })]]);
    const count = (end: number): number =>
      evaluateCostPolicies({ policies: [daily], workloads: [workload], cost: cost(end), asOf }).judgements.length;

    expect(count(asOf - 6 * dayMs)).toBe(1);
    expect(count(asOf - 7 * dayMs)).toBe(0);
  });

  test('days that the bill does not reach yet are not counted as free', () => {
    const cost = new Map([[workload.id, aCostSeries(workload.id, flat(600, 20), { end: epochMs(asOf - 2 * dayMs) })]]);

    const { judgements } = evaluateCostPolicies({ policies: [daily], workloads: [workload], cost, asOf });

    expect(judgements[0]?.dailyUsd).toEqual(dollars(600));
    expect(judgements[0]?.verdict.summary).toContain('to 2026-10-29');
  });

  test('a day that is not over, and days after the time asked for', () => {
    const cost = costOf(workload, flat(600, 20));
    const earlier = at('2026-10-25T15:00:00Z');

    const { judgements } = evaluateCostPolicies({ policies: [daily], workloads: [workload], cost, asOf: earlier });

    expect(judgements[0]?.verdict.summary).toContain('to 2026-10-24');
  });

  test('cost in another currency, told once for each policy', () => {
    const other = aWorkload({ name: 'other' });
    const eur = { currency: currencyCode('EUR') };
    const cost = new Map([workload, other].map(({ id }) => [id, aCostSeries(id, flat(900, 9), eur)] as const));

    const { judgements, problems } = evaluateCostPolicies({
      policies: [daily],
      workloads: [workload, other],
      cost,
      asOf,
    });

    expect(judgements).toEqual([]);
    expect(problems).toMatchObject([
      { code: 'BILLING_CURRENCY_MIXED', severity: 'error', place: { path: 'policies/multimodal.yaml', line: 8 } },
    ]);
    expect(problems[0]?.message).toContain('2 of its workloads');
  });
});

describe('selectors', () => {
  test('a threshold holds for each matched workload by itself', () => {
    const workloads = ['a', 'b', 'c'].map((name) => aWorkload({ name }));
    const cost = new Map(workloads.map(({ id }) => [id, aCostSeries(id, flat(400, 30))] as const));

    const { judgements } = evaluateCostPolicies({ policies: [daily], workloads, cost, asOf });

    expect(judgements.map(({ verdict }) => verdict.outcome)).toEqual(['within', 'within', 'within']);
  });

  test('every label must match', () => {
    const policy = { ...daily, matchLabels: { app: 'clip-server', environment: 'staging' } };

    expect(judgeOne(policy, flat(900, 9))).toBeUndefined();
  });

  function explain(
    matchLabels: Readonly<Record<string, string>>,
    workloads = [workload, aWorkload({ name: 'b', labels: { app: 'b', environment: 'staging', team: 'x' } })],
  ): string {
    const policy = { ...daily, matchLabels, selectorPlace: { path: 'p.yaml', line: 6, column: 5 } };
    const { problems } = evaluateCostPolicies({ policies: [policy], workloads, cost: new Map(), asOf });
    expect(problems).toMatchObject([
      {
        code: 'POLICY_SELECTOR_MATCHES_NOTHING',
        severity: 'warning',
        place: { kind: 'file', path: 'p.yaml', line: 6, column: 5 },
      },
    ]);
    return problems[0]?.message ?? '';
  }

  test('one that matches nothing shows the nearest label', () => {
    expect(explain({ enviroment: 'production' })).toContain(
      'none has a label "enviroment", the nearest is "environment".',
    );
  });

  test('one that matches nothing shows the values seen, the nearest first', () => {
    expect(explain({ environment: 'stagin' })).toContain(
      'none has "stagin" for "environment", seen: "staging", "production".',
    );
  });

  test('one whose labels are on different workloads shows the closest workload', () => {
    expect(explain({ app: 'clip-server', environment: 'staging' })).toContain(
      'the closest, "prod/inference/Deployment/clip-server", differs in "environment" is "production".',
    );
  });

  test('one in an empty repository says that there is nothing to match', () => {
    expect(explain({ app: 'clip-server' }, [])).toContain('no workload was found in the repository.');
  });

  test('names of labels from manifests are quoted and escaped', () => {
    const message = explain({ apps: 'x' }, [aWorkload({ labels: { 'app\u001b[31m': 'x' } })]);

    expect(message).not.toContain('\u001b');
  });
});

describe('several policies on one workload', () => {
  const scaleDown = aCostPolicy({ name: 'scale', place: { path: 'a.yaml', line: 3, column: 3 } });
  const pause = aCostPolicy({
    name: 'pause',
    place: { path: 'b.yaml', line: 5, column: 3 },
    action: { type: 'pause', replicaReductionPercentage: undefined, minReplicas: undefined },
  });
  const evaluate = (policies: readonly CostPolicy[], workloads = [workload]): ReturnType<typeof evaluateCostPolicies> =>
    evaluateCostPolicies({
      policies,
      workloads,
      cost: new Map<WorkloadId, ReturnType<typeof aCostSeries>>(
        workloads.map(({ id }) => [id, aCostSeries(id, flat(900, 30))]),
      ),
      asOf,
    });

  test('two that change it in different ways contradict each other; both places are named and the stricter wins', () => {
    const { judgements, problems } = evaluate([scaleDown, pause]);

    expect(judgements.map(({ policy }) => policy.name)).toEqual(['pause', 'scale']);
    expect(problems).toMatchObject([
      { code: 'POLICIES_CONFLICT', severity: 'warning', place: { path: 'a.yaml', line: 3, column: 3 } },
    ]);
    expect(problems[0]?.message).toBe(
      'Policy "scale" (scaleDown by 25 %, keeping 1) contradicts "pause" (pause) at b.yaml:5:3 on "prod/inference/Deployment/clip-server"; the stricter one, "pause", wins.',
    );
  });

  test('a pair is told once, with the number of workloads it meets on', () => {
    const { problems } = evaluate(
      [pause, scaleDown],
      ['a', 'b', 'c'].map((name) => aWorkload({ name })),
    );

    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('Deployment/a" and 2 more;');
  });

  test('a ladder, where the stricter action stands at the higher threshold, is no contradiction', () => {
    expect(evaluate([scaleDown, { ...pause, dailyUsd: 1000, monthlyUsd: 20_000 }]).problems).toEqual([]);
    expect(evaluate([scaleDown, { ...pause, dailyUsd: 1000, monthlyUsd: 5000 }]).problems).toHaveLength(1);
  });

  test('telling people and changing something are no contradiction, nor is the same action twice', () => {
    const notify = aCostPolicy({ name: 'tell', action: { ...pause.action, type: 'notify' } });

    expect(evaluate([scaleDown, notify, { ...scaleDown, name: 'same' }]).problems).toEqual([]);
  });

  test('two reductions by different shares contradict each other, and the larger comes first', () => {
    const half = { ...scaleDown, name: 'half', action: { ...scaleDown.action, replicaReductionPercentage: 50 } };

    const { judgements, problems } = evaluate([scaleDown, half]);

    expect(judgements.map(({ policy }) => policy.name)).toEqual(['half', 'scale']);
    expect(problems).toHaveLength(1);
  });

  test('the outcome does not depend on the order in which policies were found', () => {
    const types = ['notify', 'review', 'rightSize', 'throttle', 'scaleDown', 'pause'] as const;
    const policies = types.flatMap((type, index) =>
      [10, 20].map((percent) =>
        aCostPolicy({
          name: `${type}-${percent}`,
          place: { path: `${percent}.yaml`, line: index + 1, column: 1 },
          action: { type, replicaReductionPercentage: percent, minReplicas: undefined },
        }),
      ),
    );
    const expected = evaluate(policies);
    fc.assert(
      fc.property(fc.shuffledSubarray(policies, { minLength: policies.length }), (shuffled) => {
        expect(evaluate(shuffled)).toEqual(expected);
      }),
    );
    expect(expected.judgements[0]?.policy.action.type).toBe('pause');
    expect(expected.judgements.at(-1)?.policy.action.type).toBe('notify');
  });
});

test('more cost never turns exceeded into within', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 40, maxLength: 40 }),
      (amounts, more) => {
        const policy = aCostPolicy({ forecast: 'monthly' });
        const before = judgeOne(policy, amounts);
        const after = judgeOne(
          policy,
          amounts.map((amount, index) => amount + (more[index] ?? 0)),
        );

        expect(before?.verdict.summary).not.toMatch(/NaN|Infinity|undefined/);
        expect([before?.verdict.outcome, after?.verdict.outcome]).not.toEqual(['exceeded', 'within']);
      },
    ),
  );
});
