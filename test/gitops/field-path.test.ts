import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitPath, valuesAt } from '../../src/gitops/field-path.ts';
import type { Origin, Tracked } from '../../src/gitops/tracked.ts';

const origin: Origin = {
  file: { path: 'a.yaml', blobId: '', text: '', obstacle: undefined },
  documentIndex: 0,
  yamlPath: [],
  start: 0,
  end: 0,
  mechanism: 'manifest',
  obstacle: undefined,
};

function tracked(value: unknown): Tracked {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(tracked), origin };
  if (typeof value === 'object' && value !== null) {
    return {
      kind: 'map',
      entries: new Map(Object.entries(value).map(([key, item]) => [key, tracked(item)])),
      origin,
    };
  }
  return { kind: 'scalar', value: value as string | number | boolean | null, style: 'plain', origin };
}

function found(value: unknown, path: string): readonly unknown[] {
  return valuesAt(tracked(value), path).map((item) => (item.kind === 'scalar' ? item.value : item.kind));
}

/** Keys as Kubernetes has them: letters, digits, dots, slashes and dashes. */
const key = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9./_-]{0,20}$/);

test('keys with dots, joined with their dots escaped, come apart again', () => {
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 6 }), (keys) => {
      const path = keys.map((one) => one.replaceAll('.', '\\.')).join('.');

      expect(splitPath(path)).toEqual(keys);
    }),
  );
});

test('a path of keys reaches what lies under them, and nothing where one is missing', () => {
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 6 }), (keys) => {
      const nested = keys.reduceRight<unknown>((inner, one) => ({ [one]: inner }), 7);
      const path = keys.map((one) => one.replaceAll('.', '\\.')).join('.');

      expect(found(nested, path)).toEqual([7]);
      expect(found(nested, `${path}.more`)).toEqual([]);
    }),
  );
});

const list = [
  { name: 'cpu', mode: 'a', value: 1 },
  { name: 'nvidia.com/gpu', mode: 'a', value: 2 },
  { name: 'nvidia.com/gpu', mode: 'b', value: 3 },
  'nvidia.com/gpu',
  { value: 4 },
];

test.each([
  ['every item', 'items.*.value', [1, 2, 3, 4]],
  ['the items whose key holds a text', 'items.[name=nvidia\\.com/gpu].value', [2, 3]],
  ['those that meet two conditions', 'items.[name=nvidia\\.com/gpu,mode=b].value', [3]],
  ['none, where no item does', 'items.[name=memory].value', []],
  ['none of a map', '[items=cpu]', []],
  ['the value itself', '', ['map']],
])('%s', (_, path, expected) => {
  expect(found({ items: list }, path)).toEqual(expected);
});
