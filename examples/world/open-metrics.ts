import { exporterPod } from './pods.ts';
import { clusterSamples, type Sample } from './samples.ts';
import type { Shapes } from './shapes.ts';

/**
 * Staging's metrics as OpenMetrics text. Its Prometheus honours no labels: those of the workload's pod are called
 * `exported_*`, and `pod` is the exporter's own.
 */
export function openMetrics(shapes: Shapes): string {
  const families = new Map<string, Map<string, string[]>>();
  for (const sample of clusterSamples('staging', shapes)) {
    const family = families.get(sample.metric) ?? new Map<string, string[]>();
    families.set(sample.metric, family);
    const series = `${sample.metric}{${labelText(sample)}}`;
    const lines = family.get(series) ?? [];
    family.set(series, lines);
    lines.push(`${series} ${sample.value} ${sample.timestamp}`);
  }
  const blocks = [...families].map(([metric, family]) => {
    const lines = [...family.values()].flat();
    return `# TYPE ${metric} gauge\n${lines.join('\n')}\n`;
  });
  return `${blocks.join('')}# EOF\n`;
}

function labelText({ labels }: Sample): string {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['Hostname', labels.Hostname],
    ['UUID', labels.UUID],
    ['cluster', labels.cluster],
    ['container', 'exporter'],
    ['exported_container', labels.container],
    ['exported_namespace', labels.namespace],
    ['exported_pod', labels.pod],
    ['gpu', labels.gpu],
    ['modelName', labels.modelName],
    ['namespace', 'gpu-operator'],
    ['pod', exporterPod(labels.Hostname ?? '')],
  ];
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`])).join(',');
}
