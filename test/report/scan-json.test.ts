import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { heldBackReasons, keepReasons, leverKinds, noVerdictReasons } from '../../src/domain/index.ts';
import { publicationStatuses } from '../../src/pullrequest/index.ts';
import { scanJson, scanJsonText } from '../../src/report/index.ts';
import { proposalActions } from '../pullrequest/actions.ts';
import { aHostileReport, aReport } from './worlds.ts';

const schemaText = await readFile('docs/schema/scan-result.schema.json', 'utf8');
const schema: object = JSON.parse(schemaText);
const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(schema);

test.each([
  ['an ordinary report', aReport()],
  [
    'an empty report',
    aReport({ proposals: [], heldBack: [], verdicts: [], problems: [], model: undefined, forgeDirectory: undefined }),
  ],
])('%s is what the published schema says', (_, report) => {
  const value: unknown = JSON.parse(scanJsonText(report));

  validate(value);
  expect(validate.errors).toBeNull();
});

test('a hostile report is what the published schema says, and its text holds no control character', () => {
  const text = scanJsonText(aHostileReport());

  validate(JSON.parse(text));
  expect(validate.errors).toBeNull();
  expect(text).not.toMatch(/[^\n\P{C}]|[\u2028\u2029]/u);
  expect(JSON.parse(text)).toEqual(scanJson(aHostileReport()));
});

test('the schema refuses a field that it does not know and an amount that is a number', () => {
  const value = scanJson(aReport());

  expect(validate({ ...value, extra: 1 })).toBe(false);
  expect(validate({ ...value, totals: { ...value.totals, cashPerMonth: { amount: 1762.4, currency: 'USD' } } })).toBe(
    false,
  );
});

test('amounts are exact decimals and times are RFC 3339', () => {
  const value = scanJson(aReport());

  expect(value.asOf).toBe('2026-11-01T00:00:00Z');
  expect(value.totals).toEqual({
    cashPerMonth: { amount: '1762.400000', currency: 'USD' },
    freedPerMonth: { amount: '1762.400000', currency: 'USD' },
    noneYetPerMonth: { amount: '812.000000', currency: 'USD' },
    addedCostPerMonth: { amount: '420.000000', currency: 'USD' },
  });
});

test.each([
  ['held-back reasons', heldBackReasons],
  ['keep reasons', keepReasons],
  ['no-verdict reasons', noVerdictReasons],
  ['levers', leverKinds],
  ['publication statuses', publicationStatuses],
  ['actions', proposalActions],
])('the schema lists exactly the %s of the code', (_, members) => {
  const lists = [...schemaText.matchAll(/"enum":\s*\[([^\]]*)\]/g)].map((match): unknown =>
    JSON.parse(`[${match[1]}]`),
  );

  expect(lists).toContainEqual([...members]);
});
