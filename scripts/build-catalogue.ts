/**
 * Builds src/catalogue/instances.json, the machines with NVIDIA GPUs and their public prices, from extracts of
 * projects under the Apache License 2.0: karpenter-provider-aws (types and on-demand prices), karpenter-provider-azure
 * (on-demand prices) and gcp-machine-types (Google's machine types).
 *
 *   npx tsx scripts/build-catalogue.ts FOLDER
 *
 * FOLDER holds aws-instance-specs.csv, aws-ondemand-usd-hr.csv, azure-ondemand-usd-hr.csv and gcp-gcp.yml.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'yaml';

interface Instance {
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly gpu: string;
  readonly gpuCount: number;
}

type Instances = Readonly<Record<string, Instance>>;
type Prices = Readonly<Record<string, Readonly<Record<string, number>>>>;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: build-catalogue.ts FOLDER');
  process.exit(2);
}

const connection = await (await DuckDBInstance.create(':memory:')).connect();

async function rows(sql: string, ...files: readonly string[]): Promise<readonly Readonly<Record<string, string>>[]> {
  const found = await connection.runAndReadAll(
    sql,
    files.map((file) => path.join(folder ?? '', file)),
  );
  return found.getRowObjectsJson() as Readonly<Record<string, string>>[];
}

/** Fractional GPUs (g6f, gr6f) report a share of the card's memory, and are left out: how compute is shared is not on a data sheet. */
async function awsInstances(): Promise<Instances> {
  const listed = await rows(
    `SELECT instance_type AS name, "karpenter.k8s.aws/instance-cpu" AS vcpus,
       "karpenter.k8s.aws/instance-memory"::INTEGER / 1024 AS memory, "karpenter.k8s.aws/instance-gpu-name" AS gpu,
       "karpenter.k8s.aws/instance-gpu-count" AS count, "karpenter.k8s.aws/instance-gpu-memory"::INTEGER / 1024 AS card
     FROM read_csv($1, all_varchar = true) WHERE "karpenter.k8s.aws/instance-gpu-manufacturer" = 'nvidia' ORDER BY name`,
    'aws-instance-specs.csv',
  );
  return Object.fromEntries(
    listed.flatMap((row) => {
      if (/^gr?6f\./.test(row['name'] ?? '')) return [];
      const card = Number(row['card']);
      const variants: Readonly<Record<string, string>> = {
        a100: card > 50 ? 'a100-80gb' : 'a100',
        v100: card < 20 ? 'v100-16gb' : 'v100',
      };
      const gpu = variants[row['gpu'] ?? ''] ?? row['gpu'] ?? '';
      const [vcpus, memoryGib, gpuCount] = [row['vcpus'], row['memory'], row['count']].map(Number);
      return [[row['name'] ?? '', { vcpus, memoryGib, gpu, gpuCount }]];
    }),
  ) as Instances;
}

/** Of Microsoft's pages on the N series: vCPUs, GiB, GPU, GPUs. Sizes with a share of a card are left out. */
const azureSizes: Readonly<Record<string, readonly [number, number, string, number]>> = {
  Standard_NC4as_T4_v3: [4, 28, 't4', 1],
  Standard_NC8as_T4_v3: [8, 56, 't4', 1],
  Standard_NC16as_T4_v3: [16, 110, 't4', 1],
  Standard_NC64as_T4_v3: [64, 440, 't4', 4],
  Standard_NC6s_v3: [6, 112, 'v100-16gb', 1],
  Standard_NC12s_v3: [12, 224, 'v100-16gb', 2],
  Standard_NC24s_v3: [24, 448, 'v100-16gb', 4],
  Standard_NC24rs_v3: [24, 448, 'v100-16gb', 4],
  Standard_ND40rs_v2: [40, 672, 'v100', 8],
  Standard_NC16ads_A10_v4: [16, 200, 'a10', 1],
  Standard_NC32ads_A10_v4: [32, 400, 'a10', 2],
  Standard_NV36ads_A10_v5: [36, 440, 'a10', 1],
  Standard_NV36adms_A10_v5: [36, 880, 'a10', 1],
  Standard_NV72ads_A10_v5: [72, 880, 'a10', 2],
  Standard_NC24ads_A100_v4: [24, 220, 'a100-80gb', 1],
  Standard_NC48ads_A100_v4: [48, 440, 'a100-80gb', 2],
  Standard_NC96ads_A100_v4: [96, 880, 'a100-80gb', 4],
  Standard_ND96asr_v4: [96, 900, 'a100', 8],
  Standard_ND96amsr_A100_v4: [96, 1800, 'a100-80gb', 8],
  Standard_NC40ads_H100_v5: [40, 320, 'h100-nvl', 1],
  Standard_NCC40ads_H100_v5: [40, 320, 'h100-nvl', 1],
  Standard_NC80adis_H100_v5: [80, 640, 'h100-nvl', 2],
  Standard_ND96isr_H100_v5: [96, 1900, 'h100', 8],
  Standard_ND96isr_H200_v5: [96, 1850, 'h200', 8],
};

