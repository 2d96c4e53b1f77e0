import { ProblemError, type Problem } from '../../../domain/index.ts';

export interface QueryPlace {
  /** Without credentials. */
  readonly url: string;
  readonly query: string;
}

/** Nothing of the source can be read in this run. */
export class SourceUnreachable extends ProblemError {}

export function unreachable(
  place: QueryPlace,
  what: string,
  attempts: number,
  options?: ErrorOptions,
): SourceUnreachable {
  return new SourceUnreachable(
    {
      code: 'SOURCE_UNREACHABLE',
      severity: 'error',
      place: { kind: 'query', ...place },
      message: `The metrics server gives no answer: ${what}${attempts > 1 ? ` (${attempts} attempts)` : ''}. What the ledger holds of it stays in use.`,
      remedy:
        'Check that the URL is right, that the server runs, and that this machine may connect to it; `flyball doctor` tries again.',
    },
    options,
  );
}

export function refused(place: QueryPlace, status: number, text: string): SourceUnreachable {
  return new SourceUnreachable({
    code: 'SOURCE_UNREACHABLE',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `The metrics server refuses the request: HTTP ${status}${text === '' ? '' : ` (${text})`}. What the ledger holds of it stays in use.`,
    remedy: refusalRemedy(status),
  });
}

function refusalRemedy(status: number): string {
  if (status === 401 || status === 403) {
    return 'Check the credentials of this source in `metrics` of flyball.yml (bearerTokenFile, basicAuth, headers such as X-Scope-OrgID), and that they may read.';
  }
  if (status >= 300 && status < 400)
    return 'Write the URL that the server redirects to: redirects are not followed, as they could carry credentials elsewhere.';
  if (status === 404)
    return 'Check the path of the URL: /api/v1/query_range is appended to it. Mimir needs /prometheus, the VictoriaMetrics cluster /select/0/prometheus.';
  return 'Ask the query by hand to see what the server lacks, and check the URL.';
}

/** One query cannot be answered even for one hour. */
export class QueryFailed extends ProblemError {}

export function queryTooLarge(place: QueryPlace, what: string): QueryFailed {
  return new QueryFailed({
    code: 'METRICS_QUERY_FAILED',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `The metrics server cannot answer the query even for the shortest range: ${what}. Its hours are left out.`,
    remedy:
      'Raise the limit of the server (Prometheus: --query.max-samples, --query.timeout), or read fewer series with matchLabels.',
  });
}

export function answerUnreadable(place: QueryPlace, reason: string): QueryFailed {
  return new QueryFailed({
    code: 'METRICS_QUERY_FAILED',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `The answer is not one of the Prometheus API: ${reason}. It is left out.`,
    remedy: 'Check that the URL is that of a metrics server and not of a login page or a proxy in front of it.',
  });
}

export function answerPartial(place: QueryPlace, warnings: readonly string[]): Problem {
  const [first = ''] = warnings;
  const more = warnings.length > 1 ? ` and ${warnings.length - 1} more` : '';
  return {
    code: 'METRICS_ANSWER_PARTIAL',
    severity: 'warning',
    place: { kind: 'query', ...place },
    message: `The metrics server warns that its answer may be incomplete: ${first}${more}. The hours are used and asked for again in the next scan.`,
    remedy:
      'Check the stores behind the server (Thanos: its store endpoints; VictoriaMetrics cluster: its storage nodes).',
  };
}

export function answerMalformed(place: QueryPlace, count: number): Problem {
  return {
    code: 'METRICS_QUERY_FAILED',
    severity: 'error',
    place: { kind: 'query', ...place },
    message: `${count} series or points of the answer are not what was asked for (wrong form, another time, or a series there twice) and are left out.`,
    remedy: 'Ask the query by hand; a proxy or a cache in front of the server may change its answers.',
  };
}

const gpuSeries = '{__name__=~"DCGM_FI_.+"}';

export function noGpuSeries(url: string): Problem {
  return {
    code: 'METRICS_FORMAT_UNKNOWN',
    severity: 'warning',
    place: { kind: 'query', url, query: gpuSeries },
    message: 'The server has no DCGM_FI_* series in the time that is looked at: it says nothing of GPUs.',
    remedy:
      'Check that it scrapes dcgm-exporter, and that matchLabels and the tenant header are those of the GPU clusters.',
  };
}

export function noGpuNames(url: string, series: number): Problem {
  return {
    code: 'METRICS_LABELS_MISSING',
    severity: 'error',
    place: { kind: 'query', url, query: gpuSeries },
    message: `${series} GPU series have neither a UUID nor a gpu label, so that it is unknown which GPU they measured; they are left out.`,
    remedy: 'Keep the labels UUID and gpu, as dcgm-exporter writes them, when relabelling.',
  };
}

export function exporterPodsOnly(url: string, gpuHours: number): Problem {
  return {
    code: 'METRICS_LABELS_MISSING',
    severity: 'error',
    place: { kind: 'query', url, query: gpuSeries },
    message: `The pod labels name the exporter's own pods (dcgm-exporter), not the workloads': ${gpuHours} GPU-hours can be given to no workload.`,
    remedy:
      'Keep the exported_* labels, or set `honorLabels: true` in the ServiceMonitor of dcgm-exporter; what was scraped before stays as it is.',
  };
}

export function noPodNames(url: string, gpuHours: number): Problem {
  return {
    code: 'METRICS_LABELS_MISSING',
    severity: 'warning',
    place: { kind: 'query', url, query: gpuSeries },
    message: `No GPU series names a pod: its ${gpuHours} GPU-hours count as idle.`,
    remedy: 'If pods were running, start dcgm-exporter with DCGM_EXPORTER_KUBERNETES=true.',
  };
}
