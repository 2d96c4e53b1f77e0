import path from 'node:path';
import { applicationsOf, isApplicationSet, patchObstacle } from './application-set.ts';
import { argoCluster, argoFolder, argoSources, buildArgo, isArgoApplication } from './argo.ts';
import { clusterOfPath, type ClusterNaming } from './cluster-names.ts';
import { buildFlux, fluxFolder, isFluxKustomization, readDeliverySources, type DeliverySources } from './flux.ts';
import { Globs } from './globs.ts';
import { namesDeliveryGroup } from './kinds/index.ts';
import type { KustomizeBuilder } from './kustomize.ts';
import type { OverlaidFolder } from './overlays.ts';
import { resourcesOf, withObstacle, type Resource } from './resource.ts';
import type { SourceReader } from './source-reader.ts';
import { textAt, valueAt, type Obstacle, type Tracked } from './tracked.ts';
import { VariableUses } from './variable-uses.ts';

/** One thing that is applied to one cluster: a Flux Kustomization, an Argo CD Application, an overlay, loose files. */
export interface Environment {
  readonly cluster: string;
  /** How messages call it. */
  readonly name: string;
  readonly resources: readonly Resource[];
  /** The Application itself, which may stand for a chart that it installs. */
  readonly application?: Resource;
  /** Files that took part in making its objects. */
  readonly files: ReadonlySet<string>;
  /** Where values of its own can be laid over what others use too. */
  readonly overlaid?: OverlaidFolder;
}

/** Delivery objects may deliver more of them; this many in one repository are followed. */
const environmentsMax = 20_000;

export interface Delivered {
  readonly environments: readonly Environment[];
  /** Whether a Flux Kustomization brought anything: then what none reaches is not deployed. */
  readonly hasFlux: boolean;
}

/** A delivery object and where it goes. */
interface Delivery {
  readonly object: Tracked;
  readonly cluster: string;
  /** Set where an ApplicationSet's patch may change what is brought. */
  readonly patched?: Obstacle | undefined;
}

/** Follows every Flux Kustomization and Argo CD Application of the repository, and those that they bring. */
export function deliver(reader: SourceReader, builder: KustomizeBuilder, naming: ClusterNaming): Delivered {
  const objects = reader
    .candidates()
    .filter((file) => namesDeliveryGroup(reader.text(file) ?? ''))
    .flatMap((file) => reader.track(file, 'manifest'))
    .flatMap(resourcesOf)
    .map(({ root }) => root);
  const follow = new DeliveryWalk({ reader, builder, naming, sources: readDeliverySources(objects) });
  const written = objects.filter(isDeliveryObject);
  const brought = new Set(written.flatMap((object) => follow.broughtBy(object)));
  const [roots, others] = [
    written.filter((object) => !brought.has(identityOf(object))),
    written.filter((object) => brought.has(identityOf(object))),
  ];
  for (const object of roots) follow.walk({ object, cluster: rootCluster(object, naming) });
  // Objects that only bring each other have no root; each is followed once.
  for (const object of others)
    if (!follow.isKnown(object)) follow.walk({ object, cluster: rootCluster(object, naming) });
  return { environments: follow.finished(), hasFlux: follow.hasFlux };
}

function isDeliveryObject(object: Tracked): boolean {
  return isFluxKustomization(object) || isArgoApplication(object) || isApplicationSet(object);
}

/** Where the object is written: the same one, reached through several builds, is the same object. */
function identityOf(object: Tracked): string {
  const { file, documentIndex, yamlPath } = object.origin;
  return JSON.stringify([file.path, documentIndex, yamlPath]);
}

/** The folder under `clusters/` in which a Flux Kustomization lies, else its file's folder. */
function rootCluster(object: Tracked, naming: ClusterNaming): string {
  const file = object.origin.file.path;
  const folder = path.posix.basename(path.posix.dirname(file));
  const named = clusterOfPath(file, naming) ?? (isFluxKustomization(object) && folder !== '.' ? folder : undefined);
  return named ?? naming.defaultName;
}

class DeliveryWalk {
  private readonly environments: Environment[] = [];
  hasFlux = false;
  private readonly reader: SourceReader;
  private readonly builder: KustomizeBuilder;
  private readonly naming: ClusterNaming;
  private readonly sources: DeliverySources;
  private readonly uses = new VariableUses();
  private readonly globs = new Globs();
  private readonly done = new Set<string>();
  private readonly known = new Set<string>();

  constructor(context: {
    readonly reader: SourceReader;
    readonly builder: KustomizeBuilder;
    readonly naming: ClusterNaming;
    readonly sources: DeliverySources;
  }) {
    this.reader = context.reader;
    this.builder = context.builder;
    this.naming = context.naming;
    this.sources = context.sources;
  }

  isKnown(object: Tracked): boolean {
    return this.known.has(identityOf(object));
  }

  /** The delivery objects that one brings, itself left out. */
  broughtBy(object: Tracked): readonly string[] {
    return this.foldersOf(object)
      .flatMap((folder) => this.builder.build(folder).resources)
      .filter(({ root }) => isDeliveryObject(root))
      .map(({ root }) => identityOf(root))
      .filter((identity) => identity !== identityOf(object));
  }

