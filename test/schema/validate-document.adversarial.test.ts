import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import {
  operatorConfigSchema,
  parseOperatorConfig,
  parseRepositoryConfig,
  repositoryConfigSchema,
} from '../../src/config/index.ts';
import { costPolicySchema, loadCostPolicies } from '../../src/policy/index.ts';
import type { Problem } from '../../src/domain/index.ts';
import { validateDocument, type JsonSchema } from '../../src/schema/index.ts';
import { misplaced } from './places.ts';

const schemas: readonly JsonSchema[] = [costPolicySchema, operatorConfigSchema, repositoryConfigSchema];

function check(text: string, schema: JsonSchema = costPolicySchema): readonly Problem[] {
  const result = validateDocument({ text, path: 'x.yaml', schema, code: 'POLICY_INVALID' });
  return result.kind === 'valid' ? [] : result.problems;
}

/** How the answer to a text breaks the promise of the room: invalid without a problem, or a place outside. */
function faults(text: string, schema: JsonSchema = costPolicySchema): readonly string[] {
  const result = validateDocument({ text, path: 'x.yaml', schema, code: 'POLICY_INVALID' });
  if (result.kind === 'valid') return [];
  return result.problems.length === 0 ? ['invalid without a problem'] : misplaced(result.problems, text);
}

const valid = {
  apiVersion: 'finops.apexlogic.com/v1alpha1',
  kind: 'CostPolicy',
  metadata: { name: 'cap' },
  spec: {
    targetWorkloadSelector: { matchLabels: { app: 'clip' } },
    costThreshold: { daily: 500 },
    actionOnExceed: { type: 'notify', escalateTo: { slackChannel: '#a' } },
  },
};

