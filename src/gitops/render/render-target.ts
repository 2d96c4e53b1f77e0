import { workloadId, type WorkloadId } from '../../domain/index.ts';
import { textAt, type Tracked } from '../tracked.ts';
import type { Plain } from '../edit/compare-documents.ts';
import type { Declared } from '../inventory.ts';
import { helmInstallation } from '../helm-values.ts';
import { kustomizationFile } from '../kustomize.ts';
import { apiVersionOf, kindOf, nameOf } from '../resource.ts';
import type { SourceReader } from '../source-reader.ts';

/** Something that a program can render. */
export type RenderTarget =
  | { readonly kind: 'kustomize'; readonly folder: string }
  /** A Flux Kustomization over a folder; `object` is its JSON. */
  | { readonly kind: 'flux'; readonly name: string; readonly folder: string; readonly object: string }
  /** A chart of the repository; `values` is their JSON, merged. */
  | {
      readonly kind: 'helm';
      readonly chart: string;
      readonly release: string;
      readonly namespace: string;
      readonly values: string;
    };

/** What has to be rendered to see the effect of some edited files on a workload. Sorted, each once. */
export function renderTargets(
  { declared, reader }: { readonly declared: Declared; readonly reader: SourceReader },
  what: { readonly edited: ReadonlySet<string>; readonly workloads: ReadonlySet<WorkloadId> },
): readonly RenderTarget[] {
  const found = new Map<string, RenderTarget>();
  const add = (target: RenderTarget): void => {
    found.set(
      JSON.stringify([target.kind, target.kind === 'helm' ? target.chart : target.folder, nameOfTarget(target)]),
      target,
    );
  };
  for (const { files, overlaid, resources, application, cluster } of declared.environments) {
    if ([...what.edited].some((file) => files.has(file)) && overlaid !== undefined) {
      const { folder, delivery } = overlaid;
      if (delivery?.kind === 'flux') {
        const name = textAt(delivery.object, ['metadata', 'name']) ?? '';
        add({ kind: 'flux', name, folder, object: JSON.stringify(plainOf(delivery.object)) });
      }
      if (kustomizationFile(reader, folder) !== undefined) add({ kind: 'kustomize', folder });
    }
    for (const resource of application === undefined ? resources : [...resources, application]) {
      const installation = isInstallation(apiVersionOf(resource)) ? helmInstallation(resource.root, reader) : undefined;
      const release = nameOf(resource);
      if (installation?.chartFolder === undefined || release === undefined) continue;
      const { namespace } = installation;
      const id = workloadId({ cluster, namespace, kind: kindOf(resource), name: release });
      if (!what.workloads.has(id)) continue;
      const values = JSON.stringify(installation.values === undefined ? {} : plainOf(installation.values));
      add({
        kind: 'helm',
        chart: installation.chartFolder,
        release,
        namespace,
        values,
      });
    }
  }
  return [...found].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, target]) => target);
}

function nameOfTarget(target: RenderTarget): string {
  if (target.kind === 'kustomize') return '';
  return target.kind === 'flux' ? target.name : target.release;
}

function isInstallation(apiVersion: string): boolean {
  return apiVersion.startsWith('helm.toolkit.fluxcd.io/') || apiVersion.startsWith('argoproj.io/');
}

function plainOf(value: Tracked): Plain {
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'list') return value.items.map(plainOf);
  return Object.fromEntries([...value.entries].map(([key, item]) => [key, plainOf(item)]));
}