  private foldersOf(object: Tracked): readonly string[] {
    if (isFluxKustomization(object)) return [fluxFolder(object, this.reader, this.sources) ?? []].flat();
    if (isApplicationSet(object)) {
      const context = { reader: this.reader, globs: this.globs, uses: new VariableUses(), cluster: '' };
      return applicationsOf(object, context).flatMap((application) => this.foldersOf(application));
    }
    return argoSources(object).flatMap((source) => argoFolder(source, this.reader) ?? []);
  }

  /** Adds what a delivery object brings, and then what that brings. Breadth first, each object once for a cluster. */
  walk(start: Delivery): void {
    const queue: Delivery[] = [start];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const identity = identityOf(next.object);
      const key = [next.cluster, identity, describe(next.object)].join('\u0000');
      if (this.done.has(key) || this.environments.length >= environmentsMax) continue;
      this.done.add(key);
      this.known.add(identity);
      if (isApplicationSet(next.object)) {
        queue.push(...this.generatedBy(next));
        continue;
      }
      for (const environment of this.environmentsOf(next)) {
        this.environments.push(environment);
        for (const { root } of environment.resources) {
          if (isDeliveryObject(root) && identityOf(root) !== identity) {
            const { patched } = next;
            const object = patched === undefined ? root : withObstacle(root, patched);
            queue.push({ object, cluster: broughtCluster(root, next.cluster, this.naming), patched });
          }
        }
      }
    }
  }

  private generatedBy({ object, cluster }: Delivery): readonly Delivery[] {
    const { reader, globs, uses } = this;
    const patched = patchObstacle(object);
    return applicationsOf(object, { reader, globs, uses, cluster }).map((application) => ({
      object: application,
      cluster,
      patched,
    }));
  }

  /** Every environment, once all objects were walked. */
  finished(): readonly Environment[] {
    if (!this.uses.hasShared) return this.environments;
    return this.environments.map(({ application, ...environment }) => ({
      ...environment,
      ...(application === undefined ? {} : { application: { ...application, root: this.uses.mark(application.root) } }),
      resources: environment.resources.map((resource) => ({ ...resource, root: this.uses.mark(resource.root) })),
    }));
  }

  private environmentsOf({ object, cluster, patched }: Delivery): readonly Environment[] {
    const name = describe(object);
    const ownFile = object.origin.file.path;
    if (isFluxKustomization(object)) {
      const folder = fluxFolder(object, this.reader, this.sources);
      if (folder === undefined) return [];
      this.hasFlux = true;
      const { resources, files } = buildFlux(object, folder, { builder: this.builder, reader: this.reader });
      const spec = valueAt(object, ['spec']);
      const overlaid: OverlaidFolder =
        spec === undefined ? { folder } : { folder, delivery: { kind: 'flux', object, map: spec } };
      return [{ cluster, name, resources, files: new Set([...files, ownFile]), overlaid }];
    }
    const target = argoCluster(object) ?? cluster;
    const sources = argoSources(object).flatMap((source) => {
      const folder = argoFolder(source, this.reader);
      if (folder === undefined || this.reader.isChart(folder)) return [];
      const built = buildArgo(object, source, {
        folder,
        reader: this.reader,
        builder: this.builder,
        globs: this.globs,
      });
      return [
        { ...built, overlaid: { folder, delivery: { kind: 'argo', object, map: source } } satisfies OverlaidFolder },
      ];
    });
    const resources = sources.flatMap((source) => source.resources);
    return [
      {
        cluster: target,
        name,
        resources: patched === undefined ? resources : resources.map((resource) => doubted(resource, patched)),
        application: { root: object, formerNames: [], formerNamespaces: [], isPartial: false },
        files: union([new Set([ownFile]), ...sources.map(({ files }) => files)]),
        ...(sources.length === 1 && sources[0] !== undefined ? { overlaid: sources[0].overlaid } : {}),
      },
    ];
  }
}

function doubted(resource: Resource, obstacle: Obstacle): Resource {
  return { ...resource, root: withObstacle(resource.root, obstacle) };
}

/** Where a delivery object that another one brings is applied: there, unless it names a cluster of its own. */
function broughtCluster(object: Tracked, cluster: string, naming: ClusterNaming): string {
  const isElsewhere = isFluxKustomization(object) && valueAt(object, ['spec', 'kubeConfig']) !== undefined;
  return isElsewhere ? (clusterOfPath(object.origin.file.path, naming) ?? cluster) : cluster;
}

function describe(object: Tracked): string {
  const kind = isFluxKustomization(object) ? 'Flux Kustomization' : (textAt(object, ['kind']) ?? 'Application');
  const name = valueAt(object, ['metadata', 'name']);
  return `${kind} ${name?.kind === 'scalar' ? String(name.value) : '?'} (${object.origin.file.path})`;
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const set of sets) for (const item of set) all.add(item);
  return all;
}