describe('whatever stands in a file, it is valid or every problem has a place in it', () => {
  test('any JSON value, as JSON and as YAML, under every schema', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(...schemas), (value, schema) => {
        expect(faults(JSON.stringify(value), schema)).toEqual([]);
        expect(faults(stringify(value), schema)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a valid policy with any one value replaced by any other', () => {
    const paths = [
      ['apiVersion'],
      ['metadata'],
      ['metadata', 'name'],
      ['spec'],
      ['spec', 'targetWorkloadSelector', 'matchLabels'],
      ['spec', 'targetWorkloadSelector', 'matchLabels', 'app'],
      ['spec', 'costThreshold'],
      ['spec', 'costThreshold', 'daily'],
      ['spec', 'actionOnExceed', 'type'],
      ['spec', 'actionOnExceed', 'escalateTo'],
      ['spec', 'actionOnExceed', 'extra'],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const copy: Record<string, unknown> = structuredClone(valid);
        let parent = copy;
        for (const step of path.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
        parent[path.at(-1) ?? ''] = value;

        expect(faults(stringify(copy))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('any text made of the characters that mean something in YAML', () => {
    const characters = fc.constantFrom(...Array.from('{}[]:,-?#&*!|>\'"%@` \t\n\r\ufeff\u0000\u2028é😀ab1.~<=\\'));
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 200 }), (text) => {
        expect(schemas.flatMap((schema) => faults(text, schema))).toEqual([]);
        expect(misplaced(parseOperatorConfig({ text, path: 'flyball.yml' }).problems, text)).toEqual([]);
        expect(misplaced(parseRepositoryConfig({ text, path: '.github/flyball.yml' }).problems, text)).toEqual([]);
        expect(misplaced(loadCostPolicies([{ path: 'cap.yaml', text, documentIndex: 0 }]).problems, text)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hostile files', () => {
  test.each([
    ['many aliases', 12, 8],
    ['few aliases that multiply', 6, 3],
  ])('an alias bomb of %s is refused', (_, levels, width) => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < levels; level += 1) {
      lines.push(
        `a${level}: &a${level} [${Array(width)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }

    const problems = check(lines.join('\n'));

    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('aliases');
  });

  test('an alias of its own parent, or of nothing, is refused', () => {
    expect(check('a: &x [1, { b: *x }]')).toMatchObject([{ message: 'The alias "*x" stands inside its own anchor.' }]);
    expect(check('a: *nothing')).toMatchObject([{ message: 'The alias "*nothing" has no anchor before it.' }]);
  });

  test('merge keys are refused instead of being read as a field of that name', () => {
    expect(check('a: &a { b: 1 }\nc:\n  <<: *a')).toMatchObject([{ place: { line: 3, column: 3 } }]);
  });

  test('2 MiB are not parsed', () => {
    const [problem] = check(`a: ${'x'.repeat(2 * 1024 * 1024)}`);

    expect(problem?.message).toBe('The file has 2.0 MiB, more than the 1 MiB that is read.');
  });

  test.each([
    ['flow sequences', '['.repeat(5000)],
    ['closed flow sequences', '['.repeat(600) + ']'.repeat(600)],
    ['block sequences', '- '.repeat(5000)],
    ['explicit keys, which cost the library minutes to read', `${'? '.repeat(400)}a`],
    ['mappings', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('thousands of nested %s are refused, also where any field is allowed', (_, text) => {
    expect(check(text, {})[0]?.message).toMatch(/nested|not plain text/);
  });

  test('64 levels are read where any field is allowed', () => {
    expect(check('['.repeat(64) + ']'.repeat(64), {})).toEqual([]);
  });

  test('20 aliases are read, 21 are refused', () => {
    const aliases = (count: number): string => `a: &a 1\nb: [${Array(count).fill('*a').join(', ')}]`;

    expect(check(aliases(20), {})).toEqual([]);
    expect(check(aliases(21), {})).toMatchObject([{ message: 'The document has more than 20 aliases.' }]);
  });

  test('of ten thousand unknown fields a hundred are listed and the rest counted', () => {
    const problems = check(Array.from({ length: 10_000 }, (_, index) => `field${index}: 1`).join('\n'));

    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.message).toMatch(/^99\d\d more problems of this document are not listed\.$/);
  });

  test('keys that are properties of every object are ordinary unknown fields', () => {
    const text = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "toString": 1}';

    const unknown = check(text).filter(({ message }) => message.includes('is not a known field'));

    expect(unknown).toHaveLength(3);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('a label named __proto__ stays a label of the policy alone', () => {
    const text = stringify(valid).replace('app: clip', '__proto__: clip');

    const { policies } = loadCostPolicies([{ path: 'cap.yaml', text, documentIndex: 0 }]);

    expect(Object.entries(policies[0]?.matchLabels ?? {})).toEqual([['__proto__', 'clip']]);
  });

  test('a mistyped list named like a template is told to be one', () => {
    expect(check('spec: {{ .Values.spec }}')[0]?.remedy).toContain('templates ({{ … }}) are not filled in');
  });

  test.each([
    ['a tab as indentation', 'spec:\n\ta: 1', '2:1'],
    ['an unknown tag', 'kind: !cost Policy', '1:7'],
    ['an open quote', 'kind: "CostPolicy', '1:18'],
    ['an open bracket', 'spec: [1, 2', '1:12'],
  ])('%s is told at its place', (_, text, place) => {
    const [problem] = check(text);

    expect(problem?.place).toMatchObject({
      kind: 'file',
      line: Number(place.split(':')[0]),
      column: Number(place.split(':')[1]),
    });
  });

  test('escape sequences and direction marks of a file never reach a message', () => {
    const text = 'kind: "\\e[31mred \\u202e\\u200b \\u009b1m"\n"\\e]0;title\\a": 1\n';

    const told = check(text).map((problem) =>
      `${problem.message}${problem.remedy}${problem.excerpt}`.replaceAll('\n', ''),
    );

    expect(told.length).toBeGreaterThan(1);
    for (const words of told) expect(words).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('a value of a mebibyte is cut in the message', () => {
    const [problem] = check(`kind: ${'x'.repeat(900_000)}`);

    expect(problem?.message.length).toBeLessThan(200);
    expect(problem?.excerpt?.length).toBeLessThan(250);
  });
});
