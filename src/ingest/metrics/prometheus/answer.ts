/** One series of a matrix: labels with `__name__`, and points as the server ordered them. */
export interface AnswerSeries {
  readonly labels: ReadonlyMap<string, string>;
  /** Milliseconds since 1970 and value; the value may be NaN or infinite. */
  readonly points: readonly (readonly [atMs: number, value: number])[];
}

export type Answer =
  | {
      readonly kind: 'success';
      readonly series: readonly AnswerSeries[];
      /** What the server says is missing, such as a store that Thanos could not reach. */
      readonly warnings: readonly string[];
      /** Series and points that break the format and are left out. */
      readonly malformed: number;
    }
  | { readonly kind: 'error'; readonly errorType: string; readonly error: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A series with more labels than any server allows, or longer values, is left out. */
const labelsMax = 256;
const labelLengthMax = 8192;

const serverTextLengthMax = 300;

/** Reads the body of `/api/v1/query_range` or of an instant query of a range. https://prometheus.io/docs/prometheus/latest/querying/api/ */
export function readAnswer(body: string): Answer {
  const answer = parseObject(body);
  if (answer === undefined) return { kind: 'unreadable', reason: 'the answer is not a JSON object' };
  if (answer['status'] === 'error') {
    return { kind: 'error', errorType: serverText(answer['errorType']), error: serverText(answer['error']) };
  }
  const data = answer['data'];
  if (answer['status'] !== 'success' || !isObject(data)) {
    return { kind: 'unreadable', reason: 'the answer has no status and data of the Prometheus API' };
  }
  const result = data['result'];
  if (data['resultType'] !== 'matrix' || !Array.isArray(result)) {
    return {
      kind: 'unreadable',
      reason: `the answer holds no matrix but ${serverText(data['resultType']) || 'nothing'}`,
    };
  }
  let malformed = 0;
  const series: AnswerSeries[] = [];
  for (const item of result as unknown[]) {
    const labels = isObject(item) ? readLabels(item['metric']) : undefined;
    const values = isObject(item) ? item['values'] : undefined;
    if (labels === undefined || !Array.isArray(values)) {
      malformed += 1;
      continue;
    }
    const points = (values as unknown[]).flatMap((value) => readPoint(value));
    malformed += values.length - points.length;
    series.push({ labels, points });
  }
  return {
    kind: 'success',
    series,
    malformed,
    warnings: [...texts(answer['warnings']).filter(isOfData), ...partialMarks(answer)],
  };
}

/** Names of `/api/v1/label/__name__/values`; undefined when the body is something else. */
export function readNames(body: string): readonly string[] | undefined {
  const answer = parseObject(body);
  return answer?.['status'] === 'success' && Array.isArray(answer['data']) ? texts(answer['data']) : undefined;
}

/** Some versions of Prometheus also put remarks on the query's style among the warnings. */
function isOfData(warning: string): boolean {
  return !warning.startsWith('PromQL info');
}

/** VictoriaMetrics' cluster version sets `isPartial` instead of a warning. */
function partialMarks(answer: Readonly<Record<string, unknown>>): readonly string[] {
  return answer['isPartial'] === true ? ['isPartial: some storage nodes did not answer'] : [];
}

function readLabels(metric: unknown): ReadonlyMap<string, string> | undefined {
  if (!isObject(metric)) return undefined;
  const entries = Object.entries(metric);
  if (entries.length > labelsMax) return undefined;
  const labels = new Map<string, string>();
  for (const [name, value] of entries) {
    if (typeof value !== 'string' || value.length > labelLengthMax) return undefined;
    labels.set(name, value);
  }
  return labels;
}

function readPoint(point: unknown): readonly (readonly [number, number])[] {
  if (!Array.isArray(point) || point.length !== 2) return [];
  const [seconds, text] = point as readonly unknown[];
  if (typeof seconds !== 'number' || typeof text !== 'string') return [];
  const value = readValue(text);
  return value === undefined ? [] : [[Math.round(seconds * 1000), value]];
}

function readValue(text: string): number | undefined {
  const value = Number(text);
  if (!Number.isNaN(value)) return text.trim() === '' ? undefined : value;
  if (text === 'NaN') return value;
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : undefined;
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as unknown[]).filter((item) => typeof item === 'string') : [];
}

/** A server's own words, on one line and not long: they are shown to a person. */
export function serverText(value: unknown): string {
  if (typeof value !== 'string') return '';
  const line = value.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return line.length > serverTextLengthMax ? `${line.slice(0, serverTextLengthMax)}…` : line;
}
