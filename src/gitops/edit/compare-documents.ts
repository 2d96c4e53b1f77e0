import { isSameData, type Tracked } from '../tracked.ts';
import { inside, type ReadDocuments } from './read-documents.ts';

/** What is expected at the end of the path: the value before, and the value after. */
export type Expectation = (before: Tracked | undefined, after: Tracked | undefined) => boolean;

/** Whether all documents mean what they meant, but for one place, of which something is expected. */
export function isSameExceptAt(
  before: ReadDocuments,
  after: ReadDocuments,
  place: { readonly documentIndex: number; readonly yamlPath: readonly (string | number)[] },
  expected: Expectation,
): boolean {
  return (
    after.tracked.length === before.tracked.length &&
    before.tracked.every((document, index) =>
      isSameExcept(
        document,
        after.tracked[index],
        index === place.documentIndex ? place.yamlPath : undefined,
        expected,
      ),
    )
  );
}

function isSameExcept(
  before: Tracked | undefined,
  after: Tracked | undefined,
  yamlPath: readonly (string | number)[] | undefined,
  expected: Expectation,
): boolean {
  if (yamlPath?.length === 0) return expected(before, after);
  if (before === undefined || after === undefined) return before === after;
  const [step, ...rest] = yamlPath ?? [];
  if (step === undefined) return isSameData(before, after);
  if (before.kind === 'scalar') {
    return after.kind === 'scalar' && isSameExcept(inside(before), inside(after), yamlPath, expected);
  }
  if (before.kind === 'list') {
    return (
      after.kind === 'list' &&
      before.items.length === after.items.length &&
      before.items.every((item, index) =>
        isSameExcept(item, after.items[index], index === step ? rest : undefined, expected),
      )
    );
  }
  return (
    after.kind === 'map' &&
    before.entries.size === after.entries.size &&
    [...before.entries].every(([key, item]) =>
      isSameExcept(item, after.entries.get(key), key === String(step) ? rest : undefined, expected),
    )
  );
}

/** Plain data, as JSON has it. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** Whether a value means some plain data. */
export function isPlain(value: Tracked | undefined, plain: Plain): boolean {
  if (value === undefined) return false;
  if (value.kind === 'scalar') return Object.is(value.value, plain);
  if (value.kind === 'list') {
    return (
      Array.isArray(plain) &&
      plain.length === value.items.length &&
      value.items.every((item, index) => isPlain(item, plain[index]))
    );
  }
  if (plain === null || typeof plain !== 'object' || Array.isArray(plain)) return false;
  const wanted = Object.entries(plain);
  return wanted.length === value.entries.size && wanted.every(([key, item]) => isPlain(value.entries.get(key), item));
}
