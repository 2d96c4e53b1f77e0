import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../src/gitops/parse-yaml.ts';
import { splitDocuments } from '../../src/gitops/plain-yaml/split-documents.ts';
import { trackPlainYaml } from '../../src/gitops/plain-yaml/track-plain-yaml.ts';
import { trackDocument } from '../../src/gitops/track-document.ts';
import type { Tracked } from '../../src/gitops/tracked.ts';
import { anInventory, deployment } from './temporary-repository.ts';
import { documentText } from './yaml-text.ts';

function read(text: string): { readonly plain: readonly Tracked[] | undefined; readonly parsed: unknown } {
  const file = { path: 'a.yaml', blobId: 'b', text, obstacle: undefined };
  const outcome = parseYaml(text);
  const parsed =
    outcome.kind === 'invalid'
      ? outcome
      : outcome.documents.flatMap(
          (document, documentIndex) => trackDocument(document, { file, documentIndex, mechanism: 'manifest' }) ?? [],
        );
  return { plain: trackPlainYaml(text, { file, mechanism: 'manifest' }), parsed };
}

/** Manifests of the example fleet, which are written by hand in many styles. */
const examples = path.resolve(import.meta.dirname, '../../examples/gitops');
const manifests = readdirSync(examples, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => readFileSync(path.join(examples, name), 'utf8'));

/** Pieces that mean something to YAML. */
const pieces = [
  ' |  |\n|-|- |:|: |#| #|"|\'|[|]|{|}|,|>|&a |*a|!x |? |~|null|0x1|.5|1e3|.inf|<<: |{{|sops|\t|\r|\\|\\n|é|🚀|\ufeff|\u0085|\u2028|\u00a0|\u2003| \u00a0\n|0o7|+1|-0|1.|.|0.5e-3|99999999999999999999|NULL|True',
  '---\n|\n---\n|\n---\n---\n|\n...\n|%A|\n\n|\n# c\n|\n      # c\n|\n   \n|\n- a\n|\nk: v\n|\n    - k: v\n',
].flatMap((joined) => joined.split('|'));
const piece = fc.constantFrom(...pieces, '|', '|-', '\n  k: |\n');

describe('what the quick reader reads', () => {
  test('is what the parser reads, in generated documents', () => {
    let readPlain = 0;
    fc.assert(
      fc.property(documentText, (generated) => {
        // Keys and anchors that need the parser are in almost every generated document.
        const text = generated.replaceAll(/^\ufeff|\r|&n |^again: .*\n?/gm, '').replaceAll(/🚀|é|quoted key/g, 'k');
        const { plain, parsed } = read(text);
        readPlain += plain === undefined ? 0 : 1;

        expect(plain ?? parsed).toEqual(parsed);
      }),
      { numRuns: 400 },
    );

    expect(readPlain).toBeGreaterThan(20);
  });

  test('is what the parser reads, in manifests that somebody broke', () => {
    const damage = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      removed: fc.integer({ min: 0, max: 3 }),
      piece: fc.oneof(piece, fc.constant('')),
    });
    let readPlain = 0;
    fc.assert(
      fc.property(fc.constantFrom(...manifests), fc.array(damage, { maxLength: 2 }), (manifest, damages) => {
        const text = damages.reduce((whole, { at, removed, piece: inserted }) => {
          const offset = Math.floor(at * whole.length);
          return whole.slice(0, offset) + inserted + whole.slice(offset + removed);
        }, manifest);
        const { plain, parsed } = read(text);
        readPlain += plain === undefined ? 0 : 1;

        expect(plain ?? parsed).toEqual(parsed);
      }),
      { numRuns: 3_000 },
    );

    expect(readPlain).toBeGreaterThan(200);
  });

  test('is most of the manifests that people write', () => {
    const share = manifests.filter((text) => read(text).plain !== undefined).length / manifests.length;

    expect(share).toBeGreaterThan(0.8);
  });
});

describe('documents', () => {
  test.each([
    ['a: 1\n', [0]],
    ['# head\n---\na: 1\n---\nb: 2\n', [0, 1]],
    ['a: 1\n--- # second\nb: 2', [0, 1]],
    ['a: |\n  ---\n  x\n---\nb: 2\n', [0, 1]],
    ['---\n---\nb: 2\n', [0, 1]],
    ['', [0]],
  ])('of %j are counted as the parser counts them', (text, indices) => {
    expect(splitDocuments(text)?.map(({ documentIndex }) => documentIndex)).toEqual(indices);
  });

  test.each(['%YAML 1.1\n---\na: 1\n', 'a: 1\n...\nb: 2\n', '--- a\n', '---a\n'])('of %j need a parser', (text) => {
    expect(splitDocuments(text)).toBeUndefined();
  });
});

test('a broken document beside a workload is reported at its line, and not read around', async () => {
  const definition = 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: [\n';
  const inventory = await anInventory({ 'bundle.yaml': `${deployment('clip')}---\n${definition}` });

  expect(inventory.workloads).toEqual([]);
  expect(inventory.problems.map(({ code, place }) => ({ code, place }))).toEqual([
    { code: 'MANIFEST_UNREADABLE', place: expect.objectContaining({ path: 'bundle.yaml' }) },
  ]);
});

test('a key longer than YAML allows is an error, not a key', () => {
  const { plain, parsed } = read(`${'k'.repeat(1_100)}: 1\n`);

  expect(plain).toBeUndefined();
  expect(parsed).toMatchObject({ kind: 'invalid' });
});
