import { isMap, isScalar } from 'yaml';
import { nearestWord, type Problem } from '../domain/index.ts';
import { locate, parseYaml, quoted, toProblem, type YamlDocument, type YamlFile } from '../schema/index.ts';

/** One YAML document of the repository whose apiVersion is in the group finops.apexlogic.com. */
export interface PolicyDocument {
  readonly path: string;
  /** The whole file. */
  readonly text: string;
  /** Zero-based index of the document in the file. */
  readonly documentIndex: number;
}

/** Kinds of the group that this version knows by name and leaves alone. */
const kindsNotEvaluated = ['AlignmentPolicy', 'ManifestPolicy', 'ProvenancePolicy'] as const;

export type SortedPolicyDocument =
  | { readonly kind: 'cost-policy'; readonly yaml: YamlDocument }
  | { readonly kind: 'left-out'; readonly problems: readonly Problem[] };

/** Parses each file once and tells CostPolicies from documents that are none. */
export function sortPolicyDocuments(documents: readonly PolicyDocument[]): readonly SortedPolicyDocument[] {
  const files = new Map<string, { readonly text: string; readonly file: YamlFile }>();
  return documents.map(({ path, text, documentIndex }) => {
    const known = files.get(path);
    const file = known?.text === text ? known.file : parseYaml({ text, path, code: 'POLICY_INVALID' });
    files.set(path, { text, file });
    if (file.kind === 'unreadable') return { kind: 'left-out', problems: file.problems };
    const yaml = file.documents[documentIndex];
    return yaml === undefined ? { kind: 'left-out', problems: [absent(path, documentIndex)] } : sortByKind(yaml);
  });
}

function sortByKind(yaml: YamlDocument): SortedPolicyDocument {
  const { contents } = yaml.document;
  const pair = isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === 'kind') : undefined;
  const kind = isScalar(pair?.value) ? pair.value.value : undefined;
  if (typeof kind !== 'string' || kind === 'CostPolicy') return { kind: 'cost-policy', yaml };
  const { valueOffset } = locate(yaml.document, ['kind']);
  const isKnown = kindsNotEvaluated.some((name) => name === kind);
  const near = nearestWord(kind.slice(0, 100), ['CostPolicy', ...kindsNotEvaluated]);
  const problem = toProblem(yaml.source, {
    offset: valueOffset,
    code: 'POLICY_INVALID',
    severity: isKnown ? 'warning' : 'error',
    message: isKnown
      ? `${kind} is not evaluated by this version, so this policy limits nothing`
      : `kind is ${quoted(kind)}, expected CostPolicy`,
    remedy: isKnown
      ? 'Leave it for a later version, or remove it. See docs/policies.md, "kind".'
      : `${near === undefined ? 'Write kind: CostPolicy' : `Did you mean ${near}`}${near === undefined ? '.' : '?'} See docs/policies.md, "kind".`,
  });
  return { kind: 'left-out', problems: [problem] };
}

function absent(path: string, documentIndex: number): Problem {
  return {
    code: 'POLICY_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: `The file has no YAML document number ${documentIndex + 1}.`,
    remedy: 'Correct the syntax of the documents before it.',
  };
}
