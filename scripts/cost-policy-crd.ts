import { stringify } from 'yaml';
import { costPolicySchema } from '../src/policy/index.ts';
import type { JsonSchema } from '../src/schema/index.ts';

/** What a structural schema of Kubernetes allows; other keywords of JSON Schema are refused by the API server. */
const keptKeywords = [
  'type',
  'description',
  'required',
  'enum',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'default',
  'anyOf',
  'x-kubernetes-validations',
] as const;

/**
 * A JSON Schema as the structural OpenAPI v3 schema of a CustomResourceDefinition. Unknown fields are pruned by the
 * API server where we report them; `if`/`then` is carried by the CEL rule beside it.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function toStructuralSchema(schema: JsonSchema): Record<string, unknown> {
  const kept = Object.fromEntries(
    keptKeywords.flatMap((key) => (schema[key] === undefined ? [] : [[key, schema[key]]])),
  );
  const { properties, items, additionalProperties, exclusiveMinimum } = schema;
  return {
    ...kept,
    ...(schema.const !== undefined && { enum: [schema.const] }),
    ...(exclusiveMinimum !== undefined && { minimum: exclusiveMinimum, exclusiveMinimum: true }),
    ...(items !== undefined && { items: toStructuralSchema(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: toStructuralSchema(additionalProperties) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([field, child]) => [field, toStructuralSchema(child)]),
      ),
    }),
    // An object that lists fields and does not close itself keeps what others wrote into it.
    ...(properties !== undefined &&
      additionalProperties === undefined && { 'x-kubernetes-preserve-unknown-fields': true }),
  };
}

/** The CustomResourceDefinition of CostPolicy as YAML. */
export function costPolicyCrd(): string {
  const root = toStructuralSchema(costPolicySchema);
  const group = 'finops.apexlogic.com';
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `costpolicies.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'CostPolicy', listKind: 'CostPolicyList', plural: 'costpolicies', singular: 'costpolicy' },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Daily', type: 'number', jsonPath: '.spec.costThreshold.daily', description: 'USD a day' },
            { name: 'Monthly', type: 'number', jsonPath: '.spec.costThreshold.monthly', description: 'USD a month' },
            { name: 'Action', type: 'string', jsonPath: '.spec.actionOnExceed.type' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: { openAPIV3Schema: { ...root, properties: withPlainMetadata(root['properties']) } },
        },
      ],
    },
  };
  const header =
    '# Generated from policies/schema/cost-policy.schema.json by scripts/generate-crds.ts; edit that file instead.\n';
  return header + stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** The API server checks apiVersion, kind and metadata itself, and allows little more than a type for them. */
function withPlainMetadata(properties: unknown): Record<string, unknown> {
  return {
    ...(typeof properties === 'object' ? properties : {}),
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
  };
}
