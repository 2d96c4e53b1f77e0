import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { costPolicySchema } from '../../src/policy/index.ts';
import { formatProblem, type Problem } from '../../src/domain/index.ts';
import { validateDocument, type JsonSchema } from '../../src/schema/index.ts';
import { lineColumn, placeOf } from './places.ts';

const example = await readFile('test/fixtures/policy/design-example.yaml', 'utf8');

function problemsOf(text: string, schema: JsonSchema = costPolicySchema): readonly Problem[] {
  const result = validateDocument({
    text,
    schema,
    path: 'cap.yaml',
    code: 'POLICY_INVALID',
    unquotedHashCode: 'POLICY_UNQUOTED_HASH',
  });
  return result.kind === 'invalid' ? result.problems : [];
}

function change(from: string, to: string): string {
  expect(example).toContain(from);
  return example.replace(from, to);
}

test('a valid document gives its value, with the defaults of the schema filled in', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { limits: { type: 'object', default: {}, properties: { days: { type: 'integer', default: 7 } } } },
  };

  const result = validateDocument({ text: '{}', path: 'a.json', schema, code: 'CONFIG_INVALID' });

  expect(result).toMatchObject({ kind: 'valid', value: { limits: { days: 7 } } });
});

test('every mistake of a document is listed at once, in the order of the lines, as reviewed', async () => {
  const text = await readFile('test/fixtures/policy/many-mistakes.yaml', 'utf8');

  const problems = problemsOf(text);

  expect(problems.map(placeOf)).toEqual(['4:9', '9:16', '10:3', '13:11', '15:35', '16:20', '18:21', '19:19']);
  await expect(`${problems.map(formatProblem).join('\n\n')}\n`).toMatchFileSnapshot(
    '../fixtures/schema/many-mistakes.txt',
  );
});

describe('what a message says', () => {
  test('a wrong type names the field, the value and what was expected', () => {
    const [problem] = problemsOf(change('daily: 500', 'daily: five hundred'));

    expect(problem?.message).toBe('spec.costThreshold.daily is "five hundred", expected a number above 0.');
  });

  test.each([
    ['"500"', 'Remove the quotes. Write daily: 500.'],
    ["'500'", 'Remove the quotes. Write daily: 500.'],
    ['$500', 'Write daily: 500, a number alone.'],
    ['"1,200 USD"', 'Write daily: 1200, a number alone.'],
    ['"1,5"', 'Write a number above 0.'],
    ['.nan', 'Write a number above 0.'],
    ['-.inf', 'Write a number above 0.'],
    ['null', 'Write a number above 0.'],
  ])('daily: %s is answered by "%s"', (written, remedy) => {
    const [problem, ...rest] = problemsOf(change('daily: 500', `daily: ${written}`));

    expect(problem?.remedy).toContain(remedy);
    expect(rest).toEqual([]);
  });

  test('a number where text is wanted is put in quotes as it was written', () => {
    const [problem] = problemsOf(change('app: multimodal-inference', 'app: 1.10'));

    expect(problem?.remedy).toContain('Write app: "1.10", in quotes');
  });

  test('an unknown field gets the nearest known one, and the field it stands for is not missing as well', () => {
    const problems = problemsOf(change('costThreshold', 'costThreshhold'));

    expect(problems).toHaveLength(1);
    expect(problems[0]?.remedy).toContain('Did you mean costThreshold? Known fields here: actionOnExceed,');
  });

  test('a known field in the wrong place is sent to its own', () => {
    const [problem] = problemsOf(
      change('    type: scaleDown', '    type: scaleDown\n    replicaReductionPercentage: 25'),
    );

    expect(problem?.remedy).toContain('It belongs under spec.actionOnExceed.parameters.');
  });

  test('allowed values are listed sorted, and the nearest is offered', () => {
    const [problem] = problemsOf(change('type: scaleDown', 'type: scale-down'));

    expect(problem?.message).toContain('expected one of notify, pause, review, rightSize, scaleDown, throttle');
    expect(problem?.remedy).toContain('Write type: scaleDown.');
  });

  test('a missing field stands at its parent and says why it is needed', () => {
    const [problem, ...rest] = problemsOf(change('replicaReductionPercentage: 25, ', ''));

    expect(problem).toMatchObject({ place: { line: 10, column: 5 } });
    expect(problem?.message).toContain(
      'replicaReductionPercentage is missing although spec.actionOnExceed.type is scaleDown',
    );
    expect(problem?.remedy).toContain('Write replicaReductionPercentage: 25 under spec.actionOnExceed.parameters.');
    expect(rest).toEqual([]);
  });

  test('a threshold with neither amount is one problem, not three', () => {
    const problems = problemsOf(change('daily: 500, monthly: 10000', 'forecast: monthly'));

    expect(problems.map(({ message }) => message)).toEqual(['spec.costThreshold has none of daily, monthly.']);
  });

  test('every remedy names a heading that the documentation has', async () => {
    const page = await readFile('docs/policies.md', 'utf8');
    const text = await readFile('test/fixtures/policy/many-mistakes.yaml', 'utf8');

    const headings = problemsOf(text).map(({ remedy }) => /See docs\/policies\.md, "([^"]+)"\.$/.exec(remedy)?.[1]);

    expect(headings).toHaveLength(8);
    for (const heading of headings) expect(page).toContain(`\n### ${heading}\n`);
  });
});

