import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { DecidingField, LeverValue } from '../../src/domain/index.ts';
import { trackEmbedded } from '../../src/gitops/embedded-yaml.ts';
import { editField } from '../../src/gitops/index.ts';
import { parseYaml } from '../../src/gitops/parse-yaml.ts';
import { doVersionsDisagree, scalarText } from '../../src/gitops/edit/scalar-text.ts';
import { trackDocument } from '../../src/gitops/track-document.ts';
import { presentField, type Tracked, type TrackedScalar } from '../../src/gitops/tracked.ts';
import { documentText } from './yaml-text.ts';

function documentsOf(text: string): readonly (Tracked | undefined)[] {
  const outcome = parseYaml(text);
  if (outcome.kind === 'invalid') throw new Error(`${outcome.reason}: ${outcome.message}\n${text}`);
  const file = { path: 'a.yaml', blobId: '0'.repeat(40), text, obstacle: undefined };
  return outcome.documents.map((document, documentIndex) =>
    trackDocument(document, { file, documentIndex, mechanism: 'manifest' }),
  );
}

function scalarsOf(value: Tracked | undefined): readonly TrackedScalar[] {
  switch (value?.kind) {
    case undefined:
      return [];
    case 'scalar':
      return [value];
    case 'list':
      return value.items.flatMap(scalarsOf);
    case 'map':
      return [...value.entries.values()].flatMap(scalarsOf);
  }
}

/** The field of the scalar at a path. */
function fieldOf(text: string, yamlPath: readonly (string | number)[], documentIndex = 0): DecidingField {
  const scalars = scalarsOf(documentsOf(text)[documentIndex]);
  const inner = scalars.flatMap((scalar) => (trackEmbedded(scalar, 'manifest') ?? []).flatMap(scalarsOf));
  const found = [...scalars, ...inner].find((scalar) => isDeepStrictEqual(scalar.origin.yamlPath, yamlPath));
  if (found === undefined) throw new Error(`nothing at ${yamlPath.join('.')}`);
  return presentField(found.origin);
}

function edited(text: string, yamlPath: readonly (string | number)[], value: LeverValue): string {
  const result = editField(text, fieldOf(text, yamlPath), value);
  if (result.kind === 'refused') throw new Error(`${result.reason}: ${result.detail}`);
  return result.text;
}

function refusal(text: string, yamlPath: readonly (string | number)[], value: LeverValue): string {
  const result = editField(text, fieldOf(text, yamlPath), value);
  return result.kind === 'refused' ? result.reason : 'edited';
}

describe('an edit keeps the style of the scalar', () => {
  test.each([
    ['a plain number', 'spec:\n  replicas: 6 # six\n', ['spec', 'replicas'], 3, 'spec:\n  replicas: 3 # six\n'],
    ['a double-quoted number', 'min-scale: "2"\n', ['min-scale'], 1, 'min-scale: "1"\n'],
    ['a single-quoted text', "type: 'g6.xlarge'\n", ['type'], 'p5.48xlarge', "type: 'p5.48xlarge'\n"],
    ['a plain text', 'type: g6.xlarge\n', ['type'], 'p5.48xlarge', 'type: p5.48xlarge\n'],
    ['a boolean', 'suspend: false\n', ['suspend'], true, 'suspend: true\n'],
    [
      'a flow map',
      'spec: {replicas: 6, paused: false}\n',
      ['spec', 'replicas'],
      0,
      'spec: {replicas: 0, paused: false}\n',
    ],
    ['a text that plain YAML would read as a number', 'schedule: daily\n', ['schedule'], '1e3', 'schedule: "1e3"\n'],
    ['a text that YAML 1.1 would read as a boolean', 'zone: a\n', ['zone'], 'on', 'zone: "on"\n'],
    ['a text with syntax in it', 'schedule: daily\n', ['schedule'], '0 3 * * *', 'schedule: "0 3 * * *"\n'],
    ['a quote inside single quotes', "a: 'x'\n", ['a'], "it's", "a: 'it''s'\n"],
    ['CRLF line ends', 'a: 1\r\nb: 2\r\n', ['b'], 3, 'a: 1\r\nb: 3\r\n'],
    ['a byte-order mark', '\ufeffa: 1\n', ['a'], 2, '\ufeffa: 2\n'],
    ['JSON', '{"spec": {"replicas": 6}}\n', ['spec', 'replicas'], 3, '{"spec": {"replicas": 3}}\n'],
    ['no newline at the end', 'a: 1', ['a'], 2, 'a: 2'],
    ['emoji before it', '# 🚀🚀\na: "🦄"\nb: 1\n', ['b'], 2, '# 🚀🚀\na: "🦄"\nb: 2\n'],
  ] as const)('%s', (_, text, yamlPath, value, expected) => {
    expect(edited(text, yamlPath, value)).toBe(expected);
  });

  test('YAML in a literal block is edited in its place', () => {
    const text = 'helm:\n  values: |\n    # chart\n    replicaCount: 6\n\n    image: a\nother: 1\n';

    expect(edited(text, ['helm', 'values', 'replicaCount'], 10)).toBe(
      'helm:\n  values: |\n    # chart\n    replicaCount: 10\n\n    image: a\nother: 1\n',
    );
  });

  test('the second document of a file is edited without touching the first', () => {
    const text = 'a: 1\n---\na: 1\n';

    expect(editField(text, fieldOf(text, ['a'], 1), 2)).toEqual({ kind: 'edited', text: 'a: 1\n---\na: 2\n' });
  });
});

