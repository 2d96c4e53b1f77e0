import { compareProblems, type CostActionType, type CostPolicy, type Problem } from '../domain/index.ts';
import { locate, placeAt, validateParsed, type FilePlace, type ValuePath, type YamlDocument } from '../schema/index.ts';
import { checkMeaning } from './check-meaning.ts';
import { costPolicySchema } from './cost-policy-schema.ts';
import { sortPolicyDocuments, type PolicyDocument } from './policy-documents.ts';

/** A CostPolicy as its schema lets it through; only what is read. */
interface ValidCostPolicy {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly targetWorkloadSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly costThreshold: {
      readonly daily?: number;
      readonly monthly?: number;
      readonly forecast?: 'daily' | 'monthly';
    };
    readonly actionOnExceed: {
      readonly type: CostActionType;
      readonly parameters?: { readonly replicaReductionPercentage?: number; readonly minReplicas?: number };
      readonly escalateTo?: { readonly slackChannel?: string; readonly emailGroup?: string };
    };
  };
}

/** Reads every CostPolicy that is valid; what is wrong with the others never stops it. */
export function loadCostPolicies(documents: readonly PolicyDocument[]): {
  readonly policies: readonly CostPolicy[];
  readonly problems: readonly Problem[];
} {
  const policies: CostPolicy[] = [];
  const problems: Problem[] = [];
  for (const sorted of sortPolicyDocuments(documents)) {
    if (sorted.kind === 'left-out') {
      problems.push(...sorted.problems);
      continue;
    }
    const checked = validateParsed<ValidCostPolicy>(sorted.yaml, {
      schema: costPolicySchema,
      code: 'POLICY_INVALID',
      unquotedHashCode: 'POLICY_UNQUOTED_HASH',
    });
    if (checked.kind === 'invalid') {
      problems.push(...checked.problems);
      continue;
    }
    const policy = toPolicy(checked.value, sorted.yaml);
    policies.push(policy);
    problems.push(...checkMeaning(policy, sorted.yaml));
  }
  return { policies, problems: problems.toSorted(compareProblems) };
}

function toPolicy({ metadata, spec }: ValidCostPolicy, yaml: YamlDocument): CostPolicy {
  const { costThreshold, actionOnExceed } = spec;
  const keyPlace = (path: ValuePath): FilePlace => placeAt(yaml.source, locate(yaml.document, path).keyOffset);
  const { path, line, column } = keyPlace(['spec', 'costThreshold']);
  const selector = keyPlace(['spec', 'targetWorkloadSelector', 'matchLabels']);
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    place: { path, line, column },
    selectorPlace: { path: selector.path, line: selector.line, column: selector.column },
    matchLabels: spec.targetWorkloadSelector.matchLabels,
    dailyUsd: costThreshold.daily,
    monthlyUsd: costThreshold.monthly,
    forecast: costThreshold.forecast,
    action: {
      type: actionOnExceed.type,
      replicaReductionPercentage: actionOnExceed.parameters?.replicaReductionPercentage,
      minReplicas: actionOnExceed.parameters?.minReplicas,
    },
    escalateTo: {
      slackChannel: actionOnExceed.escalateTo?.slackChannel,
      emailGroup: actionOnExceed.escalateTo?.emailGroup,
    },
  };
}
