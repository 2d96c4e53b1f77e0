import { silentProgress, type CapacityPool, type Problem, type Progress, type Workload } from '../domain/index.ts';
import { isScaledBy, readAutoscaler, withAutoscaler, type Autoscaler } from './autoscalers.ts';
import { capacityFromResource } from './capacity.ts';
import { openInventoryCache, type CacheLocation } from './cache/inventory-cache.ts';
import { defaultClusterNaming, type ClusterNaming } from './cluster-names.ts';
import { deliver, type Environment } from './delivery.ts';
import type { RepositorySnapshot } from './git/repository.ts';
import { helmInstallation } from './helm-values.ts';
import { policyGroup, type KindCatalogue } from './kinds/index.ts';
import { KustomizeBuilder } from './kustomize.ts';
import { isManagedBy, readManager, withManagers, type Manager } from './managers.ts';
import { objectIndex, type Resource } from './resource.ts';
import { ownOverlayPlaces, type OverlayPlace } from './overlays.ts';
import { filesOf, oneOfEach, setApart, type Declaration } from './shared-fields.ts';
import { openSourceReader, type SkippedFiles, type SourceReader } from './source-reader.ts';
import { textAt } from './tracked.ts';
import { readByTools, undelivered } from './undelivered.ts';
import { workloadFromHelm } from './workload-from-helm.ts';
import { workloadFromResource, type WorkloadContext } from './workload-from-resource.ts';

/** A document of one of Flyball's own policy kinds. */
export interface PolicyDocument {
  readonly path: string;
  /** The whole file. */
  readonly text: string;
  readonly documentIndex: number;
}

/** What a commit declares. */
export interface Inventory {
  /** Sorted by id. */
  readonly workloads: readonly Workload[];
  /** Machines and queues. Sorted by id. */
  readonly capacity: readonly CapacityPool[];
  readonly policyDocuments: readonly PolicyDocument[];
  /** In the order of their places. */
  readonly problems: readonly Problem[];
  readonly filesListed: number;
  readonly filesParsed: number;
  /** Passed over on purpose, without a word. */
  readonly filesSkipped: SkippedFiles;
}

export interface InventoryOptions {
  readonly clusters?: ClusterNaming;
  readonly progress?: Progress;
  /** The built-in kinds, where it is left out. */
  readonly kinds?: KindCatalogue;
  /** Where inventories and parsed documents are kept for the next time; nothing is, where it is left out. */
  readonly cache?: CacheLocation;
}

/** Finds every workload of a snapshot as each cluster gets it, with the bytes that decide each of its levers. */
export async function takeInventory(snapshot: RepositorySnapshot, options: InventoryOptions = {}): Promise<Inventory> {
  const progress = options.progress ?? silentProgress;
  const naming = options.clusters ?? defaultClusterNaming;
  const cache = options.cache === undefined ? undefined : openInventoryCache(options.cache, snapshot.gitDirectory);
  const key = { snapshot, clusters: naming, kinds: options.kinds?.added ?? [] };
  const known = await cache?.readResult(key);
  if (known !== undefined) return { ...known, filesParsed: 0 };
  const reader = await openSourceReader(snapshot, options.kinds, await cache?.readDocuments());
  const { workloads, capacity } = readDeclared({ reader, builder: new KustomizeBuilder(reader), naming, progress });
  const inventory: Inventory = {
    workloads,
    capacity,
    policyDocuments: policyDocuments(reader),
    problems: reader.problems,
    filesListed: snapshot.files.length,
    filesParsed: reader.filesParsed,
    filesSkipped: reader.skipped,
  };
  try {
    await cache?.write(key, inventory, reader.documents);
    return inventory;
  } catch (error) {
    return { ...inventory, problems: [...inventory.problems, unwritable(options.cache?.folder ?? '', error)] };
  }
}

