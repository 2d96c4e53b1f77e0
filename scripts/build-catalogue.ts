/**
 * Builds src/recommend/catalogue/aws-gpu-instances.json from two CSV extracts of karpenter-provider-aws (Apache-2.0):
 * the instance types' labels and capacity, and the on-demand prices.
 *
 *   npx tsx scripts/build-catalogue.ts SPECS.csv PRICES.csv COMMIT PRICES_DATE
 */
import { writeFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';

const [specsPath, pricesPath, commit, pricesDate] = process.argv.slice(2);
if (specsPath === undefined || pricesPath === undefined || commit === undefined || pricesDate === undefined) {
  console.error('usage: build-catalogue.ts SPECS.csv PRICES.csv COMMIT PRICES_DATE');
  process.exit(2);
}

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const specs = await connection.runAndReadAll(
  `SELECT instance_type AS "instanceType",
          "karpenter.k8s.aws/instance-cpu"::INTEGER AS vcpus,
          "karpenter.k8s.aws/instance-memory"::INTEGER / 1024 AS "memoryGib",
          "karpenter.k8s.aws/instance-gpu-name" AS gpu,
          "karpenter.k8s.aws/instance-gpu-count"::INTEGER AS "gpuCount",
          "karpenter.k8s.aws/instance-gpu-memory"::INTEGER AS "gpuMemoryMib"
   FROM read_csv($1, all_varchar = true)
   WHERE "karpenter.k8s.aws/instance-gpu-manufacturer" = 'nvidia'
   ORDER BY instance_type`,
  [specsPath],
);
const prices = await connection.runAndReadAll(
  `SELECT region, instance_type AS "instanceType", price_usd_hour AS "usdPerHour"
   FROM read_csv($1, all_varchar = true)
   -- the cn- regions are listed in CNY under the same column name
   WHERE region NOT LIKE 'cn-%' AND instance_type IN (SELECT instance_type FROM read_csv($2, all_varchar = true)
     WHERE "karpenter.k8s.aws/instance-gpu-manufacturer" = 'nvidia')
   ORDER BY region, instance_type`,
  [pricesPath, specsPath],
);
const catalogue = {
  source: `karpenter-provider-aws @ ${commit}, Apache-2.0`,
  pricesDate,
  instances: specs.getRowObjectsJson(),
  onDemandPrices: prices.getRowObjectsJson(),
};
await writeFile('src/recommend/catalogue/aws-gpu-instances.json', `${JSON.stringify(catalogue, null, 2)}\n`);
console.log(`${catalogue.instances.length} instance types, ${catalogue.onDemandPrices.length} prices`);
