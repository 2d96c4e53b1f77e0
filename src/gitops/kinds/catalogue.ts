import type { AddedKind } from '../../domain/index.ts';
import { addedKind } from './added-kind.ts';
import { autoscalerKinds, managerKinds } from './autoscalers.ts';
import { machineKinds } from './capacity.ts';
import { claimKinds, deliveryKinds } from './delivery.ts';
import { jobKinds } from './jobs.ts';
import { queueKinds } from './queues.ts';
import type { ApiKind, AutoscalerKind, CapacityKind, ManagerKind, WorkloadKind } from './row-types.ts';
import { serverKinds } from './servers.ts';

export const workloadKinds: readonly WorkloadKind[] = [...serverKinds, ...jobKinds];
export const capacityKinds: readonly CapacityKind[] = [...machineKinds, ...queueKinds];

/** Every kind that the inventory looks for, the built-in ones and those of the configuration. */
export interface KindCatalogue {
  /** Kinds of the configuration, in its order. */
  readonly added: readonly AddedKind[];
  readonly findWorkload: (apiVersion: string, kind: string) => WorkloadKind | undefined;
  readonly findAutoscaler: (apiVersion: string, kind: string) => AutoscalerKind | undefined;
  readonly findManager: (apiVersion: string, kind: string) => ManagerKind | undefined;
  readonly findCapacity: (apiVersion: string, kind: string) => CapacityKind | undefined;
  /** Whether a text names a kind of the catalogue: a cheap test before parsing, with false positives only. */
  readonly namesKind: (text: string) => boolean;
  /** As `namesKind`, for the groups of files that command-line tools read. */
  readonly namesToolGroup: (text: string) => boolean;
}

/**
 * A catalogue with kinds of the user's own before the built-in ones, so that theirs count where both have a kind.
 * @throws Error when a kind's name holds more than letters and digits.
 */
export function kindCatalogue(added: readonly AddedKind[] = []): KindCatalogue {
  const workloads = [...added.map(addedKind), ...workloadKinds];
  const rows: readonly ApiKind[] = [...workloads, ...autoscalerKinds, ...managerKinds, ...capacityKinds];
  const namesKind = kindTest([...rows, ...deliveryKinds, ...claimKinds]);
  return {
    added,
    findWorkload: finder(workloads),
    findAutoscaler: finder(autoscalerKinds),
    findManager: finder(managerKinds),
    findCapacity: finder(capacityKinds),
    namesKind,
    namesToolGroup: (text) => toolGroups.some((group) => text.includes(group)),
  };
}

const toolGroups = capacityKinds.flatMap(({ scope, group }) => (scope === 'file' ? [`${group}/`] : []));

/** What a repository is read with where the configuration adds nothing. */
export const builtInKinds: KindCatalogue = kindCatalogue();

function finder<Row extends ApiKind>(rows: readonly Row[]): (apiVersion: string, kind: string) => Row | undefined {
  const byKind = new Map<string, Row>();
  for (const row of rows) {
    for (const version of row.versions) {
      const key = `${row.group}/${version} ${row.kind}`;
      if (!byKind.has(key)) byKind.set(key, row);
    }
  }
  return (apiVersion, kind) => byKind.get(`${apiVersion.includes('/') ? '' : '/'}${apiVersion} ${kind}`);
}

/** Kinds whose name other groups use for what the inventory never looks at: a core Service, a kustomization file. */
const sharedNames: ReadonlySet<string> = new Set(['Service', 'Kustomization']);

/**
 * Whether a text holds a kind's name behind `kind:`, and for shared names the group somewhere. Names go into the pattern as
 * they are, so they are checked to mean nothing in one.
 */
function kindTest(rows: readonly Pick<ApiKind, 'kind' | 'group'>[]): (text: string) => boolean {
  const groups = new Map<string, Set<string>>();
  for (const { kind, group } of rows) {
    if (!/^[A-Za-z0-9]+$/.test(kind)) throw new Error(`${JSON.stringify(kind)} is no name of a kind`);
    groups.set(kind, (groups.get(kind) ?? new Set()).add(group === '' ? '' : `${group}/`));
  }
  const pattern = new RegExp(
    `\\bkind["']?[ \\t]*:[ \\t]*(?:[&!]\\S+[ \\t]+)?["']?(${[...groups.keys()].join('|')}|\\w*List)\\b`,
    'g',
  );
  return (text) => {
    for (const [, name = ''] of text.matchAll(pattern)) {
      const wanted = groups.get(name);
      if (wanted === undefined || !sharedNames.has(name) || [...wanted].some((group) => text.includes(group)))
        return true;
    }
    return false;
  };
}

export function apiGroup(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** Whether objects of a kind are workloads, capacity, or set fields of them. */
export function isCatalogued(catalogue: KindCatalogue, apiVersion: string, kind: string): boolean {
  const { findWorkload, findAutoscaler, findManager, findCapacity } = catalogue;
  return [findWorkload, findAutoscaler, findManager, findCapacity].some((find) => find(apiVersion, kind) !== undefined);
}
