import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { AbsentField, LeverValue } from '../../src/domain/index.ts';
import { editField } from '../../src/gitops/index.ts';
import { absentBelow } from '../../src/gitops/absent-field.ts';
import { parseYaml } from '../../src/gitops/parse-yaml.ts';
import { trackDocument } from '../../src/gitops/track-document.ts';
import { locate } from '../../src/gitops/edit/read-documents.ts';
import type { Tracked, TrackedMap } from '../../src/gitops/tracked.ts';
import { documentText } from './yaml-text.ts';

function documentsOf(text: string, path = 'a.yaml'): readonly (Tracked | undefined)[] {
  const outcome = parseYaml(text);
  if (outcome.kind === 'invalid') throw new Error(outcome.message);
  const file = { path, blobId: 'b', text, obstacle: undefined };
  return outcome.documents.map((document, documentIndex) =>
    trackDocument(document, { file, documentIndex, mechanism: 'manifest' }),
  );
}

/** The field that keys below a map of the first document would be. */
function absent(text: string, map: readonly (string | number)[], keys: readonly string[], path?: string): AbsentField {
  const root = locate(documentsOf(text, path)[0], map);
  const found = root === undefined ? undefined : absentBelow(root, keys, { insertion: { kind: 'key' } });
  if (found === undefined || 'reason' in found) throw new Error(`nothing can be added: ${JSON.stringify(found)}`);
  return found;
}

function inserted(text: string, map: readonly (string | number)[], keys: readonly string[], value: LeverValue): string {
  const result = editField(text, absent(text, map, keys), value);
  return result.kind === 'edited' ? result.text : `${result.reason}: ${result.detail}`;
}

describe('a missing key', () => {
  test.each([
    [
      'goes above the first nested value, in the indentation of its map',
      'spec:\n    selector:\n        a: b\n    template: {}\n',
      'spec:\n    replicas: 0\n    selector:\n        a: b\n    template: {}\n',
    ],
    [
      'stays below scalars that stand first',
      'spec:\n  paused: false # why\n  # about the template\n  template:\n    a: b\n',
      'spec:\n  paused: false # why\n  replicas: 0\n  # about the template\n  template:\n    a: b\n',
    ],
    [
      'does not come between a comment and its key',
      'spec:\n  # about the selector\n  selector:\n    a: b\n# the end\n',
      'spec:\n  # about the selector\n  selector:\n    a: b\n  replicas: 0\n# the end\n',
    ],
    [
      'follows the last scalar',
      'spec:\n  a: 1 # one\n\nstatus: x\n',
      'spec:\n  a: 1 # one\n  replicas: 0\n\nstatus: x\n',
    ],
    ['has the line ends of the file', 'spec:\r\n  a: 1\r\n', 'spec:\r\n  a: 1\r\n  replicas: 0\r\n'],
    ['needs no line end at the end of the file', 'spec:\n  a: 1', 'spec:\n  a: 1\n  replicas: 0'],
    ['stands in braces', 'spec: {a: 1, b: 2} # c\n', 'spec: {replicas: 0, a: 1, b: 2} # c\n'],
    ['keeps the padding of braces', 'spec: { a: 1 }\n', 'spec: { replicas: 0, a: 1 }\n'.replace('0, a', '0, a')],
    ['follows a block scalar', 'spec:\n  a: |\n    x\n\nb: 1\n', 'spec:\n  a: |\n    x\n  replicas: 0\n\nb: 1\n'],
    [
      'is quoted in JSON',
      '{\n  "spec": {\n    "a": 1\n  }\n}\n',
      '{\n  "spec": {\n    "replicas": 0,\n    "a": 1\n  }\n}\n',
    ],
    ['is not disturbed by a byte-order mark', '\ufeffspec:\n  a: é\n', '\ufeffspec:\n  a: é\n  replicas: 0\n'],
  ])('%s', (_, text, expected) => {
    expect(inserted(text, ['spec'], ['replicas'], 0)).toBe(expected);
  });

  test('of a list item stands below its first key', () => {
    expect(inserted('groups:\n- name: a\n  template:\n    x: 1\n', ['groups', 0], ['replicas'], 2)).toBe(
      'groups:\n- name: a\n  replicas: 2\n  template:\n    x: 1\n',
    );
  });

  test('brings the maps that are missing around it', () => {
    expect(
      inserted('metadata:\n  name: a\n', ['metadata'], ['annotations', 'autoscaling.knative.dev/min-scale'], 0),
    ).toBe('metadata:\n  name: a\n  annotations:\n    autoscaling.knative.dev/min-scale: "0"\n');
  });

  test('can stand inside a literal block', () => {
    const text = 'values: |\n    # chart\n    image:\n      tag: x\n    n: 1\nafter: 1\n';

    expect(inserted(text, ['values', 'image'], ['replicas'], 3)).toBe(
      'values: |\n    # chart\n    image:\n      tag: x\n      replicas: 3\n    n: 1\nafter: 1\n',
    );
  });

  test('is refused where the key is there after all', () => {
    const field = absent('spec:\n  a: 1\n', ['spec'], ['replicas']);

    expect(editField('spec:\n  a: 1\n  replicas: 2\n', field, 3)).toMatchObject({ kind: 'refused' });
  });

  test('is refused in a file that SOPS encrypts, and where an anchor is shared', () => {
    const field = absent('spec:\n  a: 1\n', ['spec'], ['replicas']);

    expect(editField('spec:\n  a: 1\nsops: {}\n', field, 3)).toMatchObject({ reason: 'encrypted' });
    expect(editField('spec: &s\n  a: 1\nb: *s\n', field, 3)).toMatchObject({ reason: 'anchor-shared' });
  });
});

