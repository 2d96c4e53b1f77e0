import { parseYaml } from './parse-yaml.ts';
import { traceDocument, ExpansionError } from './trace-document.ts';
import type { EditBlock, SourceRole, TracedScalar, TracedValue } from './traced.ts';

/**
 * Reads YAML that is written inside a string, such as `patch: |-` or Argo CD's `values: |`. In a literal block every
 * inner value keeps its place in the file; in any other style the values are known and not editable. Undefined when
 * the string is not one valid YAML document.
 */
export function traceEmbedded(scalar: TracedScalar, role: SourceRole): TracedValue | undefined {
  const documents = traceEmbeddedDocuments(scalar, role);
  return documents?.length === 1 ? documents[0] : undefined;
}

/** As {@link traceEmbedded}, for a string of several documents; those after the first are known and not editable. */
export function traceEmbeddedDocuments(scalar: TracedScalar, role: SourceRole): readonly TracedValue[] | undefined {
  if (typeof scalar.value !== 'string') return undefined;
  const lines = scalar.style === 'literal' ? literalLines(scalar) : undefined;
  const outcome = parseYaml(lines?.text ?? scalar.value);
  if (outcome.kind === 'invalid') return undefined;
  const isMapped = lines !== undefined && outcome.documents.length === 1;
  const block: EditBlock | undefined =
    scalar.origin.block ??
    (isMapped
      ? undefined
      : {
          reason: 'unsupported-value',
          detail: 'it is YAML inside a string that is not a literal block (|) of one document',
        });
  try {
    return outcome.documents.flatMap((document) => {
      const traced = traceDocument(document, {
        source: scalar.origin.source,
        role,
        documentIndex: scalar.origin.documentIndex,
        block,
        pathInFile: scalar.origin.yamlPath,
        offsetInFile: lines?.offsetInFile ?? ((): number => scalar.origin.start),
      });
      return traced === undefined ? [] : [traced];
    });
  } catch (error) {
    if (error instanceof ExpansionError) return undefined;
    throw error;
  }
}

/** The text of a literal block without its indentation, and where each of its offsets lies in the file. */
function literalLines(
  scalar: TracedScalar,
): { readonly text: string; readonly offsetInFile: (offset: number) => number } | undefined {
  const { source, start, end } = scalar.origin;
  const block = source.text.slice(start, end);
  const header = /^\|[+-]?[ \t]*(?:#[^\r\n]*)?\r?\n/.exec(block)?.[0];
  // An indentation indicator (`|2`) makes the indentation depend on the parent's; such blocks are rare.
  if (header === undefined) return undefined;
  const lines = block.slice(header.length).split(/(?<=\n)/);
  const first = lines.find((line) => line.trim() !== '');
  const indent = first === undefined ? 0 : (/^ */.exec(first)?.[0].length ?? 0);
  let text = '';
  let inFile = start + header.length;
  const starts: { readonly inner: number; readonly file: number }[] = [];
  for (const line of lines) {
    const cut = Math.min(indent, /^ */.exec(line)?.[0].length ?? 0);
    starts.push({ inner: text.length, file: inFile + cut });
    text += line.slice(cut);
    inFile += line.length;
  }
  const normal = (value: string): string => value.replaceAll('\r\n', '\n').replace(/\n*$/, '');
  // The parser's own reading of the block is the truth; if this one differs, no offset can be trusted.
  if (normal(text) !== normal(String(scalar.value))) return undefined;
  return {
    text,
    offsetInFile: (offset) => {
      const line = starts.findLast(({ inner }) => inner <= offset);
      return line === undefined ? start : line.file + (offset - line.inner);
    },
  };
}
