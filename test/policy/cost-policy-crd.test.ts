import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { costPolicyCrd, toStructuralSchema } from '../../scripts/cost-policy-crd.ts';
import { costPolicySchema } from '../../src/policy/index.ts';

test('the CRD in the repository is the one that the schema generates (npx tsx scripts/generate-crds.ts)', async () => {
  expect(await readFile('policies/crd/finops.apexlogic.com_costpolicies.yaml', 'utf8')).toBe(costPolicyCrd());
});

test('the CRD serves the group, version and kind that policies are written in', () => {
  const { spec } = parse(costPolicyCrd()) as {
    spec: { group: string; names: { kind: string }; versions: readonly { name: string }[] };
  };

  expect(`${spec.group}/${spec.versions[0]?.name}`).toBe(costPolicySchema.properties?.['apiVersion']?.const);
  expect(spec.names.kind).toBe(costPolicySchema.properties?.['kind']?.const);
});

test('it has only what Kubernetes allows in a structural schema', () => {
  const allowed = new Set(
    (
      'type description properties required additionalProperties items anyOf enum format minimum maximum ' +
      'exclusiveMinimum minLength maxLength minProperties maxProperties pattern x-kubernetes-validations ' +
      'x-kubernetes-preserve-unknown-fields'
    ).split(' '),
  );
  const refused = (schema: Record<string, unknown>, where: string): readonly string[] =>
    Object.entries(schema).flatMap(([keyword, value]) => {
      const isRefused =
        !allowed.has(keyword) ||
        (keyword === 'additionalProperties' && value === false) ||
        (keyword === 'exclusiveMinimum' && value !== true);
      const children = keyword === 'properties' ? Object.entries(value as object) : [];
      return (isRefused ? [`${where}: ${keyword}`] : []).concat(
        children.flatMap(([field, child]) => refused(child as Record<string, unknown>, `${where}.${field}`)),
      );
    });
  const structural = toStructuralSchema(costPolicySchema);

  expect(refused(structural, 'CostPolicy')).toEqual([]);
  expect(JSON.stringify(structural)).toContain('x-kubernetes-validations');
});