describe('an edit is refused', () => {
  test.each([
    ['of an alias', 'a: &n 1\nb: *n\n', ['b'], 2, 'alias'],
    ['of a value that an alias repeats', 'a: &n 1\nb: *n\n', ['a'], 2, 'anchor-shared'],
    ['below an anchor that a merge key uses', 'a: &m {n: 1}\nb: {<<: *m}\n', ['a', 'n'], 2, 'anchor-shared'],
    ['of a key that stands twice', 'a: 1\na: 2\n', ['a'], 3, 'duplicate-key'],
    ['of a value that YAML versions read differently', 'suspend: no\n', ['suspend'], true, 'yaml-versions-disagree'],
    ['of an octal number', 'n: 0755\n', ['n'], 1, 'yaml-versions-disagree'],
    ['of a key without a value', 'replicas:\n', ['replicas'], 1, 'field-absent'],
    ['of a block of text', 'a: |\n  1\n', ['a'], 2, 'unsupported-value'],
    ['of a tagged value', 'a: !!str 1\n', ['a'], '2', 'unsupported-value'],
    ['in a file that SOPS encrypts', 'replicas: 1\nsops:\n  mac: x\n', ['replicas'], 2, 'encrypted'],
    ['with a line break in the new value', 'a: "x"\n', ['a'], 'b\nc', 'unsupported-value'],
    ['with a number that is none', 'a: 1\n', ['a'], Number.NaN, 'unsupported-value'],
    ['with half a surrogate pair', 'a: "x"\n', ['a'], '\ud83d', 'unsupported-value'],
    ['of YAML in a quoted string', 'values: "replicaCount: 6"\n', ['values', 'replicaCount'], 3, 'unsupported-value'],
    ['of YAML in a folded block', 'values: >\n  replicaCount: 6\n', ['values', 'replicaCount'], 3, 'unsupported-value'],
  ] as const)('%s', (_, text, yamlPath, value, reason) => {
    expect(refusal(text, yamlPath, value)).toBe(reason);
  });

  test('when the file is a template by now', () => {
    const field = fieldOf('spec:\n  replicas: 1\n', ['spec', 'replicas']);

    expect(editField('spec:\n  replicas: {{ .Values.n }}\n', field, 2)).toMatchObject({ reason: 'helm-template' });
  });

  test('when something before the field has changed since it was read', () => {
    const field = fieldOf('a: 1\nb: 2\n', ['b']);

    expect(editField('a: 100\nb: 2\n', field, 3)).toMatchObject({ kind: 'refused', reason: 'field-absent' });
  });

  test('when the file does not parse any more', () => {
    const field = fieldOf('a: 1\n', ['a']);

    expect(editField('a: 1\n\tb: [', field, 3)).toMatchObject({ kind: 'refused', reason: 'parse-error' });
  });
});

const leverValue: fc.Arbitrary<LeverValue> = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  fc.boolean(),
  fc.constantFrom(
    'p5.48xlarge',
    'on',
    '0755',
    '1e3',
    'null',
    '~',
    '',
    ' x',
    '*/5 * * * *',
    'a: b',
    'a #b',
    "it's",
    '"',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

/** What the library itself makes of a text: nothing of this room takes part. */
function independently(text: string): readonly unknown[] {
  const documents = parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: 'silent' });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS({ mapAsMap: true, maxAliasCount: 1000 }) as unknown;
  });
}

