import {
  countValues,
  generate,
  generatedMax,
  generatorValuesMax,
  type Generated,
  type GeneratorContext,
} from './application-set-generators.ts';
import { isUnfilled, renderTemplate, type TemplateLanguage } from './application-set-template.ts';
import type { Globs } from './globs.ts';
import { mergeValues } from './merge-patch.ts';
import { withObstacle } from './resource.ts';
import type { SourceReader } from './source-reader.ts';
import {
  itemsAt,
  placeOf,
  setAt,
  textAt,
  valueAt,
  type Obstacle,
  type Tracked,
  type TrackedScalar,
} from './tracked.ts';
import type { VariableUses } from './variable-uses.ts';

export function isApplicationSet(object: Tracked): boolean {
  return (
    textAt(object, ['kind']) === 'ApplicationSet' && textAt(object, ['apiVersion'])?.startsWith('argoproj.io/') === true
  );
}

export interface ApplicationSetContext {
  readonly reader: SourceReader;
  readonly globs: Globs;
  readonly uses: VariableUses;
  /** Where the ApplicationSet itself is applied. */
  readonly cluster: string;
}

/**
 * The Applications that an ApplicationSet makes, as if they were written. One whose name or source depends on something
 * that is not followed is left out and reported.
 * https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/
 */
export function applicationsOf(object: Tracked, context: ApplicationSetContext): readonly Tracked[] {
  const template = valueAt(object, ['spec', 'template']);
  if (template?.kind !== 'map') return [];
  const isGo = valueAt(object, ['spec', 'goTemplate']);
  const language: TemplateLanguage = { isGo: isGo?.kind === 'scalar' && isGo.value === true };
  const work = { valuesLeft: generatorValuesMax };
  const size = countValues(template);
  const applications = new Map<string, Tracked>();
  for (const { parameters, template: own } of generateAll(object, { ...context, language, work })) {
    work.valuesLeft -= size;
    if (work.valuesLeft < 0) break;
    const merged = own === undefined ? template : mergeValues(template, own);
    const name = textAt(renderTemplate(merged, parameters, language), ['metadata', 'name']) ?? '';
    const consumer = `${context.cluster}, Application ${name}`;
    const rendered = renderTemplate(merged, parameters, language, { uses: context.uses, consumer });
    if (isKnown(rendered)) applications.set(name, asApplication(object, rendered));
    else reportUnfilled(object, name, context.reader);
  }
  if (work.valuesLeft < 0) reportCut(object, context.reader);
  return [...applications.values()];
}

function generateAll(object: Tracked, context: GeneratorContext): readonly Generated[] {
  const generated: Generated[] = [];
  for (const generator of itemsAt(object, ['spec', 'generators'])) {
    for (const one of generate(generator, context)) generated.push(one);
    if (generated.length <= generatedMax) continue;
    reportCut(object, context.reader);
    break;
  }
  return generated.slice(0, generatedMax);
}

function reportCut(object: Tracked, reader: SourceReader): void {
  reader.reportAt(object.origin, {
    code: 'MANIFEST_REFERENCE_MISSING',
    severity: 'warning',
    message:
      'The ApplicationSet makes more or larger Applications than are followed; what the last of them deploy is missing here.',
    remedy: 'Split it into several ApplicationSets.',
  });
}

/** Why nothing that a generated Application brings is sure: a patch of the ApplicationSet may change all of it. */
export function patchObstacle(object: Tracked): Obstacle | undefined {
  const patch = valueAt(object, ['spec', 'templatePatch']);
  if (patch === undefined) return undefined;
  const { path, line } = placeOf(patch.origin);
  return {
    reason: 'unsupported-value',
    detail: `the templatePatch at ${path}:${line} may change it, which Flyball does not follow`,
  };
}

function isKnown(rendered: Tracked): boolean {
  const sources = [valueAt(rendered, ['spec', 'source']), ...itemsAt(rendered, ['spec', 'sources'])];
  const texts = [
    textAt(rendered, ['metadata', 'name']),
    ...['name', 'server', 'namespace'].map((key) => textAt(rendered, ['spec', 'destination', key])),
    ...sources.flatMap((source) => ['repoURL', 'path', 'chart'].map((key) => textAt(source, [key]))),
  ];
  return texts[0] !== undefined && !texts.some(isUnfilled);
}

function reportUnfilled(object: Tracked, name: string, reader: SourceReader): void {
  reader.reportAt((valueAt(object, ['spec', 'template']) ?? object).origin, {
    code: 'MANIFEST_REFERENCE_MISSING',
    severity: 'warning',
    message: `The name, source or destination of the Application ${name.slice(0, 100)} depends on a parameter or function that is not known here; what it deploys is missing.`,
    remedy: 'Nothing is wrong if Argo CD fills it in; workloads of the Application are left alone.',
  });
}

function asApplication(object: Tracked, rendered: Tracked): Tracked {
  const kind = valueAt(object, ['kind']) ?? rendered;
  const application: TrackedScalar = { kind: 'scalar', value: 'Application', style: 'plain', origin: kind.origin };
  const apiVersion = valueAt(object, ['apiVersion']) ?? application;
  const namespace = valueAt(object, ['metadata', 'namespace']);
  const typed = setAt(setAt(rendered, ['apiVersion'], apiVersion), ['kind'], application);
  const placed = namespace === undefined ? typed : setAt(typed, ['metadata', 'namespace'], namespace);
  const obstacle = patchObstacle(object);
  return obstacle === undefined ? placed : withObstacle(placed, obstacle);
}
