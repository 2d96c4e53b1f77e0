import path from 'node:path';
import type { DecidingMechanism } from '../domain/index.ts';
import { argoFolder, argoSources, isArgoApplication } from './argo.ts';
import { findConfigMap } from './config-maps.ts';
import { isThisRepository } from './flux.ts';
import { trackEmbedded } from './embedded-yaml.ts';
import { mergeValues } from './merge-patch.ts';
import { leadsOut, type SourceReader } from './source-reader.ts';
import { itemsAt, mapScalars, setAt, textAt, valueAt, type Tracked, type TrackedScalar } from './tracked.ts';

/** An object that installs a Helm chart, with the values that it will get as far as the repository says. */
export interface HelmInstallation {
  readonly kind: 'HelmRelease' | 'Application';
  /** Folder of the chart, where it is in this repository. */
  readonly chartFolder: string | undefined;
  /** Undefined when nothing in the repository sets a value. */
  readonly values: Tracked | undefined;
  readonly namespace: string;
  /** Values also come from ConfigMaps, Secrets or files of other repositories. */
  readonly hasUnknownValues: boolean;
  /** Files whose values count, beside the object's own. */
  readonly files: readonly string[];
  /** The map of the repository, and the keys below it, whose values are the installation's own and win. */
  readonly overrides: { readonly root: Tracked; readonly prefix: readonly string[] } | undefined;
}

/** Reads a Flux HelmRelease or an Argo CD Application of a chart; undefined for every other object. */
export function helmInstallation(object: Tracked, reader: SourceReader): HelmInstallation | undefined {
  const isRelease =
    textAt(object, ['kind']) === 'HelmRelease' &&
    textAt(object, ['apiVersion'])?.startsWith('helm.toolkit.fluxcd.io/') === true;
  if (isRelease) return releaseOf(object, reader);
  return isArgoApplication(object) ? applicationOf(object, reader) : undefined;
}

function releaseOf(object: Tracked, reader: SourceReader): HelmInstallation {
  const chart = textAt(object, ['spec', 'chart', 'spec', 'chart']);
  const isHere = textAt(object, ['spec', 'chart', 'spec', 'sourceRef', 'kind']) === 'GitRepository';
  const chartFile = isHere && chart !== undefined ? valuesFile(chart, reader) : undefined;
  const values = valueAt(object, ['spec', 'values']);
  const references = itemsAt(object, ['spec', 'valuesFrom']).map((item) => valuesFrom(item, object, reader));
  const layers = [
    ...(chartFile === undefined ? [] : reader.track(chartFile, 'helm-chart-values').slice(0, 1)),
    // What comes from an unknown source may set anything that a known one before it sets.
    ...references.slice(references.lastIndexOf(undefined) + 1).filter((layer) => layer !== undefined),
    ...(values === undefined ? [] : [withMechanism(values, 'helm-release-values')]),
  ];
  return {
    kind: 'HelmRelease',
    chartFolder: chartFile === undefined ? undefined : path.posix.dirname(chartFile),
    values: mergeLayers(layers),
    namespace: textAt(object, ['spec', 'targetNamespace']) ?? textAt(object, ['metadata', 'namespace']) ?? 'default',
    hasUnknownValues: references.includes(undefined),
    files: chartFile === undefined ? [] : [chartFile],
    overrides: { root: object, prefix: ['spec', 'values'] },
  };
}

/** The values that an entry of `valuesFrom` brings; undefined for Secrets and for what the repository does not hold. */
function valuesFrom(item: Tracked, object: Tracked, reader: SourceReader): Tracked | undefined {
  const name = textAt(item, ['name']);
  if (name === undefined || textAt(item, ['kind']) !== 'ConfigMap') return undefined;
  const namespace = textAt(object, ['metadata', 'namespace']) ?? 'default';
  const map = findConfigMap(reader, { name, namespace, from: object.origin.file.path });
  const entry = map?.entries.get(textAt(item, ['valuesKey']) ?? 'values.yaml');
  if (entry === undefined) return undefined;
  const target = textAt(item, ['targetPath']);
  if (entry.kind === 'file') return target === undefined ? reader.track(entry.path, 'helm-values-from')[0] : undefined;
  if (target === undefined) return trackEmbedded(entry.scalar, 'helm-values-from')?.[0];
  const keys = dottedKeys(target);
  const origin = { ...entry.scalar.origin, mechanism: 'helm-values-from' as const };
  if (item.kind !== 'map' || keys.some((key) => key.includes('['))) return undefined;
  return setAt({ ...item, entries: new Map() }, keys, { ...entry.scalar, origin });
}

