import * as fc from 'fast-check';

/** A YAML value and how it is written. */
type Shape =
  | { readonly kind: 'scalar'; readonly source: string }
  | { readonly kind: 'literal'; readonly lines: readonly string[] }
  | { readonly kind: 'map'; readonly entries: readonly Entry[]; readonly isFlow: boolean }
  | { readonly kind: 'list'; readonly items: readonly Shape[]; readonly isFlow: boolean };

interface Entry {
  readonly key: string;
  readonly value: Shape;
  readonly comment: string;
}

const word = fc.constantFrom('replicas', 'name', 'g6.xlarge', 'x-y', 'a/b', 'é', '日本', 'v1.2.3');

const source = fc.oneof(
  fc.integer({ min: -5, max: 100_000 }).map(String),
  fc.constantFrom('true', 'false', '~', 'null', '1.5', '0x1F', '1e3'),
  fc.constantFrom('yes', 'off', '0755', '1:30', '2026-01-01', '1_000'),
  word,
  fc.tuple(word, word).map(([left, right]) => `${left} ${right}`),
  fc.constantFrom("'it''s'", "'6'", '"6"', '"🦄 # no comment"', '"a\\tb"', "''", '""', "'a: b'", '"\\u00e9"'),
);

const comment = fc.constantFrom('', '', '', ' # why 🚀', ' #x', '   # a: 1');

const keys = fc.uniqueArray(
  fc.constantFrom('spec', 'replicas', 'on', 'y', '"quoted key"', "'k'", 'nvidia.com/gpu', 'é', '1', '🚀', 'limits'),
  { minLength: 1, maxLength: 4 },
);

const { shape } = fc.letrec<{ shape: Shape; flow: Shape }>((tie) => ({
  flow: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    source.map((text): Shape => ({ kind: 'scalar', source: text })),
    keys.chain((names) => mapOf(names, tie('flow'), true)),
    fc.array(tie('flow'), { maxLength: 3 }).map((items): Shape => ({ kind: 'list', items, isFlow: true })),
  ),
  shape: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    source.map((text): Shape => ({ kind: 'scalar', source: text })),
    fc
      .array(fc.constantFrom('one', '', '  two', '# no comment', 'k: v'), { minLength: 1, maxLength: 3 })
      .filter((lines) => lines[0] === 'one')
      .map((lines): Shape => ({ kind: 'literal', lines })),
    tie('flow'),
    keys.chain((names) => mapOf(names, tie('shape'), false)),
    fc
      .array(tie('shape'), { minLength: 1, maxLength: 3 })
      .map((items): Shape => ({ kind: 'list', items, isFlow: false })),
  ),
}));

function mapOf(names: readonly string[], value: fc.Arbitrary<Shape>, isFlow: boolean): fc.Arbitrary<Shape> {
  return fc
    .tuple(...names.map((key) => fc.record({ key: fc.constant(key), value, comment })))
    .map((entries): Shape => ({ kind: 'map', entries, isFlow }));
}

function flowText(value: Shape): string {
  switch (value.kind) {
    case 'scalar':
      return value.source;
    case 'literal':
      return '0';
    case 'list':
      return `[${value.items.map(flowText).join(', ')}]`;
    case 'map':
      return `{${value.entries.map((entry) => `${entry.key}: ${flowText(entry.value)}`).join(', ')}}`;
  }
}

/** The lines of a value that stands below its key or dash. */
function blockLines(value: Shape, indent: string): readonly string[] {
  if (value.kind === 'map' && !value.isFlow) {
    return value.entries.flatMap((entry) => withLead(`${indent}${entry.key}:`, entry.value, indent, entry.comment));
  }
  if (value.kind === 'list' && !value.isFlow) {
    return value.items.flatMap((item) => withLead(`${indent}-`, item, indent, ''));
  }
  return [`${indent}${flowText(value)}`];
}

function withLead(lead: string, value: Shape, indent: string, remark: string): readonly string[] {
  const isBlock = (value.kind === 'map' || value.kind === 'list') && !value.isFlow;
  if (isBlock) return [`${lead}${remark}`, ...blockLines(value, `${indent}  `)];
  if (value.kind === 'literal')
    return [`${lead} |`, ...value.lines.map((line) => (line === '' ? '' : `${indent}  ${line}`))];
  return [`${lead} ${flowText(value)}${remark}`];
}

const root = keys.chain((names) => mapOf(names, shape, false));

const documentBody = fc
  .tuple(root, fc.boolean(), fc.constantFrom('', '# head\n', '\n\n# head 🚀\n'))
  .map(([value, hasAnchor, head]) => {
    const lines = [...blockLines(value, ''), ...(hasAnchor ? ['shared: &n 7', 'again: *n'] : [])];
    return `${head}${lines.join('\n')}\n`;
  });

/** Texts of one to three YAML documents with comments, flow and block style, quotes, anchors, line ends, BOM, emoji. */
export const documentText: fc.Arbitrary<string> = fc
  .record({
    documents: fc.array(documentBody, { minLength: 1, maxLength: 3 }),
    isCrlf: fc.boolean(),
    hasMark: fc.boolean(),
    hasFinalNewline: fc.boolean(),
  })
  .map(({ documents, isCrlf, hasMark, hasFinalNewline }) => {
    const joined = documents.join('---\n');
    const ended = hasFinalNewline ? joined : joined.replace(/\n$/, '');
    return `${hasMark ? '\ufeff' : ''}${isCrlf ? ended.replaceAll('\n', '\r\n') : ended}`;
  });
