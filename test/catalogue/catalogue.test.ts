import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findGpuModel, gpuModels, makeCatalogue, readPriceFile, type PriceFile } from '../../src/catalogue/index.ts';
import { epochMs } from '../../src/domain/index.ts';
import { oldPrices } from '../../src/price-catalogue.ts';
import { aServer } from '../recommend/subjects.ts';

function aFile(more: Partial<PriceFile> = {}): PriceFile {
  return { date: '2026-11-20', source: 'our contract', instances: {}, prices: {}, ...more };
}

function written(text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'flyball-prices-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'prices.yml');
  writeFileSync(file, text);
  return file;
}

describe('the catalogue', () => {
  const catalogue = makeCatalogue();

  test('knows machines of three clouds, and public prices of two', () => {
    const known = ['g6.xlarge', 'Standard_NC24ads_A100_v4', 'a2-highgpu-1g'].map((name) => {
      const type = catalogue.find(name);
      return [type?.provider, type?.gpu.name, type?.gpuCount, catalogue.prices(name).length > 0];
    });

    expect(known).toEqual([
      ['aws', 'l4', 1, true],
      ['azure', 'a100-80gb', 1, true],
      ['gcp', 'a100', 1, false],
    ]);
    expect(catalogue.onDemand('Standard_NC24ads_A100_v4', 'eastus')).toEqual({
      region: 'eastus',
      kind: 'on-demand',
      usdPerHour: 3.673,
      date: '2026-06-18',
      source: 'Azure on-demand price list of 2026-06-18 (karpenter-provider-azure @ 352646f, Apache-2.0)',
    });
  });

  test('an unknown price is unknown', () => {
    expect(catalogue.onDemand('a2-highgpu-1g', 'us-central1')).toBeUndefined();
    expect(catalogue.onDemand('g6.xlarge', 'mars-1')).toBeUndefined();
    expect(catalogue.find('m7i.large')).toBeUndefined();
  });

  test('every machine has the GPUs, cores and memory of a machine that exists', () => {
    for (const { instanceType, vcpus, memoryGib, gpuCount, gpu } of catalogue.instanceTypes) {
      expect([instanceType, vcpus >= 4, memoryGib >= 14, [1, 2, 4, 8, 16].includes(gpuCount)]).toEqual([
        instanceType,
        true,
        true,
        true,
      ]);
      expect(gpuModels).toContain(gpu);
    }
  });

  test('what the operator writes wins, and the rest stays', () => {
    const prices = { aws: { 'g6.xlarge': { 'us-east-1': { 'on-demand': 0.5, spot: 0.2 } } } };
    const instances = { lab: { 'dgx-1': { vcpus: 80, memoryGib: 512, gpu: 'v100', gpuCount: 8 } } };
    const own = makeCatalogue([aFile({ prices, instances })]);

    expect(own.onDemand('g6.xlarge', 'us-east-1')).toMatchObject({
      usdPerHour: 0.5,
      source: 'AWS on-demand price list of 2026-11-20 (our contract)',
    });
    expect(own.onDemand('g6.xlarge', 'us-west-2')).toEqual(catalogue.onDemand('g6.xlarge', 'us-west-2'));
    expect(own.prices('g6.xlarge').filter(({ region }) => region === 'us-east-1')).toHaveLength(2);
    expect(own.find('dgx-1')).toMatchObject({ provider: 'lab', gpuCount: 8 });
  });

  test('old prices are told only for providers whose machines are used', () => {
    const workloads = [aServer({ instanceType: 'g6.xlarge' }), aServer({ name: 'b', instanceType: 'made-up' })];
    const told = (asOf: string): readonly string[] =>
      oldPrices(catalogue, { workloads, asOf: epochMs(Date.parse(asOf)) }).map(({ message }) => message);

    expect(told('2026-12-01')).toEqual([]);
    expect(told('2027-02-05')).toEqual([expect.stringContaining('of aws are of 2026-07-20, 200 days before')]);
  });
});

describe('a GPU', () => {
  test.each([
    ['NVIDIA A100-SXM4-40GB', 'a100'],
    ['NVIDIA A100-SXM4-80GB', 'a100-80gb'],
    ['NVIDIA A100 80GB PCIe', 'a100-80gb'],
    ['NVIDIA H100 80GB HBM3', 'h100'],
    ['NVIDIA H100 NVL', 'h100-nvl'],
    ['NVIDIA H100 PCIe', 'h100-pcie'],
    ['NVIDIA GB200', 'gb200'],
    ['NVIDIA B200', 'b200'],
    ['NVIDIA B300 SXM6 AC', 'b300'],
    ['NVIDIA GB300', undefined],
    ['Tesla V100-SXM2-16GB', 'v100-16gb'],
    ['Tesla V100-SXM3-32GB', 'v100'],
    ['Tesla T4', 't4'],
    ['NVIDIA A10G', 'a10g'],
    ['NVIDIA L40S', 'l40s'],
    ['NVIDIA GeForce RTX 4090', undefined],
  ])('that DCGM calls %s is %s', (modelName, name) => {
    expect(findGpuModel(modelName)?.name).toBe(name);
  });

  test('its MIG profiles fit its memory and its seven slices', () => {
    for (const { name, memoryGib, migProfiles } of gpuModels) {
      for (const profile of migProfiles) {
        expect([name, profile.name, profile.memoryGib * profile.instancesMax <= memoryGib * 1.05]).toEqual([
          name,
          profile.name,
          true,
        ]);
        expect(profile.computeSlices * profile.instancesMax).toBeLessThanOrEqual(7);
      }
    }
  });
});

describe('a price file', () => {
  test('is read as YAML', async () => {
    const file = written(
      'date: 2026-11-20\nsource: contract\nprices:\n  gcp:\n    a2-highgpu-1g: { us-central1: { on-demand: 3.67, spot: 1.1 } }\n',
    );

    expect((await readPriceFile(file)).file?.prices).toEqual({
      gcp: { 'a2-highgpu-1g': { 'us-central1': { 'on-demand': 3.67, spot: 1.1 } } },
    });
  });

  test.each([
    ['a price of 0', 'prices: { aws: { a: { b: { on-demand: 0 } } } }', 'on-demand'],
    ['a kind that is none', 'prices: { aws: { a: { b: { monthly: 1 } } } }', 'monthly'],
    ['a GPU that is none', 'instances: { lab: { x: { vcpus: 1, memoryGib: 1, gpu: h900, gpuCount: 1 } } }', 'h900'],
  ])('with %s is refused at its line', async (_, line, word) => {
    const { file, problems } = await readPriceFile(written(`date: 2026-11-20\nsource: s\n${line}\n`));

    expect(file).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'CONFIG_INVALID', place: { line: 3 } }]);
    expect(problems[0]?.message).toContain(word);
  });

  test('that is not there is told', async () => {
    expect((await readPriceFile('/nowhere/prices.yml')).problems).toMatchObject([
      { code: 'CONFIG_UNREADABLE', place: { path: '/nowhere/prices.yml' } },
    ]);
  });
});
