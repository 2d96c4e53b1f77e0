import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadCostPolicies, type PolicyDocument } from '../../src/policy/index.ts';

const example = await readFile('test/fixtures/policy/design-example.yaml', 'utf8');

function load(...texts: readonly string[]): ReturnType<typeof loadCostPolicies> {
  return loadCostPolicies(texts.map((text, index) => ({ path: `p${index}.yaml`, text, documentIndex: 0 })));
}

function change(from: string, to: string): string {
  expect(example).toContain(from);
  return example.replace(from, to);
}

test('the form of the design is read field by field, without a problem', () => {
  expect(load(example)).toEqual({
    policies: [
      {
        name: 'multimodal-gpu-cost-cap',
        namespace: 'ai-workloads',
        place: { path: 'p0.yaml', line: 7, column: 3 },
        selectorPlace: { path: 'p0.yaml', line: 6, column: 5 },
        matchLabels: { app: 'multimodal-inference', environment: 'production' },
        dailyUsd: 500,
        monthlyUsd: 10_000,
        forecast: undefined,
        action: { type: 'scaleDown', replicaReductionPercentage: 25, minReplicas: 1 },
        escalateTo: { slackChannel: '#ai-finops-alerts', emailGroup: 'finops-leads@example.com' },
      },
    ],
    problems: [],
  });
});

test('every starter policy loads without a problem', async () => {
  const names = (await readdir('policies/starter')).toSorted();
  const documents = await Promise.all(
    names.map(async (name): Promise<readonly PolicyDocument[]> => {
      const text = await readFile(`policies/starter/${name}`, 'utf8');
      return text
        .split(/^---$/m)
        .map((_, documentIndex) => ({ path: `policies/starter/${name}`, text, documentIndex }));
    }),
  );

  const { policies, problems } = loadCostPolicies(documents.flat());

  expect(problems).toEqual([]);
  expect(policies.length).toBe(documents.flat().length);
  expect(new Set(policies.map(({ action }) => action.type))).toEqual(
    new Set(['notify', 'review', 'rightSize', 'scaleDown', 'pause', 'throttle']),
  );
});

test('one bad policy never stops the others, in its file or in another one', () => {
  const text = [example, 'kind: CostPolicy\nspec: [', '\tbroken', example.replace('multimodal', 'other')].join(
    '\n---\n',
  );
  const documents = [0, 1, 2, 3, 4].map((documentIndex) => ({ path: 'all.yaml', text, documentIndex }));

  const { policies, problems } = loadCostPolicies([...documents, { path: 'empty.yaml', text: '', documentIndex: 0 }]);

  expect(policies.map(({ name }) => name)).toContain('multimodal-gpu-cost-cap');
  expect(policies.map(({ name }) => name)).toContain('other-gpu-cost-cap');
  expect(new Set(problems.map(({ place }) => place.kind === 'file' && place.path))).toEqual(
    new Set(['all.yaml', 'empty.yaml']),
  );
});

test('problems come in the order of files and lines, in whatever order the documents came', () => {
  const bad = change('daily: 500', 'daily: x');
  const documents = ['b.yaml', 'a.yaml'].map((path) => ({ path, text: bad, documentIndex: 0 }));

  const { problems } = loadCostPolicies(documents);

  expect(problems).toEqual(loadCostPolicies(documents.toReversed()).problems);
  expect(problems.map(({ place }) => place.kind === 'file' && place.path)).toEqual(['a.yaml', 'b.yaml']);
});

describe('kinds', () => {
  test.each(['AlignmentPolicy', 'ProvenancePolicy', 'ManifestPolicy'])(
    '%s is known and told to be left alone',
    (kind) => {
      const { policies, problems } = load(change('kind: CostPolicy', `kind: ${kind}`));

      expect(policies).toEqual([]);
      expect(problems).toMatchObject([{ code: 'POLICY_INVALID', severity: 'warning', place: { line: 2, column: 7 } }]);
      expect(problems[0]?.message).toContain('is not evaluated by this version');
    },
  );

  test('a misspelt kind gets the nearest one', () => {
    const { policies, problems } = load(change('kind: CostPolicy', 'kind: CostPolcy'));

    expect(policies).toEqual([]);
    expect(problems).toMatchObject([{ code: 'POLICY_INVALID', severity: 'error', place: { line: 2, column: 7 } }]);
    expect(problems[0]?.remedy).toContain('Did you mean CostPolicy?');
  });

  test('another version of the group is told, not guessed at', () => {
    expect(load(change('v1alpha1', 'v2')).problems).toMatchObject([
      { severity: 'error', place: { line: 1, column: 13 } },
    ]);
  });
});

