import { apiGroup } from './kinds/index.ts';
import { apiVersionOf, kindOf, nameOf, namespaceOf, withObstacle, type Resource } from './resource.ts';
import { itemsAt, placeOf, setAt, textAt, valueAt, type Obstacle, type Tracked } from './tracked.ts';

/** What Flux leaves as it is in the cluster, whatever Git says. */
export function withFluxObstacles(resource: Resource, kustomization: Tracked): Resource {
  const suspended = suspension(kustomization, 'Flux Kustomization');
  if (suspended !== undefined) return { ...resource, root: withObstacle(resource.root, suspended) };
  const annotation = (key: string): Tracked | undefined =>
    valueAt(resource.root, ['metadata', 'annotations', `kustomize.toolkit.fluxcd.io/${key}`]);
  const ssa = annotation('ssa');
  const reconcile = annotation('reconcile');
  const isLeft = ssa?.kind === 'scalar' && (ssa.value === 'Ignore' || ssa.value === 'IfNotPresent');
  const isDisabled = reconcile?.kind === 'scalar' && reconcile.value === 'disabled';
  const cause = isLeft ? ssa : isDisabled ? reconcile : undefined;
  if (cause === undefined) return withReleaseObstacles(resource);
  const obstacle: Obstacle = {
    reason: 'ignored-difference',
    detail: `an annotation at ${placeText(cause)} keeps Flux from changing the object once it is there`,
  };
  return { ...resource, root: withObstacle(resource.root, obstacle) };
}

/** A suspended HelmRelease is not upgraded, so that new values wait. */
export function withReleaseObstacles(resource: Resource): Resource {
  if (kindOf(resource) !== 'HelmRelease') return resource;
  const suspended = suspension(resource.root, 'HelmRelease');
  return suspended === undefined ? resource : { ...resource, root: withObstacle(resource.root, suspended) };
}

function suspension(object: Tracked, kind: string): Obstacle | undefined {
  const suspend = valueAt(object, ['spec', 'suspend']);
  if (suspend?.kind !== 'scalar' || suspend.value !== true) return undefined;
  const detail = `the ${kind} is suspended at ${placeText(suspend)}; a merged change would wait until it is resumed`;
  return { reason: 'delivery-suspended', detail };
}

/** What an Argo CD Application ignores: a difference there is none to it, so that it syncs nothing for it. */
export function withArgoObstacles(resource: Resource, application: Tracked): Resource {
  const rules = itemsAt(application, ['spec', 'ignoreDifferences']).filter((rule) => isRuleFor(rule, resource));
  let { root } = resource;
  for (const rule of rules) for (const path of ignoredPaths(rule)) root = ignore(root, path, rule);
  return rules.length === 0 ? resource : { ...resource, root };
}

function isRuleFor(rule: Tracked, resource: Resource): boolean {
  const matches = (key: string, value: string | undefined): boolean => {
    const wanted = textAt(rule, [key]);
    return wanted === undefined || wanted === '*' || wanted === value;
  };
  return (
    matches('group', apiGroup(apiVersionOf(resource))) &&
    matches('kind', kindOf(resource)) &&
    matches('name', nameOf(resource)) &&
    matches('namespace', namespaceOf(resource))
  );
}

/** Paths of keys; `undefined` stands for an expression that may mean any field. */
function ignoredPaths(rule: Tracked): readonly (readonly string[] | undefined)[] {
  const texts = (key: string): readonly string[] =>
    itemsAt(rule, [key]).flatMap((item) => (item.kind === 'scalar' ? [String(item.value)] : []));
  const pointers = texts('jsonPointers').map((pointer) =>
    pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')),
  );
  const expressions = texts('jqPathExpressions').map((expression) =>
    /^(?:\.[A-Za-z_]\w*)+$/.test(expression) ? expression.split('.').slice(1) : undefined,
  );
  return [...pointers, ...expressions];
}

function ignore(root: Tracked, path: readonly string[] | undefined, rule: Tracked): Tracked {
  const obstacle: Obstacle = {
    reason: 'ignored-difference',
    detail: `the Application's ignoreDifferences at ${placeText(rule)} keep Argo CD from acting on a change of it`,
  };
  if (path === undefined || path.length === 0) return withObstacle(root, obstacle);
  const value = valueAt(root, path);
  if (value !== undefined) return replaceAt(root, path, withObstacle(value, obstacle));
  // The key is not written: nothing may be added where it would stand.
  const parent = valueAt(root, path.slice(0, -1));
  if (parent?.kind !== 'map') return root;
  const marked: Tracked = { ...parent, origin: { ...parent.origin, obstacle: parent.origin.obstacle ?? obstacle } };
  return replaceAt(root, path.slice(0, -1), marked);
}

function replaceAt(root: Tracked, path: readonly string[], value: Tracked): Tracked {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (root.kind === 'map') {
    const below = root.entries.get(step);
    return below === undefined ? root : setAt(root, [step], replaceAt(below, rest, value));
  }
  if (root.kind !== 'list') return root;
  const items = root.items.map((item, index) => (String(index) === step ? replaceAt(item, rest, value) : item));
  return { ...root, items };
}

function placeText({ origin }: Tracked): string {
  const { path, line } = placeOf(origin);
  return `${path}:${line}`;
}
