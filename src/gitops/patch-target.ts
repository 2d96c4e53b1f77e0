import { apiGroup } from './kinds/index.ts';
import { apiVersionOf, kindOf, nameOf, namespaceOf, type Resource } from './resource.ts';
import { textAt, textsAt, type Tracked } from './tracked.ts';

/** Whether a patch is for an object; `unknown` when its selector uses syntax that is not understood here. */
export type TargetMatch = 'yes' | 'no' | 'unknown';

/** Matches by `target:` of a patch entry: anchored patterns for group, version, kind, name and namespace, and selectors. */
export function matchTarget(resource: Resource, target: Tracked): TargetMatch {
  const apiVersion = apiVersionOf(resource);
  const wanted: readonly (readonly [pattern: string | undefined, values: readonly string[]])[] = [
    [textAt(target, ['group']), [apiGroup(apiVersion)]],
    [textAt(target, ['version']), [apiVersion.split('/').at(-1) ?? '']],
    [textAt(target, ['kind']), [kindOf(resource)]],
    [textAt(target, ['name']), [nameOf(resource) ?? '', ...resource.formerNames]],
    [textAt(target, ['namespace']), [namespaceOf(resource) ?? 'default', ...resource.formerNamespaces]],
  ];
  const results = wanted.flatMap(([pattern, values]) => (pattern === undefined ? [] : [matchesAny(pattern, values)]));
  for (const [key, field] of [
    ['labelSelector', 'labels'],
    ['annotationSelector', 'annotations'],
  ] as const) {
    const selector = textAt(target, [key]);
    if (selector !== undefined) results.push(matchSelector(selector, textsAt(resource.root, ['metadata', field])));
  }
  return allOf(results);
}

function allOf(results: readonly TargetMatch[]): TargetMatch {
  if (results.some((result) => result === 'no')) return 'no';
  return results.some((result) => result === 'unknown') ? 'unknown' : 'yes';
}

function anyOf(results: readonly TargetMatch[]): TargetMatch {
  if (results.some((result) => result === 'yes')) return 'yes';
  return results.some((result) => result === 'unknown') ? 'unknown' : 'no';
}

/** Matches by the patch's own apiVersion, kind and name, as `patchesStrategicMerge` does. */
export function matchIdentity(resource: Resource, patch: Tracked): TargetMatch {
  const kind = textAt(patch, ['kind']);
  const name = textAt(patch, ['metadata', 'name']);
  const namespace = textAt(patch, ['metadata', 'namespace']);
  const namespaces = [namespaceOf(resource), ...resource.formerNamespaces];
  const isSame =
    kind === kindOf(resource) &&
    apiGroup(textAt(patch, ['apiVersion']) ?? '') === apiGroup(apiVersionOf(resource)) &&
    name !== undefined &&
    [nameOf(resource), ...resource.formerNames].includes(name) &&
    (namespace === undefined || namespaces.includes(namespace));
  return isSame ? 'yes' : 'no';
}

function matchesAny(pattern: string, values: readonly string[]): TargetMatch {
  return anyOf(values.map((value) => matchPattern(pattern, value)));
}

/**
 * Kustomize takes these patterns as anchored Go regular expressions. A JavaScript expression made from a file's text
 * could be made to run for ever, so only literal characters, `.`, `.*`, `.+` and alternatives are matched here.
 */
export function matchPattern(pattern: string, value: string): TargetMatch {
  const bare = pattern.replace(/^\^/, '').replace(/\$$/, '');
  const group = /^\((?:\?:)?([^()]*)\)$/.exec(bare)?.[1] ?? bare;
  return anyOf(group.split('|').map((alternative) => matchAlternative(alternative, value)));
}

function matchAlternative(pattern: string, value: string): TargetMatch {
  if (!/^(?:[\w/-]|\\[.]|\.[*+]?)*$/.test(pattern) || pattern.length > 300 || value.length > 300) return 'unknown';
  const tokens = pattern.match(/\\\.|\.[*+]?|[\w/-]/g) ?? [];
  // The positions in the value that the tokens so far can end at: O(pattern × value), whatever the pattern.
  let ends = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const end of ends) {
      if (token === '.*' || token === '.+') {
        for (let position = token === '.+' ? end + 1 : end; position <= value.length; position += 1) next.add(position);
      } else if (end < value.length && (token === '.' || value[end] === token.replace('\\', ''))) {
        next.add(end + 1);
      }
    }
    ends = next;
  }
  return ends.has(value.length) ? 'yes' : 'no';
}

/** Equality terms of a selector; `in`, `notin` and the like are not understood. */
function matchSelector(selector: string, values: Readonly<Record<string, string>>): TargetMatch {
  const terms = selector.split(',').map((term): TargetMatch => {
    const match = /^\s*(!?)([\w./-]+)\s*(?:(==?|!=)\s*([\w.-]*))?\s*$/.exec(term);
    if (match === null) return 'unknown';
    const [, negation, key = '', operator, value] = match;
    const present = Object.hasOwn(values, key) ? values[key] : undefined;
    if (operator === undefined) return (present === undefined) === (negation === '!') ? 'yes' : 'no';
    return (present === value) === (operator !== '!=') ? 'yes' : 'no';
  });
  return allOf(terms);
}