/** Names of GPUs as the list of Google's machine types writes them. */
const gcpGpus: Readonly<Record<string, string>> = {
  a100: 'a100',
  'a100-80gb': 'a100-80gb',
  'h100-80gb': 'h100',
  'h100-80gb-mega': 'h100',
  l4: 'l4',
};

/** In the project's table of machine types, and not yet in its list of their GPUs. */
const newGcpTypes: Instances = {
  'a3-ultragpu-8g': { vcpus: 224, memoryGib: 2952, gpu: 'h200', gpuCount: 8 },
  'a4-highgpu-8g': { vcpus: 224, memoryGib: 3968, gpu: 'b200', gpuCount: 8 },
};

async function gcpInstances(): Promise<Instances> {
  const { compute } = parse(await readFile(path.join(folder ?? '', 'gcp-gcp.yml'), 'utf8')) as {
    readonly compute: { readonly instance: Readonly<Record<string, Readonly<Record<string, number>>>> };
  };
  const found = Object.entries(compute.instance).flatMap(([name, parts]) => {
    const gpu = Object.keys(parts).find((part) => gcpGpus[part] !== undefined);
    if (gpu === undefined) return [];
    const { cpu = 0, ram = 0, [gpu]: gpuCount = 0 } = parts;
    return [[name, { vcpus: cpu, memoryGib: ram, gpu: gcpGpus[gpu] ?? '', gpuCount }] as const];
  });
  const all = [...found, ...Object.entries(newGcpTypes)];
  return Object.fromEntries(all.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

async function prices(file: string, column: string, instances: Instances): Promise<Prices> {
  // The cn- regions of AWS are listed in CNY under the same column name.
  const listed = await rows(
    `SELECT ${column} AS name, region, price_usd_hour AS price FROM read_csv($1, all_varchar = true)
     WHERE region NOT LIKE 'cn-%' ORDER BY name, region`,
    file,
  );
  const byName: Record<string, Record<string, number>> = {};
  for (const { name = '', region = '', price = '' } of listed) {
    if (instances[name] !== undefined && Number(price) > 0) (byName[name] ??= {})[region] = Number(price);
  }
  return byName;
}

const aws = await awsInstances();
const azure = Object.fromEntries(
  Object.entries(azureSizes).map(([name, [vcpus, memoryGib, gpu, gpuCount]]) => [
    name,
    { vcpus, memoryGib, gpu, gpuCount },
  ]),
);
const catalogue = {
  aws: {
    source: 'karpenter-provider-aws @ 1d92708, Apache-2.0',
    pricesDate: '2026-07-20',
    instances: aws,
    onDemandUsdPerHour: await prices('aws-ondemand-usd-hr.csv', 'instance_type', aws),
  },
  azure: {
    source: 'karpenter-provider-azure @ 352646f, Apache-2.0',
    pricesDate: '2026-06-18',
    instances: azure,
    onDemandUsdPerHour: await prices('azure-ondemand-usd-hr.csv', 'vm_size', azure),
  },
  // Nobody publishes Google's prices under a licence that lets them be shipped: `flyball catalogue refresh` asks for them.
  gcp: {
    source: 'gcp-machine-types @ dac3128, Apache-2.0',
    instances: await gcpInstances(),
    onDemandUsdPerHour: {},
  },
};
await writeFile('src/catalogue/instances.json', `${JSON.stringify(catalogue, null, 1)}\n`);
for (const [provider, { instances, onDemandUsdPerHour }] of Object.entries(catalogue)) {
  const count = Object.values(onDemandUsdPerHour).reduce((sum, regions) => sum + Object.keys(regions).length, 0);
  console.log(`${provider}: ${Object.keys(instances).length} instance types, ${count} prices`);
}
