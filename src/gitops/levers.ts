import type { DecidingMechanism, Lever, LeverKind, LeverOwner, LeverValue } from '../domain/index.ts';
import { decidingField, placeOf, valueAt, type Tracked } from './tracked.ts';
import { splitPath, type FieldPath } from './kinds.ts';

/** A lever and the scalar that decides it, for finding out later who shares that scalar. */
export function leverAt(
  root: Tracked,
  kind: LeverKind,
  path: FieldPath,
  options: { readonly owner?: LeverOwner; readonly fallback?: LeverValue; readonly mechanism?: DecidingMechanism } = {},
): Lever {
  return leverFrom(valueAt(root, splitPath(path)), kind, { ...options, path });
}

/** As {@link leverAt}, for a value that was found already. */
export function leverFrom(
  value: Tracked | undefined,
  kind: LeverKind,
  options: {
    readonly path: string;
    readonly owner?: LeverOwner;
    readonly fallback?: LeverValue;
    readonly mechanism?: DecidingMechanism;
  },
): Lever {
  const owner = options.owner ?? 'manifest';
  if (value === undefined || (value.kind === 'scalar' && value.value === null)) {
    const detail = `${options.path} is not written; the default counts`;
    return { kind, current: options.fallback, owner, field: { kind: 'not-editable', reason: 'field-absent', detail } };
  }
  const place = placeOf(value.origin);
  if (value.kind !== 'scalar' || value.value === null) {
    const detail = `${options.path} is no single value`;
    return {
      kind,
      current: undefined,
      owner,
      field: { kind: 'not-editable', reason: 'unsupported-value', detail, place },
    };
  }
  if (typeof value.value === 'string' && value.value.includes('${')) {
    const detail = `${options.path} is filled in by a substitution`;
    return {
      kind,
      current: undefined,
      owner,
      field: { kind: 'not-editable', reason: 'substitution-variable', detail, place },
    };
  }
  const current = numeric(kind, value.value);
  if (value.origin.obstacle !== undefined) {
    return { kind, current, owner, field: { kind: 'not-editable', ...value.origin.obstacle, place } };
  }
  const field = decidingField(value.origin);
  return {
    kind,
    current,
    owner,
    field: {
      kind: 'editable',
      field: options.mechanism === undefined ? field : { ...field, mechanism: options.mechanism },
    },
  };
}

/** Counts may be quoted (`"3"` in an annotation or a chart's values); their value is the number all the same. */
function numeric(kind: LeverKind, value: LeverValue): LeverValue {
  const isCount = kind === 'replicas' || kind === 'minReplicas' || kind === 'maxReplicas' || kind === 'gpuCount';
  return isCount && typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
}
