import { capacityPoolId, type CapacityPool, type Lever } from '../domain/index.ts';
import { isMet, valuesAt } from './field-path.ts';
import { apiGroup, type CapacityField, type CapacityKind, type KindCatalogue } from './kinds/index.ts';
import { leverAt, notEditable } from './levers.ts';
import { apiVersionOf, kindOf, nameOf, namespaceOf, type Resource } from './resource.ts';
import { placeOf, textAt, type Tracked } from './tracked.ts';

/** The pools of capacity that an object declares; none when its kind is not in the catalogue. */
export function capacityFromResource(
  cluster: string,
  resource: Resource,
  kinds: KindCatalogue,
): readonly CapacityPool[] {
  const row = kinds.findCapacity(apiVersionOf(resource), kindOf(resource));
  const name = nameOf(resource);
  if (row === undefined || name === undefined) return [];
  const { pools } = row;
  if (pools === undefined) return [readPool(resource.root, { cluster, resource, row, name })];
  return pools.at
    .flatMap((path) => valuesAt(resource.root, path))
    .flatMap((pool) => {
      const own = textAt(pool, [pools.name]);
      return own === undefined ? [] : [readPool(pool, { cluster, resource, row, name: `${name}/${own}` })];
    });
}

function readPool(
  pool: Tracked,
  of: {
    readonly cluster: string;
    readonly resource: Resource;
    readonly row: CapacityKind;
    readonly name: string;
  },
): CapacityPool {
  const { cluster, resource, row, name } = of;
  const apiVersion = apiVersionOf(resource);
  const namespace = row.scope === 'namespace' ? (namespaceOf(resource) ?? 'default') : undefined;
  const levers = row.fields.flatMap((field) => leverOf(pool, field));
  const stops = levers.find(({ kind }) => kind === row.pause?.lever);
  const isOwned = stops?.field.kind === 'not-editable' && stops.field.reason === 'autoscaler-owned';
  return {
    id: capacityPoolId({ cluster, namespace, group: apiGroup(apiVersion), kind: row.kind, name }),
    cluster,
    namespace,
    apiVersion,
    kind: row.kind,
    name,
    declaredIn: placeOf(pool.origin),
    levers,
    pause: isOwned ? undefined : row.pause,
  };
}

function leverOf(pool: Tracked, row: CapacityField): readonly Lever[] {
  const { lever: kind, field, whenAbsent, values } = row;
  const isWritten = valuesAt(pool, field).length > 0;
  if (row.isOptional === true && !isWritten) return [];
  const lever = leverAt(pool, kind, field, {
    defaultValue: whenAbsent,
    ...(values === undefined ? {} : { values }),
  });
  const path = field.replaceAll('\\.', '.');
  if (row.autoscaledWhen !== undefined && isMet(pool, row.autoscaledWhen)) {
    const detail = `the cluster's autoscaler sets ${path}; its bounds are the levers`;
    // Without a count the autoscaler's own choice is in force, which is not known here.
    const { current, ...unknown } = lever;
    return [refused({ ...unknown, current: isWritten ? current : undefined }, { reason: 'autoscaler-owned', detail })];
  }
  if (row.isImmutable === true) {
    const detail = `the API does not change ${path} of a pool that is there; declare a new pool`;
    return [refused(lever, { reason: 'unsupported-value', detail })];
  }
  return [lever];
}

function refused(
  { kind, current, field }: Lever,
  why: { readonly reason: 'autoscaler-owned' | 'unsupported-value'; readonly detail: string },
): Lever {
  const written = field.kind === 'editable' ? (field.field.kind === 'present' ? field.field : undefined) : field.place;
  const place =
    written === undefined ? {} : { place: { path: written.path, line: written.line, column: written.column } };
  return notEditable(kind, { path: kind }, { ...why, ...place, ...(current === undefined ? {} : { current }) });
}