function replaced(value: unknown, yamlPath: readonly (string | number)[], to: LeverValue): unknown {
  const [step, ...rest] = yamlPath;
  if (step === undefined) return to;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? replaced(item, rest, to) : item));
  }
  if (!(value instanceof Map)) throw new Error('the path ends early');
  return new Map(
    [...value].map(([key, item]) => [key, String(key) === step ? replaced(item, rest, to) : (item as unknown)]),
  );
}

function canBeEdited(scalar: TrackedScalar, text: string): boolean {
  const source = text.slice(scalar.origin.start, scalar.origin.end);
  return (
    scalar.origin.obstacle === undefined &&
    scalar.value !== null &&
    scalar.style !== 'literal' &&
    scalar.style !== 'folded' &&
    !(scalar.style === 'plain' && doVersionsDisagree(source))
  );
}

/** A scalar of a text, by a number. */
function pickScalar(text: string, pick: number): TrackedScalar | undefined {
  const scalars = documentsOf(text).flatMap(scalarsOf);
  return scalars[pick % Math.max(1, scalars.length)];
}

describe('for any YAML text', () => {
  test('an edit is refused only where the value or its place cannot be edited', () => {
    fc.assert(
      fc.property(documentText, fc.nat(), leverValue, (text, pick, value) => {
        const target = pickScalar(text, pick);
        fc.pre(target !== undefined);
        const isPossible = canBeEdited(target, text) && scalarText(value, target.style) !== undefined;

        const result = editField(text, presentField(target.origin), value);

        expect(result).toMatchObject({ kind: isPossible ? 'edited' : 'refused' });
      }),
      { numRuns: 300 },
    );
  });

  test('an edit changes the one value in the one place, and doing it again changes nothing', () => {
    fc.assert(
      fc.property(documentText, fc.nat(), leverValue, (text, pick, value) => {
        const target = pickScalar(text, pick);
        fc.pre(target !== undefined);
        const field = presentField(target.origin);
        const result = editField(text, field, value);
        fc.pre(result.kind === 'edited');

        const wanted = target.style === 'plain' ? value : String(value);
        const expected = independently(text).map((document, index) =>
          index === field.documentIndex ? replaced(document, field.yamlPath, wanted) : document,
        );
        expect(isDeepStrictEqual(independently(result.text), expected)).toBe(true);
        expect(result.text.startsWith(text.slice(0, field.start))).toBe(true);
        expect(result.text.endsWith(text.slice(field.end))).toBe(true);
        expect(editField(result.text, field, value)).toEqual(result);
      }),
      { numRuns: 400 },
    );
  });

  test('editing back restores every byte', () => {
    fc.assert(
      fc.property(documentText, fc.nat(), fc.integer({ min: 0, max: 99 }), (text, pick, value) => {
        const target = pickScalar(text, pick);
        fc.pre(target !== undefined && target.value !== null);
        const field = presentField(target.origin);
        // `0x1F` and `a b` come back as `31` and `"a b"`: the same value, written as Flyball writes it.
        fc.pre(scalarText(target.value, target.style) === text.slice(field.start, field.end));
        const result = editField(text, field, value);
        fc.pre(result.kind === 'edited');

        expect(editField(result.text, field, target.value)).toEqual({ kind: 'edited', text });
      }),
      { numRuns: 300 },
    );
  });

  test('the same holds for YAML inside a literal block', () => {
    fc.assert(
      fc.property(documentText, fc.nat(), fc.integer({ min: 0, max: 99 }), (inner, pick, value) => {
        fc.pre(!inner.includes('\ufeff') && !/^(?:---|%)/m.test(inner) && inner.trim() !== '');
        const lines = inner.split(/\r?\n/).map((line) => (line === '' ? '' : `    ${line}`));
        const text = `kind: Kustomization\npatches:\n- patch: |-\n${lines.join('\n')}\n  target: {kind: Deployment}\n`;
        const outer = documentsOf(text)
          .flatMap(scalarsOf)
          .find(({ style }) => style === 'literal');
        fc.pre(outer !== undefined);
        const scalars = (trackEmbedded(outer, 'kustomize-patch') ?? []).flatMap(scalarsOf);
        const target = scalars[pick % Math.max(1, scalars.length)];
        fc.pre(target !== undefined && canBeEdited(target, text));
        const { start, end } = target.origin;

        const result = editField(text, presentField(target.origin), value);

        const replacement = scalarText(value, target.style) ?? '';
        expect(result).toEqual({ kind: 'edited', text: `${text.slice(0, start)}${replacement}${text.slice(end)}` });
      }),
      { numRuns: 300 },
    );
  });
});
