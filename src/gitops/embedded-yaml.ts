import { bisectRight } from 'd3-array';
import type { DecidingMechanism } from '../domain/index.ts';
import { parseYaml } from './parse-yaml.ts';
import { ExpansionError, trackDocument } from './track-document.ts';
import type { Obstacle, Tracked, TrackedScalar } from './tracked.ts';

/**
 * Reads YAML that is written inside a string, such as `patch: |-` or Argo CD's `values: |`. In a literal block of one
 * document every inner value keeps its place in the file; in any other style the values are known and not editable.
 * Undefined when the string is not YAML.
 */
export function trackEmbedded(scalar: TrackedScalar, mechanism: DecidingMechanism): readonly Tracked[] | undefined {
  if (typeof scalar.value !== 'string') return undefined;
  const block = scalar.style === 'literal' ? literalBlock(scalar) : undefined;
  const outcome = parseYaml(block?.text ?? scalar.value);
  if (outcome.kind === 'invalid') return undefined;
  const isMapped = block !== undefined && outcome.documents.length === 1;
  const unmapped: Obstacle = {
    reason: 'unsupported-value',
    detail: 'it stands in a string that is not a literal block (|) of one YAML document',
  };
  const { file, documentIndex, yamlPath, obstacle, start } = scalar.origin;
  const embedded = {
    yamlPath,
    obstacle: obstacle ?? (isMapped ? undefined : unmapped),
    offsetInFile: isMapped ? block.offsetInFile : (): number => start,
  };
  try {
    return outcome.documents.flatMap(
      (document) => trackDocument(document, { file, documentIndex, mechanism, embedded }) ?? [],
    );
  } catch (error) {
    if (error instanceof ExpansionError) return undefined;
    throw error;
  }
}

/** The text of a literal block without its indentation, and where each of its offsets lies in the file. */
export function literalBlock(
  scalar: TrackedScalar,
): { readonly text: string; readonly offsetInFile: (offset: number) => number } | undefined {
  const { file, start, end } = scalar.origin;
  const block = file.text.slice(start, end);
  const header = /^\|[+-]?[ \t]*(?:#[^\r\n]*)?\r?\n/.exec(block)?.[0];
  // With an indentation indicator (`|2`) the indentation depends on the parent's; such blocks are rare.
  if (header === undefined) return undefined;
  const lines = block.slice(header.length).split(/(?<=\n)/);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  const indent = indentOf(first);
  const innerStarts: number[] = [];
  const fileStarts: number[] = [];
  let text = '';
  let inFile = start + header.length;
  for (const line of lines) {
    const cut = Math.min(indent, indentOf(line));
    innerStarts.push(text.length);
    fileStarts.push(inFile + cut);
    text += line.slice(cut);
    inFile += line.length;
  }
  // The parser's own reading of the block is the truth; where this one differs, no offset can be trusted.
  if (normalized(text) !== normalized(String(scalar.value))) return undefined;
  return {
    text,
    offsetInFile: (offset) => {
      const line = bisectRight(innerStarts, offset) - 1;
      const [innerStart, fileStart] = [innerStarts[line], fileStarts[line]];
      return innerStart === undefined || fileStart === undefined ? start : fileStart + (offset - innerStart);
    },
  };
}

function indentOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}

function normalized(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/\n+$/, '');
}
