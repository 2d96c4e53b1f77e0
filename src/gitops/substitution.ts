import { parseYaml } from './parse-yaml.ts';
import { mapScalars, placeOf, textAt, textsAt, type Obstacle, type Tracked, type TrackedScalar } from './tracked.ts';

/**
 * Fills in Flux's `${variable}` from `postBuild.substitute`, so that names and counts are known, and marks what was
 * filled in: the variable decides it, and one variable may decide many values. Variables from a ConfigMap or Secret
 * stay as they are. https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
 */
export function substituteVariables(root: Tracked, postBuild: Tracked | undefined): Tracked {
  if (postBuild === undefined) return root;
  const isOff =
    textAt(root, ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/substitute']) === 'disabled' ||
    textAt(root, ['metadata', 'labels', 'kustomize.toolkit.fluxcd.io/substitute']) === 'disabled';
  if (isOff) return root;
  const variables = textsAt(postBuild, ['substitute']);
  return mapScalars(root, (scalar) => substitute(scalar, variables, postBuild));
}

const variablePattern = /\$\{([A-Za-z_]\w*)(?::?[=-]([^${}]*))?\}/g;

function substitute(
  scalar: TrackedScalar,
  variables: Readonly<Record<string, string>>,
  postBuild: Tracked,
): TrackedScalar {
  if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar;
  const names: string[] = [];
  const text = scalar.value.replaceAll(variablePattern, (whole: string, name: string, fallback: string | undefined) => {
    names.push(name);
    return (Object.hasOwn(variables, name) ? variables[name] : fallback) ?? whole;
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