describe('an unquoted #', () => {
  test('is found at its column, with the quoted fix, and is not also an empty value', () => {
    const problems = problemsOf(
      change(
        '{ slackChannel: "#ai-finops-alerts", emailGroup: finops-leads@example.com }',
        '\n      slackChannel: #ai-finops-alerts',
      ),
    );

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'POLICY_UNQUOTED_HASH', place: { line: 12, column: 21 } });
    expect(problems[0]?.remedy).toContain('Write slackChannel: "#ai-finops-alerts".');
  });

  test.each(['slackChannel:   #ops # tell them', 'slackChannel: #ops\r', 'slackChannel:\t#ops'])(
    'in %j the fix is "#ops"',
    (line) => {
      const problems = problemsOf(
        change('{ slackChannel: "#ai-finops-alerts", emailGroup: finops-leads@example.com }', `\n      ${line}`),
      );

      expect(problems.map(({ code }) => code)).toEqual(['POLICY_UNQUOTED_HASH']);
      expect(problems[0]?.remedy).toContain('"#ops".');
    },
  );

  test('is found in labels and in lists too', () => {
    const list: JsonSchema = { type: 'array', items: { type: 'string' } };

    expect(
      problemsOf(change('{ app: multimodal-inference, environment: production }', '\n      team: #ml')).map(
        ({ code }) => code,
      ),
    ).toEqual(['POLICY_UNQUOTED_HASH']);
    expect(problemsOf('- a\n- #ops\n', list).map((problem) => [placeOf(problem), problem.remedy])).toEqual([
      ['2:3', 'Write - "#ops".'],
    ]);
  });

  test('behind a value, on the next line or at a number is an ordinary comment', () => {
    const commented = change('    type: scaleDown', '    type: scaleDown #hash\n    #own line');

    expect(problemsOf(commented)).toEqual([]);
    expect(problemsOf(change('{ daily: 500, monthly: 10000 }', '\n    daily: #500')).map(({ code }) => code)).toEqual([
      'POLICY_INVALID',
    ]);
  });

  test('in quotes is text', () => {
    expect(problemsOf(example)).toEqual([]);
  });
});

