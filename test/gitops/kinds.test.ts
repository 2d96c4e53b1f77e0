import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CapacityPool, Lever, LeverValue, PauseVerb, Workload } from '../../src/domain/index.ts';
import { editField, type Inventory } from '../../src/gitops/index.ts';
import { autoscalerKinds, capacityKinds, managerKinds, workloadKinds } from '../../src/gitops/kinds/index.ts';
import { checkRepository } from '../corpus/check-repository.ts';
import { expectedCapacity, expectedWorkloads } from './kinds.expected.ts';
import { anInventory, temporaryFolder, writeFiles } from './temporary-repository.ts';

const folder = 'test/fixtures/gitops/kinds';

/** `group_version_Kind`, with the row's first version. */
function fixtureOf({ group, versions, kind }: { group: string; versions: readonly string[]; kind: string }): string {
  return `${group}_${versions[0]}_${kind}`;
}

const rows = [...workloadKinds, ...autoscalerKinds, ...managerKinds, ...capacityKinds];

let taken: Promise<Inventory> | undefined;

/** Every fixture in a cluster of its name; read once. */
function anInventoryOfAll(): Promise<Inventory> {
  taken ??= readAll();
  return taken;
}

async function readAll(): Promise<Inventory> {
  return anInventory(await allFixtures());
}

async function allFixtures(): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(
      async (name): Promise<[string, string]> => [
        `clusters/${path.basename(name, '.yaml')}/it.yaml`,
        await readFile(path.join(folder, name), 'utf8'),
      ],
    ),
  );
  return Object.fromEntries(files);
}

test('every row of the catalogue has a manifest, and every manifest a row', async () => {
  const fixtures = (await readdir(folder)).map((name) => path.basename(name, '.yaml'));

  expect(fixtures.toSorted()).toEqual(rows.map(fixtureOf).toSorted());
  expect([...Object.keys(expectedWorkloads), ...Object.keys(expectedCapacity)].toSorted()).toEqual(fixtures.toSorted());
});

test('every row names the API type that it was checked against', () => {
  expect(rows.filter(({ source }) => !/^https:\/\/github\.com\/\S+\.(?:go|yaml|json)$/.test(source))).toEqual([]);
});

test('no manifest has problems', async () => {
  expect((await anInventoryOfAll()).problems).toEqual([]);
});

describe('a manifest of each kind is read as its row says', () => {
  test.each(Object.entries(expectedWorkloads))('%s', async (cluster, expected) => {
    const inventory = await anInventoryOfAll();
    const workloads = inventory.workloads.filter((workload) => workload.cluster === cluster);

    expect(workloads.map(workloadText)).toEqual([expected]);
  });

  test.each(Object.entries(expectedCapacity))('%s', async (cluster, expected) => {
    const inventory = await anInventoryOfAll();
    const pools = inventory.capacity.filter((pool) => pool.cluster === cluster);

    expect(pools.map(poolText)).toEqual(expected);
  });
});

test('every editable lever of every kind is changed alone, proven, and comes back byte for byte', async () => {
  const repository = await temporaryFolder();
  await writeFiles(repository, await allFixtures());

  const result = await checkRepository(repository);

  expect(result.wrong).toEqual([]);
  expect(result.refused).toEqual([]);
  expect([...result.edited.keys()].toSorted()).toEqual(['manifest', 'manifest, added']);
});

test('every editable lever of a pool reads as its new value after the edit', async () => {
  const files = await allFixtures();
  const before = await anInventoryOfAll();
  const edits = before.capacity.flatMap((pool) =>
    pool.levers.flatMap((lever) =>
      lever.field.kind === 'editable' ? [{ pool, lever, field: lever.field.field, to: another(lever) }] : [],
    ),
  );
  const after = await Promise.all(
    edits.map(async ({ pool, lever, field, to }) => {
      const result = editField(files[field.path] ?? '', field, to);
      const text = result.kind === 'edited' ? result.text : result.detail;
      const { capacity } = await anInventory({ [field.path]: text });
      return capacity.find(({ id }) => id === pool.id)?.levers.find(({ kind }) => kind === lever.kind)?.current;
    }),
  );

  expect(edits.length).toBeGreaterThan(20);
  expect(after).toEqual(edits.map(({ to }) => to));
});

function another({ kind, current }: Lever): LeverValue {
  if (kind === 'suspend') return 'HoldAndDrain';
  return typeof current === 'number' ? current + 1 : 'p4d.24xlarge';
}

function workloadText({ gpu, replicas, levers, pause, alsoManagedBy }: Workload): object {
  return {
    gpus: gpu.kind === 'none' ? 0 : gpu.perReplica,
    replicas,
    levers: levers.map(leverText),
    pause: pauseText(pause),
    ...(alsoManagedBy.length === 0 ? {} : { alsoManagedBy }),
  };
}

function poolText({ namespace, name, levers, pause }: CapacityPool): object {
  return {
    name: namespace === undefined ? name : `${namespace}/${name}`,
    levers: levers.map(leverText),
    pause: pauseText(pause),
  };
}

function leverText({ kind, current, owner, field }: Lever): string {
  const state =
    field.kind === 'not-editable' ? ` (${field.reason})` : field.field.kind === 'absent' ? ' (to be added)' : '';
  return `${kind} ${String(current)}${owner === 'manifest' ? '' : ` of ${owner}`}${state}`;
}

function pauseText(pause: PauseVerb | undefined): string | undefined {
  return pause === undefined ? undefined : `${pause.lever} ${String(pause.pausedValue)}`;
}