/** Every map of the documents that a key can be added to, without what merge keys bring. */
function mapsOf(value: Tracked | undefined): readonly TrackedMap[] {
  if (value === undefined || value.kind === 'scalar') return [];
  const below = value.kind === 'list' ? value.items : [...value.entries.values()];
  return [...(value.kind === 'map' && value.entries.size > 0 ? [value] : []), ...below.flatMap(mapsOf)];
}

/** The meaning of every document, by the library's own reading. */
function meaning(text: string): readonly unknown[] {
  const options = { schema: 'core', merge: true, uniqueKeys: false, logLevel: 'silent' } as const;
  return parseAllDocuments(text, options).map((document) => document.toJS({ maxAliasCount: -1 }) as unknown);
}

function withKey(value: unknown, yamlPath: readonly (string | number)[], key: string, added: LeverValue): unknown {
  const [step, ...rest] = yamlPath;
  if (step === undefined) return { ...(value as object), [key]: added };
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? withKey(item, rest, key, added) : item));
  }
  const entries = Object.entries(value as object).map(([name, item]) => [
    name,
    name === String(step) ? withKey(item, rest, key, added) : (item as unknown),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/** What one text has more than another in one place; undefined when anything else differs. */
function addedText(before: string, after: string): string | undefined {
  const length = after.length - before.length;
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  for (let index = start; index >= 0; index -= 1) {
    if (before.slice(index) === after.slice(index + length)) return after.slice(index, index + length);
  }
  return undefined;
}

test('for any YAML text and any map of it, only lines with the new key are added, and nothing else means another thing', () => {
  let edited = 0;
  fc.assert(
    fc.property(documentText, fc.nat(), fc.constantFrom<LeverValue>(0, 7, true, 'g6.xlarge'), (text, pick, value) => {
      const maps = documentsOf(text).flatMap(mapsOf);
      const map = maps[pick % Math.max(1, maps.length)];
      fc.pre(map !== undefined);
      const field = absentBelow(map, ['flyballKey'], { insertion: { kind: 'key' } });
      fc.pre(field !== undefined && !('reason' in field));
      const result = editField(text, field, value);
      fc.pre(result.kind === 'edited');
      edited += 1;

      const expected = meaning(text).map((document, index) =>
        index === field.documentIndex ? withKey(document, field.yamlPath.slice(0, -1), 'flyballKey', value) : document,
      );
      expect(meaning(result.text)).toEqual(expected);
      const added = addedText(text, result.text);
      expect(added).toBeDefined();
      expect(added?.trim().split('\n')).toHaveLength(1);
    }),
    { numRuns: 500 },
  );
  expect(edited).toBeGreaterThan(100);
});
