import { parseYaml } from './parse-yaml.ts';
import { findConfigMap } from './config-maps.ts';
import type { SourceReader } from './source-reader.ts';
import {
  itemsAt,
  mapScalars,
  placeOf,
  textAt,
  valueAt,
  type Obstacle,
  type Tracked,
  type TrackedScalar,
} from './tracked.ts';

/** Variables of a Flux Kustomization by name, each with the scalar that holds its value. */
export type Variables = ReadonlyMap<string, TrackedScalar>;

/**
 * The variables that `postBuild` names: those of the ConfigMaps of `substituteFrom`, a later one over an earlier one, and
 * `substitute` over them all. Secrets, and ConfigMaps that are not certain to be in the repository, stay unknown.
 * https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
 */
export function readVariables(kustomization: Tracked, reader: SourceReader): Variables {
  const postBuild = valueAt(kustomization, ['spec', 'postBuild']);
  const namespace = textAt(kustomization, ['metadata', 'namespace']) ?? 'flux-system';
  const found = new Map<string, TrackedScalar>();
  for (const source of itemsAt(postBuild, ['substituteFrom'])) {
    const name = textAt(source, ['name']);
    const isKnown = textAt(source, ['kind']) === 'ConfigMap' && name !== undefined;
    const from = kustomization.origin.file.path;
    const map = isKnown ? findConfigMap(reader, { name, namespace, from }) : undefined;
    // What is not known may set any variable that was known so far.
    if (map === undefined) found.clear();
    for (const [key, entry] of map?.entries ?? []) if (entry.kind === 'text') found.set(key, entry.scalar);
  }
  const own = valueAt(postBuild, ['substitute']);
  for (const [key, value] of own?.kind === 'map' ? own.entries : []) if (value.kind === 'scalar') found.set(key, value);
  return found;
}

/**
 * Fills in Flux's `${variable}`, so that names and counts are known. A value that is one variable and nothing else is
 * decided where the variable is written, and edited there; one that holds more text, or takes a default, is not editable.
 */
export function substituteVariables(root: Tracked, postBuild: Tracked | undefined, variables: Variables): Tracked {
  if (postBuild === undefined) return root;
  const isOff =
    textAt(root, ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/substitute']) === 'disabled' ||
    textAt(root, ['metadata', 'labels', 'kustomize.toolkit.fluxcd.io/substitute']) === 'disabled';
  return isOff ? root : mapScalars(root, (scalar) => substitute(scalar, variables, postBuild));
}

const variablePattern = /\$\{([A-Za-z_]\w*)(?::?[=-]([^${}]*))?\}/g;

function substitute(scalar: TrackedScalar, variables: Variables, postBuild: Tracked): TrackedScalar {
  if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar;
  const only = /^\$\{([A-Za-z_]\w*)(?::?[=-][^${}]*)?\}$/.exec(scalar.value)?.[1];
  const variable = only === undefined ? undefined : variables.get(only);
  if (variable !== undefined && variable.value !== null && scalar.origin.obstacle === undefined) {
    const text = String(variable.value);
    const value = scalar.style === 'plain' ? readPlain(text) : text;
    return { ...variable, value, origin: { ...variable.origin, mechanism: 'flux-substitution' } };
  }
  const names: string[] = [];
  const text = scalar.value.replaceAll(variablePattern, (whole: string, name: string, fallback: string | undefined) => {
    names.push(name);
    const known = variables.get(name)?.value ?? undefined;
    return (known === undefined ? fallback : String(known)) ?? whole;
  });
  if (names.length === 0) return scalar;
  const { path, line } = placeOf(postBuild.origin);
  const obstacle: Obstacle = {
    reason: 'substitution-variable',
    detail: `it is filled in from ${names.join(', ')} (postBuild at ${path}:${line})`,
  };
  const value = scalar.style === 'plain' ? readPlain(text) : text;
  return { ...scalar, value, origin: { ...scalar.origin, obstacle: scalar.origin.obstacle ?? obstacle } };
}

/** Flux fills in the text before it is parsed: `${COUNT}` becomes a number. */
function readPlain(text: string): TrackedScalar['value'] {
  if (!/^[\w.+-]+$/.test(text)) return text;
  const outcome = parseYaml(text);
  const value: unknown = outcome.kind === 'parsed' ? outcome.documents[0]?.toJS() : text;
  return typeof value === 'number' || typeof value === 'boolean' ? value : text;
}
