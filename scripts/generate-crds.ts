/** Writes policies/crd/ from policies/schema/. */
import { writeFile } from 'node:fs/promises';
import { costPolicyCrd } from './cost-policy-crd.ts';

const file = 'policies/crd/finops.apexlogic.com_costpolicies.yaml';
await writeFile(file, costPolicyCrd());
console.log(`wrote ${file}`);