describe('what each kind of mistake is answered with', () => {
  test.each([
    [
      'an unknown field',
      'aiRecommendationSource',
      'aiRecomendationSource',
      'error',
      'spec.aiRecomendationSource is not a known field.',
    ],
    [
      'a wrong type',
      'daily: 500',
      'daily: [500]',
      'error',
      'spec.costThreshold.daily is a list, expected a number above 0.',
    ],
    [
      'a threshold of zero',
      'daily: 500',
      'daily: 0',
      'error',
      'spec.costThreshold.daily is 0, expected a number above 0.',
    ],
    [
      'an empty selector',
      '{ app: multimodal-inference, environment: production }',
      '{}',
      'error',
      'matchLabels is an empty mapping',
    ],
    [
      'no threshold',
      '  costThreshold: { daily: 500, monthly: 10000 }          # USD\n',
      '',
      'error',
      'spec.costThreshold is missing',
    ],
    [
      'scaleDown without a percentage',
      'parameters: { replicaReductionPercentage: 25, minReplicas: 1 }',
      '',
      'error',
      'spec.actionOnExceed.parameters is missing although spec.actionOnExceed.type is scaleDown',
    ],
    [
      'throttle without a percentage',
      'type: scaleDown\n    parameters: { replicaReductionPercentage: 25, minReplicas: 1 }',
      'type: throttle',
      'warning',
      'throttle without replicaReductionPercentage changes nothing',
    ],
    [
      'a forecast of a period without threshold',
      'daily: 500, monthly: 10000',
      'daily: 500, forecast: monthly',
      'warning',
      'there is no monthly threshold to judge it by',
    ],
  ] as const)('%s', (_, from, to, severity, message) => {
    const { policies, problems } = load(change(from, to));

    expect(problems).toMatchObject([{ code: 'POLICY_INVALID', severity }]);
    expect(problems[0]?.message).toContain(message);
    expect(policies).toHaveLength(severity === 'warning' ? 1 : 0);
  });

  test('an unquoted channel has a code of its own', () => {
    const { problems } = load(
      change(
        '{ slackChannel: "#ai-finops-alerts", emailGroup: finops-leads@example.com }',
        '\n      slackChannel: #ai-finops-alerts',
      ),
    );

    expect(problems).toMatchObject([
      { code: 'POLICY_UNQUOTED_HASH', severity: 'error', place: { line: 12, column: 21 } },
    ]);
  });
});

describe('thresholds that contradict each other', () => {
  test.each([
    [500, 10_000],
    [500, 15_500],
    [0.1, 3.1],
    [10_000, 10_000],
    [500, 500],
  ])('%d a day and %d a month can both decide', (daily, monthly) => {
    expect(load(change('daily: 500, monthly: 10000', `daily: ${daily}, monthly: ${monthly}`)).problems).toEqual([]);
  });

  test.each([
    [
      500,
      15_501,
      'The monthly threshold of $15,501 never decides: 31 days at the daily threshold of $500 are $15,500.',
    ],
    [10_001, 10_000, 'The daily threshold of $10,001 never decides: it is more than the $10,000 of a whole month.'],
  ])('%d a day and %d a month cannot', (daily, monthly, message) => {
    const { policies, problems } = load(change('daily: 500, monthly: 10000', `daily: ${daily}, monthly: ${monthly}`));

    expect(policies).toHaveLength(1);
    expect(problems).toMatchObject([
      { code: 'POLICY_THRESHOLDS_CONTRADICT', severity: 'warning', message, place: { line: 7 } },
    ]);
  });
});
