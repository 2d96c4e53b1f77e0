import type { Document } from 'yaml';
import { compareProblems, type Problem, type ProblemCode } from '../domain/index.ts';
import { checkShape } from './check-shape.ts';
import { compileSchema } from './compile-schema.ts';
import { explainErrors } from './explain-errors.ts';
import type { JsonSchema } from './json-schema.ts';
import { parseYaml, syntaxComplaints, type YamlDocument } from './parse-yaml.ts';
import { findUnquotedHashes } from './unquoted-hash.ts';
import { toProblem, type Complaint } from './source-text.ts';

/** Past this many the rest of one document is only counted: explaining an error costs a search in the document. */
const problemsMax = 100;

export interface ValidationRules {
  readonly schema: JsonSchema;
  readonly code: ProblemCode;
  /** For text left empty by an unquoted `#`; the same as `code` unless given. */
  readonly unquotedHashCode?: ProblemCode;
}

export type Validation<T> =
  | { readonly kind: 'valid'; readonly value: T; readonly document: Document.Parsed }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Reads one YAML or JSON document and checks it against a schema; never throws, lists every problem with its place. */
export function validateDocument<T>(
  input: ValidationRules & { readonly text: string; readonly path: string; readonly documentIndex?: number },
): Validation<T> {
  const file = parseYaml(input);
  if (file.kind === 'unreadable') return { kind: 'invalid', problems: file.problems };
  const index = input.documentIndex ?? 0;
  const yaml = file.documents[index];
  if (yaml !== undefined) return validateParsed(yaml, input);
  const place = { kind: 'file', path: input.path, line: 1, column: 1 } as const;
  const message = `The file has ${file.documents.length} YAML documents, number ${index + 1} is not there.`;
  return {
    kind: 'invalid',
    problems: [{ code: input.code, severity: 'error', place, message, remedy: 'Read the file again.' }],
  };
}

/** As {@link validateDocument}, for a document that is parsed already. T must be what the schema describes. */
export function validateParsed<T>(yaml: YamlDocument, rules: ValidationRules): Validation<T> {
  const { schema, code } = rules;
  const syntax = syntaxComplaints(yaml, code);
  if (syntax.length > 0) return invalid(yaml, syntax);
  const { duplicates, blockers } = checkShape(yaml, code);
  if (blockers.length > 0) return invalid(yaml, [...duplicates, ...blockers]);
  const read = readValue(yaml, code);
  if (read.kind === 'too-many-aliases') return invalid(yaml, [read.complaint]);

  const hashes = findUnquotedHashes(yaml, schema, rules.unquotedHashCode ?? code);
  const empty = new Set(hashes.map(({ path }) => pointer(path)));
  const validate = compileSchema(schema);
  const isValid = validate(read.value);
  const errors = (validate.errors ?? []).filter((error) => !empty.has(error.instancePath));
  const explained = explainErrors(errors.slice(0, problemsMax), { yaml, schema, value: read.value, code });
  const complaints = [...duplicates, ...hashes.map(({ complaint }) => complaint), ...explained];
  if (isValid && complaints.length === 0) return { kind: 'valid', value: read.value as T, document: yaml.document };
  return invalid(yaml, complaints, Math.max(0, errors.length - problemsMax));
}

function readValue(
  { document }: YamlDocument,
  code: ProblemCode,
):
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'too-many-aliases'; readonly complaint: Complaint } {
  try {
    return { kind: 'read', value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const message = 'The aliases of this document multiply to more values than are read';
    const complaint = { offset: document.range[0], code, message, remedy: 'Write the values themselves.' };
    return { kind: 'too-many-aliases', complaint };
  }
}

function invalid(yaml: YamlDocument, complaints: readonly Complaint[], unlisted = 0): Validation<never> {
  const shown = complaints.slice(0, problemsMax);
  const rest = unlisted + complaints.length - shown.length;
  const problems = shown.map((complaint) => toProblem(yaml.source, complaint)).toSorted(compareProblems);
  const [first] = problems;
  if (rest > 0 && first !== undefined) {
    const message = `${rest} more problems of this document are not listed`;
    problems.push({
      ...toProblem(yaml.source, {
        offset: yaml.document.range[0],
        code: first.code,
        message,
        remedy: 'Correct the ones above first.',
      }),
    });
  }
  return { kind: 'invalid', problems };
}

function pointer(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
