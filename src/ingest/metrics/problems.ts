import { excerptAt, type Problem } from '../../domain/index.ts';

/** A line of a text file that is left out, with its start as an excerpt. */
export function lineInvalid(
  fault: { readonly path: string; readonly line: number; readonly column: number; readonly reason: string },
  line: string,
): Problem {
  return {
    code: 'METRICS_LINE_INVALID',
    severity: 'error',
    place: { kind: 'file', path: fault.path, line: fault.line, column: fault.column },
    message: `${fault.reason.charAt(0).toUpperCase()}${fault.reason.slice(1)}. The line is left out.`,
    remedy: 'Export the metrics again; the file must be in the Prometheus text format or in OpenMetrics.',
    ...(line === '' ? {} : { excerpt: excerptAt(line, Math.min(fault.column - 1, line.length)) }),
  };
}

export function moreLinesInvalid(path: string, count: number): Problem {
  return {
    code: 'METRICS_LINE_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: `${count} more lines of the file cannot be read and are left out.`,
    remedy: 'Correct the lines listed first: most often all have the same fault.',
  };
}

export function withoutTimestamps(path: string, line: number, count: number): Problem {
  return {
    code: 'METRICS_LINE_INVALID',
    severity: 'error',
    place: { kind: 'file', path, line },
    message: `${count} ${count === 1 ? 'sample has' : 'samples have'} no timestamp, so that it is unknown when they were measured; they are left out.`,
    remedy:
      'Export from the metrics store instead of the exporter: `promtool tsdb dump-openmetrics`, or /api/v1/export of VictoriaMetrics, write timestamps.',
  };
}

export function parquetRowsInvalid(path: string, count: number): Problem {
  return {
    code: 'METRICS_LINE_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: `${count} rows have no value or no timestamp between 2000 and 2100; they are left out.`,
    remedy: 'Write timestamp as TIMESTAMP, or as seconds or milliseconds since 1970, and value as DOUBLE.',
  };
}

export function formatUnknown(path: string, missing: readonly string[]): Problem {
  return {
    code: 'METRICS_FORMAT_UNKNOWN',
    severity: 'error',
    place: { kind: 'file', path },
    message: `The Parquet file is not in long form: it lacks the column${missing.length === 1 ? '' : 's'} ${missing.join(', ')}. Nothing of it is used.`,
    remedy: 'Write one row a sample with the columns timestamp, metric, value and the labels.',
  };
}

export function notMetrics(path: string, what: string): Problem {
  return {
    code: 'METRICS_FORMAT_UNKNOWN',
    severity: 'error',
    place: { kind: 'file', path },
    message: `${what} Nothing of it is used.`,
    remedy: 'Give a Prometheus or OpenMetrics text file, plain or gzipped, or a Parquet file in long form.',
  };
}

export function noKnownMetric(path: string, ignored: number): Problem {
  return {
    code: 'METRICS_FORMAT_UNKNOWN',
    severity: 'warning',
    place: { kind: 'file', path },
    message: `None of the file's ${ignored} samples is of a metric that is used: the file says nothing of GPUs.`,
    remedy: 'Export the DCGM_FI_* metrics of dcgm-exporter; docs/data-formats.md lists them.',
  };
}

export function unreadableContent(path: string, error: unknown): Problem {
  const text = error instanceof Error ? error.message : '';
  const kind = /^[A-Z][A-Za-z -]{2,40} Error(?=:)/.exec(text)?.[0] ?? 'unknown error';
  return {
    code: 'METRICS_FILE_UNREADABLE',
    severity: 'error',
    place: { kind: 'file', path },
    message: `The file's content cannot be read (DuckDB: ${kind}). Nothing of it is used.`,
    remedy: 'Export or download the file again.',
  };
}

export function podLabelsAreExporters(path: string, gpuHours: number): Problem {
  return {
    code: 'METRICS_LABELS_MISSING',
    severity: 'error',
    place: { kind: 'file', path },
    message: `The pod labels name the exporter's own pods (dcgm-exporter), not the workloads': Prometheus overwrote them while it scraped. ${gpuHours} GPU-hours can be given to no workload.`,
    remedy:
      'Keep the exported_* labels in the export, or set `honorLabels: true` in the ServiceMonitor of dcgm-exporter, and export again.',
  };
}

export function noPodLabels(path: string, gpuHours: number): Problem {
  return {
    code: 'METRICS_LABELS_MISSING',
    severity: 'warning',
    place: { kind: 'file', path },
    message: `No GPU sample of the file names a pod: its ${gpuHours} GPU-hours count as idle.`,
    remedy:
      'If pods were running, start dcgm-exporter with DCGM_EXPORTER_KUBERNETES=true and export with the labels pod and namespace.',
  };
}

export function noGpuName(path: string, series: number): Problem {
  return {
    code: 'METRICS_LABELS_MISSING',
    severity: 'error',
    place: { kind: 'file', path },
    message: `${series} GPU series have neither a UUID nor a gpu label, so that it is unknown which GPU they measured; they are left out.`,
    remedy: 'Export with the labels UUID and gpu as dcgm-exporter writes them.',
  };
}