/** A cache only saves time: without it the scan goes on, and the next one reads everything again. */
function unwritable(folder: string, error: unknown): Problem {
  return {
    code: 'CACHE_UNWRITABLE',
    severity: 'warning',
    place: { kind: 'file', path: folder },
    message: `What was read of the repository could not be kept for the next time: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'Make the folder writable, or name another one with --out.',
  };
}

/** What a repository declares: every environment as its cluster gets it, and the workloads and pools in them, by id. */
export interface Declared {
  readonly environments: readonly Environment[];
  readonly workloads: readonly Workload[];
  readonly capacity: readonly CapacityPool[];
}

/** Reads a repository, all of it in memory. The same files give the same answer. */
export function readDeclared(options: {
  readonly reader: SourceReader;
  readonly builder: KustomizeBuilder;
  readonly naming: ClusterNaming;
  readonly progress: Progress;
}): Declared {
  const { reader, builder, naming, progress } = options;
  const { environments: delivered, hasFlux } = deliver(reader, builder, naming);
  const reached = new Set(delivered.flatMap(({ files }) => [...files]));
  const others = hasFlux ? readByTools(reader, { reached, naming }) : undelivered(reader, builder, { reached, naming });
  const environments = [...delivered, ...others];
  const declarations = declarationsOf(environments, reader, progress);
  const declared = setApart(oneOfEach(declarations))
    .map((declaration) => declaration.declared)
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
  return { environments, workloads: declared.filter(isWorkload), capacity: declared.filter(isCapacity) };
}

function policyDocuments(reader: SourceReader): readonly PolicyDocument[] {
  return reader.candidates().flatMap((file) => {
    const text = reader.text(file);
    if (text?.includes(policyGroup) !== true) return [];
    return reader.track(file, 'manifest').flatMap((root) => {
      const isPolicy = textAt(root, ['apiVersion'])?.startsWith(policyGroup) === true;
      return isPolicy ? [{ path: file, text, documentIndex: root.origin.documentIndex }] : [];
    });
  });
}

function isWorkload(declared: Workload | CapacityPool): declared is Workload {
  return 'autoscaler' in declared;
}

function isCapacity(declared: Workload | CapacityPool): declared is CapacityPool {
  return !isWorkload(declared);
}

/** What else acts on the workloads of a namespace. */
interface Controllers {
  readonly autoscalers: Autoscaler[];
  readonly managers: Manager[];
}

function declarationsOf(
  environments: readonly Environment[],
  reader: SourceReader,
  progress: Progress,
): readonly Declaration[] {
  const { kinds } = reader;
  const controllers = new Map<string, Controllers>();
  const controllersOf = (cluster: string, namespace: string): Controllers => {
    const key = `${cluster}\u0000${namespace}`;
    const known = controllers.get(key) ?? { autoscalers: [], managers: [] };
    controllers.set(key, known);
    return known;
  };
  for (const { cluster, resources } of environments) {
    for (const resource of resources) {
      const autoscaler = readAutoscaler(resource, kinds);
      if (autoscaler !== undefined) controllersOf(cluster, autoscaler.namespace).autoscalers.push(autoscaler);
      const manager = readManager(resource, kinds);
      if (manager !== undefined) controllersOf(cluster, manager.namespace).managers.push(manager);
    }
  }
  const placesOf = ownOverlayPlaces(environments, reader);
  return environments.flatMap((environment, index) => {
    progress.step(index, environments.length, environment.name);
    const { application, resources } = environment;
    const findObject = objectIndex(resources);
    const context = { reader, kinds, findObject, controllersOf, places: placesOf(environment) };
    return [...resources, ...(application === undefined ? [] : [application])].flatMap((resource) =>
      declare(resource, environment, context),
    );
  });
}

function declare(
  resource: Resource,
  environment: Environment,
  context: WorkloadContext & {
    readonly reader: SourceReader;
    readonly controllersOf: (cluster: string, namespace: string) => Controllers;
    readonly places: readonly OverlayPlace[];
  },
): readonly Declaration[] {
  const { cluster, name } = environment;
  const { root } = resource;
  // An Application is a workload of the cluster that it deploys to, not of the one that brings it.
  const isBrought = textAt(root, ['kind']) === 'Application' && resource !== environment.application;
  const installation = isBrought ? undefined : helmInstallation(root, context.reader);
  const workload =
    installation === undefined
      ? workloadFromResource(cluster, resource, context)
      : workloadFromHelm(cluster, resource, installation);
  const { file } = root.origin;
  if (workload === undefined) {
    return capacityFromResource(cluster, resource, context.kinds).map((declared) => ({
      declared,
      environment: { cluster, name },
      files: filesOf(root),
      document: `${file.path}:${declared.declaredIn.line}`,
      overlayTarget: () => ({ resource, installation: undefined, places: context.places }),
    }));
  }
  const { autoscalers, managers } = context.controllersOf(cluster, workload.namespace);
  const scaler = autoscalers.find((candidate) => isScaledBy(workload, candidate));
  const others = managers.filter((candidate) => isManagedBy(workload, candidate));
  const files = [
    ...filesOf(root),
    ...(installation?.files ?? []),
    ...(scaler === undefined ? [] : filesOf(scaler.resource.root)),
  ];
  return [
    {
      declared: withManagers(scaler === undefined ? workload : withAutoscaler(workload, scaler), others, context.kinds),
      environment: { cluster, name },
      files: new Set(files),
      document: `${file.path}:${workload.declaredIn.line}`,
      overlayTarget: ({ owner }) =>
        owner === 'manifest' || scaler === undefined
          ? { resource, installation, places: context.places }
          : { resource: scaler.resource, installation: undefined, places: context.places },
    },
  ];
}
