import { nearestWord, type CostPolicy, type Problem, type Workload } from '../domain/index.ts';
import { quoted } from '../schema/index.ts';

const shownValuesMax = 5;

/** Which workloads carry which label; built once for all selectors. */
export interface LabelIndex {
  readonly workloads: readonly Workload[];
  /** Label key → value → workloads with it. */
  readonly byLabel: ReadonlyMap<string, ReadonlyMap<string, readonly Workload[]>>;
}

export function indexLabels(workloads: readonly Workload[]): LabelIndex {
  const byLabel = new Map<string, Map<string, Workload[]>>();
  for (const workload of workloads) {
    for (const [key, value] of Object.entries(workload.labels)) {
      const values = byLabel.get(key) ?? new Map<string, Workload[]>();
      byLabel.set(key, values);
      const holders = values.get(value) ?? [];
      values.set(value, holders);
      holders.push(workload);
    }
  }
  return { workloads, byLabel };
}

/** The workloads that carry every label of a policy's selector, in the order of the workloads. */
export function selectWorkloads(index: LabelIndex, policy: CostPolicy): readonly Workload[] {
  const pairs = Object.entries(policy.matchLabels);
  const [first, ...rest] = pairs
    .map(([key, value]) => index.byLabel.get(key)?.get(value) ?? [])
    .toSorted((left, right) => left.length - right.length);
  if (first === undefined || rest.some((holders) => holders.length === 0)) return [];
  return first.filter((workload) => pairs.every(([key, value]) => workload.labels[key] === value));
}

/** Says which label of a selector is on no workload, and what is there instead. */
export function explainNoMatch(index: LabelIndex, policy: CostPolicy): Problem {
  const { path, line, column } = policy.selectorPlace ?? policy.place;
  return {
    code: 'POLICY_SELECTOR_MATCHES_NOTHING',
    severity: 'warning',
    place: { kind: 'file', path, line, column },
    message: `Policy ${quoted(policy.name)} matches no workload: ${describeMismatch(index, policy)}.`,
    remedy:
      'Correct the labels, or remove the policy. See docs/policies.md, "spec.targetWorkloadSelector.matchLabels".',
  };
}

function describeMismatch(index: LabelIndex, policy: CostPolicy): string {
  if (index.workloads.length === 0) return 'no workload was found in the repository';
  const pairs = Object.entries(policy.matchLabels);
  const absent = pairs.flatMap(([key, value]) => {
    const values = index.byLabel.get(key);
    if (values === undefined) {
      const near = nearestWord(key, [...index.byLabel.keys()]);
      const hint = near === undefined ? '' : `, the nearest is ${quoted(near)}`;
      return [`none has a label ${quoted(key)}${hint}`];
    }
    return values.has(value)
      ? []
      : [`none has ${quoted(value)} for ${quoted(key)}, seen: ${listValues(value, values)}`];
  });
  if (absent.length > 0) return absent.join('; ');
  const count = (workload: Workload): number => pairs.filter(([key, value]) => workload.labels[key] === value).length;
  const [key, value] = pairs[0] ?? ['', ''];
  const holders = index.byLabel.get(key)?.get(value) ?? [];
  const closest = holders.reduce<Workload | undefined>(
    (best, next) => (best === undefined || count(next) > count(best) ? next : best),
    undefined,
  );
  if (closest === undefined) return 'none has all of its labels';
  const missing = pairs
    .filter(([label, wanted]) => closest.labels[label] !== wanted)
    .map(
      ([label]) =>
        `${quoted(label)} is ${closest.labels[label] === undefined ? 'absent' : quoted(closest.labels[label])}`,
    );
  const { cluster, namespace, kind, name } = closest;
  return `none has all of its labels; the closest, ${quoted(`${cluster}/${namespace}/${kind}/${name}`)}, differs in ${missing.join(', ')}`;
}

function listValues(wanted: string, values: ReadonlyMap<string, unknown>): string {
  const sorted = [...values.keys()].toSorted();
  const near = nearestWord(wanted, sorted);
  const ordered = near === undefined ? sorted : [near, ...sorted.filter((value) => value !== near)];
  const shown = ordered.slice(0, shownValuesMax).map(quoted).join(', ');
  return ordered.length > shownValuesMax ? `${shown} and ${ordered.length - shownValuesMax} more` : shown;
}
