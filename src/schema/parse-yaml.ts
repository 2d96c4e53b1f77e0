import { parseAllDocuments, type Document, type YAMLError } from 'yaml';
import type { Problem, ProblemCode } from '../domain/index.ts';
import { indexText, placeAt, toProblem, type Complaint, type SourceText } from './source-text.ts';

/** A configuration or policy is a few kilobytes; parsing costs about a second for each mebibyte. */
export const documentBytesMax = 1_048_576;

/** Syntax errors come in cascades; the first few tell all. */
const syntaxErrorsMax = 5;

/** One YAML document of a file, well-formed or not. */
export interface YamlDocument {
  readonly source: SourceText;
  readonly document: Document.Parsed;
}

export type YamlFile =
  | { readonly kind: 'parsed'; readonly documents: readonly YamlDocument[] }
  | { readonly kind: 'unreadable'; readonly problems: readonly [Problem] };

/**
 * Splits a file into its YAML 1.2 documents (JSON is YAML). Never throws; a syntax error stays inside its document
 * and is told by {@link syntaxComplaints}.
 */
export function parseYaml(file: {
  readonly text: string;
  readonly path: string;
  readonly code: ProblemCode;
}): YamlFile {
  const unreadable = (message: string, remedy: string): YamlFile => ({
    kind: 'unreadable',
    problems: [
      toProblem(indexText(file.path, file.text.slice(0, 200)), { offset: 0, message, remedy, code: file.code }),
    ],
  });
  if (file.text.length > documentBytesMax) {
    const mebibytes = (file.text.length / documentBytesMax).toFixed(1);
    return unreadable(`The file has ${mebibytes} MiB, more than the 1 MiB that is read`, 'Split the file.');
  }
  // The library's own check for duplicate keys is quadratic: 20,000 keys cost it 20 seconds (yaml 2.9.1).
  const documents = parseAllDocuments(file.text, {
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if ('empty' in documents)
    return unreadable('The file is empty', 'Write at least one document into it, or delete it.');
  const source = indexText(file.path, file.text);
  return { kind: 'parsed', documents: documents.map((document) => ({ source, document })) };
}

/** What keeps a document from being read at all, the first error of each line. */
export function syntaxComplaints({ document, source }: YamlDocument, code: ProblemCode): readonly Complaint[] {
  const errors = [...document.errors.slice(0, 100), ...document.warnings.slice(0, 100)];
  const byLine = new Map<number, YAMLError>();
  for (const error of errors.toSorted((left, right) => left.pos[0] - right.pos[0])) {
    const { line } = placeAt(source, error.pos[0]);
    if (!byLine.has(line)) byLine.set(line, error);
  }
  return [...byLine.values()].slice(0, syntaxErrorsMax).map((error) => explainSyntax(error, code));
}

const commonSyntaxErrors: Readonly<Partial<Record<YAMLError['code'], readonly [message: string, remedy: string]>>> = {
  TAB_AS_INDENT: ['This line is indented with a tab, which YAML does not allow', 'Indent with spaces.'],
  RESOURCE_EXHAUSTION: ['The document is nested too deeply to be read', 'Nest it less deeply.'],
  TAG_RESOLVE_FAILED: ['This YAML tag is not known', 'Remove the tag.'],
};

function explainSyntax(error: YAMLError, code: ProblemCode): Complaint {
  const [message, remedy] = commonSyntaxErrors[error.code] ?? [
    `This is not valid YAML: ${error.message}`,
    'Correct the syntax here, or in the line before it. Nothing of this document is read until then.',
  ];
  return { offset: error.pos[0], message, remedy, code };
}
