import { silentProgress, type Problem, type Progress, type Workload } from '../domain/index.ts';
import { isScaledBy, readAutoscaler, withAutoscaler, type Autoscaler } from './autoscalers.ts';
import { defaultClusterNaming, type ClusterNaming } from './cluster-names.ts';
import { deliver, type Environment } from './delivery.ts';
import type { RepositorySnapshot } from './git/repository.ts';
import { helmInstallation } from './helm-values.ts';
import { policyGroup } from './kinds.ts';
import { KustomizeBuilder } from './kustomize.ts';
import type { Resource } from './resource.ts';
import { ownOverlayPlaces, type OverlayPlace } from './overlays.ts';
import { filesOf, oneOfEach, setApart, type Declaration } from './shared-fields.ts';
import { openSourceReader, type SkippedFiles, type SourceReader } from './source-reader.ts';
import { textAt } from './tracked.ts';
import { undelivered } from './undelivered.ts';
import { workloadFromHelm } from './workload-from-helm.ts';
import { workloadFromResource } from './workload-from-resource.ts';

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
}

/** Finds every workload of a snapshot as each cluster gets it, with the bytes that decide each of its levers. */
export async function takeInventory(snapshot: RepositorySnapshot, options: InventoryOptions = {}): Promise<Inventory> {
  const progress = options.progress ?? silentProgress;
  const naming = options.clusters ?? defaultClusterNaming;
  const reader = await openSourceReader(snapshot);
  const { workloads } = readDeclared({ reader, builder: new KustomizeBuilder(reader), naming, progress });
  return {
    workloads,
    policyDocuments: policyDocuments(reader),
    problems: reader.problems,
    filesListed: snapshot.files.length,
    filesParsed: reader.filesParsed,
    filesSkipped: reader.skipped,
  };
}

/** What a repository declares: every environment as its cluster gets it, and the workloads in them, by id. */
export interface Declared {
  readonly environments: readonly Environment[];
  readonly workloads: readonly Workload[];
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
  const environments = hasFlux ? delivered : [...delivered, ...undelivered(reader, builder, { reached, naming })];
  const declarations = declarationsOf(environments, reader, progress);
  const workloads = setApart(oneOfEach(declarations))
    .map(({ workload }) => workload)
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
  return { environments, workloads };
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

/** An autoscaler and the cluster in which it is applied. */
type Placed = Autoscaler & { readonly cluster: string };

function declarationsOf(
  environments: readonly Environment[],
  reader: SourceReader,
  progress: Progress,
): readonly Declaration[] {
  const autoscalers = new Map<string, Placed[]>();
  for (const { cluster, resources } of environments) {
    for (const resource of resources) {
      const autoscaler = readAutoscaler(resource);
      if (autoscaler === undefined) continue;
      const key = `${cluster}\u0000${autoscaler.namespace}`;
      autoscalers.set(key, [...(autoscalers.get(key) ?? []), { ...autoscaler, cluster }]);
    }
  }
  const placesOf = ownOverlayPlaces(environments, reader);
  return environments.flatMap((environment, index) => {
    progress.step(index, environments.length, environment.name);
    const context = { reader, autoscalers, places: placesOf(environment) };
    const { application, resources } = environment;
    return [...resources, ...(application === undefined ? [] : [application])].flatMap((resource) =>
      declare(resource, environment, context),
    );
  });
}

function declare(
  resource: Resource,
  environment: Environment,
  context: {
    readonly reader: SourceReader;
    readonly autoscalers: ReadonlyMap<string, readonly Placed[]>;
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
      ? workloadFromResource(cluster, resource)
      : workloadFromHelm(cluster, resource, installation);
  if (workload === undefined) return [];
  const scalers = context.autoscalers.get(`${cluster}\u0000${workload.namespace}`) ?? [];
  const scaler = scalers.find((candidate) => isScaledBy(workload, candidate));
  const { file } = root.origin;
  const files = [
    ...filesOf(root),
    ...(installation?.files ?? []),
    ...(scaler === undefined ? [] : filesOf(scaler.resource.root)),
  ];
  return [
    {
      workload: scaler === undefined ? workload : withAutoscaler(workload, scaler),
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
