import type { Lever, LeverField, LeverKind, LeverOwner, LeverValue, NotEditableReason } from '../domain/index.ts';
import { absentField } from './absent-field.ts';
import { doVersionsDisagree } from './edit/index.ts';
import { valuesAt, type FieldPath } from './field-path.ts';
import { markedScalars } from './marker.ts';
import { placeOf, presentField, type Tracked, type TrackedScalar } from './tracked.ts';

export interface LeverOptions {
  /** How the field is called in messages. */
  readonly path: string;
  readonly owner?: LeverOwner;
  /** The texts that the field takes, where they are a closed list. */
  readonly values?: readonly string[];
}

/**
 * The lever at a path of an object; a path that reaches several values gives a lever that is not editable. A field that
 * is not written can be added where the value that counts without it is known.
 */
export function leverAt(
  root: Tracked,
  kind: LeverKind,
  path: FieldPath,
  options: Omit<LeverOptions, 'path'> & { readonly defaultValue?: LeverValue | undefined } = {},
): Lever {
  const marked = markedScalars(root, kind);
  const found = marked.length > 0 ? marked : valuesAt(root, path);
  const named = { ...options, path: path.replaceAll('\\.', '.') };
  if (found.length > 1) {
    const detail =
      marked.length > 0
        ? `the comment "flyball: ${kind}" marks ${found.length} values; one can be the lever`
        : `${named.path} stands for ${found.length} values; mark the one to change with a comment "# flyball: ${kind}"`;
    return notEditable(kind, named, { reason: 'unsupported-value', detail });
  }
  const { defaultValue } = options;
  const added = found.length === 0 && defaultValue !== undefined ? absentField(root, path) : undefined;
  if (added === undefined || defaultValue === undefined) return leverFrom(found[0], kind, named);
  if ('reason' in added) return notEditable(kind, named, { ...added, current: defaultValue });
  const field: LeverField = { kind: 'editable', field: added };
  return { kind, current: defaultValue, owner: options.owner ?? 'manifest', field };
}

/** The lever of a value that was found already. */
export function leverFrom(value: Tracked | undefined, kind: LeverKind, options: LeverOptions): Lever {
  if (value === undefined || (value.kind === 'scalar' && value.value === null)) {
    const detail = `${options.path} is not written, and what counts without it is not known here; add it with its present value to let Flyball change it`;
    return notEditable(kind, options, { reason: 'field-absent', detail });
  }
  const { origin } = value;
  const place = placeOf(origin);
  if (value.kind !== 'scalar' || value.value === null) {
    return notEditable(kind, options, {
      reason: 'unsupported-value',
      detail: `${options.path} is no single value`,
      place,
    });
  }
  const current = asTyped(kind, value.value);
  const obstacle = origin.obstacle ?? obstacleOf(value);
  if (obstacle !== undefined) return notEditable(kind, options, { ...obstacle, place, current });
  if (!(options.values === undefined ? isOfKind(kind, current) : options.values.includes(String(current)))) {
    const detail = `${options.path} holds ${JSON.stringify(String(value.value).slice(0, 60))}, which is not what the field takes`;
    return notEditable(kind, options, { reason: 'unsupported-value', detail, place });
  }
  const owner = options.owner ?? 'manifest';
  return { kind, current, owner, field: { kind: 'editable', field: presentField(origin) } };
}

/** A lever that is shown and never changed. */
export function notEditable(
  kind: LeverKind,
  options: LeverOptions,
  why: {
    readonly reason: NotEditableReason;
    readonly detail: string;
    readonly place?: ReturnType<typeof placeOf>;
    readonly current?: LeverValue;
  },
): Lever {
  const { reason, detail, place, current } = why;
  return {
    kind,
    current,
    owner: options.owner ?? 'manifest',
    field: { kind: 'not-editable', reason, detail, ...(place === undefined ? {} : { place }) },
  };
}

function obstacleOf(
  scalar: TrackedScalar,
): { readonly reason: NotEditableReason; readonly detail: string } | undefined {
  const { value, style, origin } = scalar;
  if (typeof value === 'string' && value.includes('${')) {
    return { reason: 'substitution-variable', detail: `${value.slice(0, 60)} is filled in when it is applied` };
  }
  const source = origin.file.text.slice(origin.start, origin.end);
  if (style === 'plain' && doVersionsDisagree(source)) {
    return { reason: 'yaml-versions-disagree', detail: `YAML 1.1 and 1.2 readers take ${source} for different values` };
  }
  if (style === 'literal' || style === 'folded' || source.includes('\n')) {
    return { reason: 'unsupported-value', detail: 'the value is written over several lines' };
  }
  return undefined;
}

const counts: ReadonlySet<LeverKind> = new Set(['replicas', 'minReplicas', 'maxReplicas', 'gpuCount']);

/** Counts and switches may be quoted (`"3"` in an annotation or a chart's values); they are the same all the same. */
function asTyped(kind: LeverKind, value: LeverValue): LeverValue {
  if (kind === 'suspend' && (value === 'true' || value === 'false')) return value === 'true';
  return counts.has(kind) && typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
}

function isOfKind(kind: LeverKind, value: LeverValue): boolean {
  switch (kind) {
    case 'replicas':
    case 'minReplicas':
    case 'maxReplicas':
    case 'gpuCount':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0;
    case 'suspend':
      return typeof value === 'boolean';
    case 'instanceType':
    case 'gpuSlice':
    case 'schedule':
      return typeof value === 'string';
  }
}