describe('places', () => {
  const policy = {
    apiVersion: 'finops.apexlogic.com/v1alpha1',
    kind: 'CostPolicy',
    metadata: { name: 'cap' },
    spec: {
      targetWorkloadSelector: { matchLabels: { app: 'clip' } },
      costThreshold: { daily: 500, monthly: 10000, forecast: 'daily' },
      actionOnExceed: {
        type: 'scaleDown',
        parameters: { replicaReductionPercentage: 25, minReplicas: 1 },
        escalateTo: { emailGroup: 'a@example.com' },
      },
    },
    status: { currentCost: 480 },
  };
  const checkedValues = [
    ['kind'],
    ['metadata', 'name'],
    ['spec', 'costThreshold'],
    ['spec', 'costThreshold', 'monthly'],
    ['spec', 'costThreshold', 'forecast'],
    ['spec', 'targetWorkloadSelector', 'matchLabels'],
    ['spec', 'actionOnExceed', 'type'],
    ['spec', 'actionOnExceed', 'parameters', 'minReplicas'],
    ['spec', 'actionOnExceed', 'escalateTo', 'emailGroup'],
    ['status', 'currentCost'],
  ];
  const closedObjects = [
    [],
    ['spec'],
    ['spec', 'costThreshold'],
    ['spec', 'targetWorkloadSelector'],
    ['spec', 'actionOnExceed', 'parameters'],
    ['spec', 'actionOnExceed', 'escalateTo'],
  ];
  const writers: readonly [string, (value: unknown) => string][] = [
    ['block YAML', (value) => stringify(value)],
    ['flow YAML', (value) => stringify(value, { collectionStyle: 'flow' })],
    ['JSON', (value) => JSON.stringify(value, undefined, 2)],
    ['JSON with tabs', (value) => JSON.stringify(value, undefined, '\t')],
    ['CRLF', (value) => stringify(value).replaceAll('\n', '\r\n')],
    ['a byte order mark', (value) => `\ufeff${stringify(value)}`],
    ['a document marker and comments', (value) => `# é 😀\n---\n${stringify(value)}# end\n`],
  ];

  function withChange(path: readonly string[], edit: (parent: Record<string, unknown>, key: string) => void): unknown {
    const copy: Record<string, unknown> = structuredClone(policy);
    let parent = copy;
    for (const step of path.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
    edit(parent, path.at(-1) ?? '');
    return copy;
  }

  test.each(writers)('a wrong value is pointed at exactly in %s', (_, write) => {
    for (const path of checkedValues) {
      const text = write(withChange(path, (parent, key) => (parent[key] = '§wrong§')));

      const places = problemsOf(text).map(placeOf);

      const start = text.indexOf('§wrong§');
      const isQuoted = text[start - 1] === '"';
      expect(places).toEqual([lineColumn(text, isQuoted ? start - 1 : start)]);
    }
  });

  test.each(writers)('an unknown field is pointed at exactly in %s', (_, write) => {
    for (const path of closedObjects) {
      const text = write(withChange([...path, 'zzUnknown'], (parent, key) => (parent[key] = 1)));

      const places = problemsOf(text).map(placeOf);

      const start = text.indexOf('zzUnknown');
      expect(places).toEqual([lineColumn(text, text[start - 1] === '"' ? start - 1 : start)]);
    }
  });

  test('a value that came through an alias is pointed at where the alias stands', () => {
    const text = change('monthly: 10000', 'monthly: *cap').replace('metadata: { name:', 'metadata: { name: &cap');

    expect(problemsOf(text).map(placeOf)).toEqual([lineColumn(text, text.indexOf('*cap'))]);
  });

  test('a second key of the same name is pointed at, and names the line of the first', () => {
    const text = `${example}kind: CostPolicy\n`;

    expect(problemsOf(text)).toMatchObject([
      { place: { line: 14, column: 1 }, message: expect.stringContaining('the first is in line 2') },
    ]);
  });

  test('the second document of a file is counted from the top of the file', () => {
    const text = `${example}---\n${example.replace('daily: 500', 'daily: none')}`;
    const rules = { path: 'cap.yaml', schema: costPolicySchema, code: 'POLICY_INVALID' } as const;

    const second = validateDocument({ ...rules, text, documentIndex: 1 });
    const third = validateDocument({ ...rules, text, documentIndex: 2 });

    expect(validateDocument({ ...rules, text, documentIndex: 0 }).kind).toBe('valid');
    expect(second).toMatchObject({ kind: 'invalid', problems: [{ place: { line: 21, column: 27 } }] });
    expect(third.kind).toBe('invalid');
  });
});

test('a problem is the same whichever way the fields are ordered', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(['daily: x', 'monthly: y', 'forecast: z'], { minLength: 3 }), (fields) => {
      const text = change('{ daily: 500, monthly: 10000 }', `{ ${fields.join(', ')} }`);

      expect(new Set(problemsOf(text).map(({ message }) => message.split(' is ')[0]))).toEqual(
        new Set(['spec.costThreshold.daily', 'spec.costThreshold.forecast', 'spec.costThreshold.monthly']),
      );
    }),
  );
});