/** Of Argo CD's ways to give values the later one here wins: chart, valueFiles, values, valuesObject, parameters. */
function applicationOf(object: Tracked, reader: SourceReader): HelmInstallation | undefined {
  const source = argoSources(object).find(
    (candidate) => textAt(candidate, ['chart']) !== undefined || isChartFolder(candidate, reader),
  );
  if (source === undefined) return undefined;
  const helm = valueAt(source, ['helm']);
  const folder = argoFolder(source, reader);
  const chartFile = folder === undefined ? undefined : valuesFile(folder, reader);
  const named = itemsAt(helm, ['valueFiles']).map((item) => valueFile(item, folder, { object, reader }));
  const files = [chartFile, ...named].filter((file) => file !== undefined);
  const fileParameters = itemsAt(helm, ['fileParameters']);
  const inline = valueAt(helm, ['values']);
  const layers = [
    ...files.flatMap((file) => reader.track(file, 'helm-chart-values').slice(0, 1)),
    ...(inline?.kind === 'scalar' ? (trackEmbedded(inline, 'argo-application-values') ?? []).slice(0, 1) : []),
    ...[valueAt(helm, ['valuesObject'])].flatMap((value) => value ?? []).map(asApplicationValues),
    ...itemsAt(helm, ['parameters']).flatMap(parameterLayer),
    ...fileParameters.flatMap(unknownLayer),
  ];
  return {
    kind: 'Application',
    chartFolder: chartFile === undefined ? undefined : path.posix.dirname(chartFile),
    values: mergeLayers(layers),
    namespace: textAt(object, ['spec', 'destination', 'namespace']) ?? 'default',
    hasUnknownValues: named.includes(undefined) || fileParameters.length > 0,
    files,
    overrides: ownValues(source, helm),
  };
}

/** `valuesObject`, but for an Application that writes its values as text: two places for values would confuse people. */
function ownValues(source: Tracked, helm: Tracked | undefined): HelmInstallation['overrides'] {
  const text = valueAt(helm, ['values']);
  if (text?.kind !== 'scalar' || valueAt(helm, ['valuesObject']) !== undefined) {
    return { root: source, prefix: ['helm', 'valuesObject'] };
  }
  const [written] = trackEmbedded(text, 'argo-application-values') ?? [];
  return written === undefined ? undefined : { root: written, prefix: [] };
}

function asApplicationValues(values: Tracked): Tracked {
  return withMechanism(values, 'argo-application-values');
}

function isChartFolder(source: Tracked, reader: SourceReader): boolean {
  const folder = argoFolder(source, reader);
  return folder !== undefined && reader.isChart(folder);
}

function valuesFile(chart: string, reader: SourceReader): string | undefined {
  const folder = path.posix.normalize(chart).replace(/\/$/, '') || '.';
  const file = path.posix.join(folder, 'values.yaml');
  return !leadsOut(folder) && reader.isChart(folder) && reader.files.has(file) ? file : undefined;
}

/** `$ref/…` names a file from the root of the source with that `ref`, which may be another repository. */
function valueFile(
  item: Tracked,
  folder: string | undefined,
  context: { readonly object: Tracked; readonly reader: SourceReader },
): string | undefined {
  const { object, reader } = context;
  const named = item.kind === 'scalar' && typeof item.value === 'string' ? item.value : '';
  const [, reference, referred] = /^\$([\w-]+)\/(.+)$/.exec(named) ?? [];
  if (reference !== undefined) {
    const source = argoSources(object).find((candidate) => textAt(candidate, ['ref']) === reference);
    if (source === undefined || !isThisRepository(textAt(source, ['repoURL']), reader)) return undefined;
  }
  const fromRoot = referred ?? (named.startsWith('/') ? named.slice(1) : undefined);
  if (fromRoot === undefined && folder === undefined) return undefined;
  const file = path.posix.normalize(fromRoot ?? path.posix.join(folder ?? '.', named));
  return reader.files.has(file) ? file : undefined;
}

/** `parameters` set one value each by a dotted name; with `forceString` the text stays a text. */
function parameterLayer(item: Tracked): readonly Tracked[] {
  const name = textAt(item, ['name']);
  const value = valueAt(item, ['value']);
  if (name === undefined || value?.kind !== 'scalar' || item.kind !== 'map') return [];
  const isForced = valueAt(item, ['forceString']);
  const isText = isForced?.kind === 'scalar' && isForced.value === true;
  const isSwitch = !isText && (value.value === 'true' || value.value === 'false');
  const read: TrackedScalar = { ...value, value: isSwitch ? value.value === 'true' : value.value };
  return [setAt({ ...item, entries: new Map() }, dottedKeys(name), asApplicationValues(read))];
}

/** A value that a file of another place sets is none that is written here. */
function unknownLayer(item: Tracked): readonly Tracked[] {
  const name = textAt(item, ['name']);
  if (name === undefined || item.kind !== 'map') return [];
  const nothing: TrackedScalar = { kind: 'scalar', value: null, style: 'plain', origin: item.origin };
  return [setAt({ ...item, entries: new Map() }, dottedKeys(name), nothing)];
}

/** Keys of a dotted name; `\\.` is a dot in a key. */
function dottedKeys(name: string): readonly string[] {
  return name.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
}

function mergeLayers(layers: readonly Tracked[]): Tracked | undefined {
  const maps = layers.filter((layer) => layer.kind === 'map');
  const [first, ...rest] = maps;
  return first === undefined ? undefined : rest.reduce<Tracked>(mergeValues, first);
}

/** Values that were written elsewhere and only brought here keep their own place. */
const broughtHere: ReadonlySet<DecidingMechanism> = new Set([
  'kustomize-patch',
  'flux-substitution',
  'argo-applicationset',
]);

function withMechanism(value: Tracked, mechanism: DecidingMechanism): Tracked {
  return mapScalars(value, (scalar) =>
    broughtHere.has(scalar.origin.mechanism) ? scalar : { ...scalar, origin: { ...scalar.origin, mechanism } },
  );
}
