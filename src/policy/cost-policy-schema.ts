import { readFileSync } from 'node:fs';
import type { JsonSchema } from '../schema/index.ts';

// Two levels up is the package's root both from src/policy and from dist/policy.
const file = new URL('../../policies/schema/cost-policy.schema.json', import.meta.url);

/** The form of a CostPolicy, as published; the CRD and the reference in docs/policies.md are generated from it. */
export const costPolicySchema = JSON.parse(readFileSync(file, 'utf8')) as JsonSchema;
