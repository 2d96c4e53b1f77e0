import {
  placeOf,
  mapScalars,
  valueAt,
  type Obstacle,
  type Tracked,
  type TrackedMap,
  type TrackedScalar,
} from './tracked.ts';
import type { VariableUses } from './variable-uses.ts';

/** What a generator gives to the template: a tree for Go templates, flat dotted keys beside it for the older ones. */
export type Parameters = TrackedMap;

export interface TemplateLanguage {
  /** `spec.goTemplate`: `{{.name}}` instead of `{{name}}`. */
  readonly isGo: boolean;
}

/**
 * Fills in the parameters of one generated Application. A scalar that is one parameter and nothing else takes the
 * parameter's own place; one that holds more is known and not edited; functions are not followed.
 * https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Template/
 */
export function renderTemplate(
  template: Tracked,
  parameters: Parameters,
  language: TemplateLanguage,
  use?: ParameterUse,
): Tracked {
  return mapScalars(template, (scalar) => {
    const rendered = renderScalar(scalar, parameters, language);
    for (const parameter of rendered.used) use?.uses.add(parameter.origin, scalar.origin, use.consumer);
    return rendered.scalar;
  });
}

/** Where the uses of parameters are counted, and the Application that uses them. */
export interface ParameterUse {
  readonly uses: VariableUses;
  readonly consumer: string;
}

const expressionPattern = /\{\{([^{}]{0,300})\}\}/g;

function renderScalar(
  scalar: TrackedScalar,
  parameters: Parameters,
  language: TemplateLanguage,
): { readonly scalar: TrackedScalar; readonly used: readonly TrackedScalar[] } {
  if (typeof scalar.value !== 'string' || !scalar.value.includes('{{')) return { scalar, used: [] };
  const found: TrackedScalar[] = [];
  const unknown: string[] = [];
  const text = scalar.value.replaceAll(expressionPattern, (whole: string, expression: string) => {
    const value = evaluate(expression.trim(), parameters, language);
    if (value === undefined) {
      unknown.push(whole);
      return whole;
    }
    found.push(value);
    return value.value === null ? '' : String(value.value);
  });
  const { path, line } = placeOf(scalar.origin);
  const [only] = found;
  const isWhole = unknown.length === 0 && found.length === 1 && /^\{\{[^{}]*\}\}$/.test(scalar.value);
  if (isWhole && only !== undefined) {
    const obstacle = scalar.origin.obstacle ?? only.origin.obstacle;
    const origin = { ...only.origin, mechanism: 'argo-applicationset', obstacle } as const;
    return { scalar: { ...only, value: text, origin }, used: found };
  }
  const expressions =
    unknown.length === 0 ? 'it also holds other text' : `${unknown[0]?.slice(0, 80) ?? ''} is not followed`;
  const obstacle: Obstacle = {
    reason: 'unsupported-value',
    detail: `the template of the ApplicationSet at ${path}:${line} fills it in, and ${expressions}`,
  };
  const origin = { ...scalar.origin, obstacle: scalar.origin.obstacle ?? obstacle };
  return { scalar: { ...scalar, value: text, origin }, used: found };
}

/** Whether a text still holds an expression that could not be filled in. */
export function isUnfilled(text: string | undefined): boolean {
  return text?.includes('{{') === true;
}

function evaluate(expression: string, parameters: Parameters, { isGo }: TemplateLanguage): TrackedScalar | undefined {
  const value = isGo ? goField(expression, parameters) : plainField(expression, parameters);
  return value?.kind === 'scalar' ? value : undefined;
}

/** `.a.b`, and `index .path.segments 0`, also with the spaces that trim (`{{- .a -}}`). */
function goField(expression: string, parameters: Parameters): Tracked | undefined {
  const bare = expression.replace(/^-\s+/, '').replace(/\s+-$/, '');
  const [first = '', field = '', index = '', ...rest] = bare.split(/\s+/);
  if (first === 'index' && rest.length === 0 && /^\d{1,4}$/.test(index)) {
    return valueAt(fieldAt(field, parameters), [Number(index)]);
  }
  return field === '' ? fieldAt(first, parameters) : undefined;
}

function fieldAt(field: string, parameters: Parameters): Tracked | undefined {
  return /^(?:\.\w+)+$/.test(field) ? valueAt(parameters, field.slice(1).split('.')) : undefined;
}

/** `name`, `values.name`, `path[0]`: the whole name is a key first, as these templates know no tree. */
function plainField(expression: string, parameters: Parameters): Tracked | undefined {
  return parameters.entries.get(expression) ?? valueAt(parameters, expression.split('.'));
}
