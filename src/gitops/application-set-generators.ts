import path from 'node:path';
import { isThisRepository } from './flux.ts';
import type { Globs, GlobStars } from './globs.ts';
import { mergeValues } from './merge-patch.ts';
import type { SourceReader } from './source-reader.ts';
import { withPath } from './application-set-path.ts';
import { isUnfilled, renderTemplate, type Parameters, type TemplateLanguage } from './application-set-template.ts';
import { isSameData, itemsAt, textAt, valueAt, type Tracked, type TrackedMap } from './tracked.ts';

export interface GeneratorContext {
  readonly reader: SourceReader;
  readonly globs: Globs;
  readonly language: TemplateLanguage;
  /** Shared by all generators of one ApplicationSet. */
  readonly work: GeneratorWork;
}

/** How many values matrices may still fill in: a matrix of matrices that gives nothing must end too. */
export interface GeneratorWork {
  valuesLeft: number;
}

export const generatorValuesMax = 2_000_000;

/** One Application's parameters, and the template that its generator lays over the ApplicationSet's. */
export interface Generated {
  readonly parameters: Parameters;
  readonly template: Tracked | undefined;
}

/** An ApplicationSet that makes more is cut off. */
export const generatedMax = 2_000;

/** Argo CD allows a matrix or merge inside a matrix or merge, once. */
const depthMax = 4;

/** What one generator gives; what is not known from the repository is reported, and gives nothing. */
export function generate(generator: Tracked, context: GeneratorContext, depth = 0): readonly Generated[] {
  const kind = ['list', 'git', 'matrix', 'merge'].find((key) => valueAt(generator, [key]) !== undefined);
  const other = generator.kind === 'map' ? [...generator.entries.keys()].find((key) => key !== 'selector') : undefined;
  if (kind === undefined) return unknown(generator, context, `makes them with ${other ?? 'no'} generator`);
  if (valueAt(generator, ['selector']) !== undefined) return unknown(generator, context, 'selects them by a selector');
  if (depth >= depthMax) return unknown(generator, context, 'nests generators too deeply');
  const body = valueAt(generator, [kind]) ?? generator;
  const sets = parametersOf(kind, body, { ...context, depth });
  if (sets === undefined) return [];
  if (sets.length > generatedMax) {
    report(generator, context, `makes more than ${generatedMax} Applications; the rest`);
  }
  const template = valueAt(body, ['template']);
  return sets.slice(0, generatedMax).map((parameters) => ({ parameters, template }));
}

type Nested = GeneratorContext & { readonly depth: number };

function parametersOf(kind: string, body: Tracked, context: Nested): readonly Parameters[] | undefined {
  switch (kind) {
    case 'list':
      return fromList(body, context);
    case 'git':
      return fromGit(body, context);
    case 'matrix':
      return fromMatrix(body, context);
    default:
      return fromMerge(body, context);
  }
}

function unknown(generator: Tracked, context: GeneratorContext, how: string): readonly never[] {
  report(generator, context, `${how}, which the repository does not decide or Flyball does not follow; they`);
  return [];
}

function report(generator: Tracked, { reader }: GeneratorContext, what: string): void {
  reader.reportAt(generator.origin, {
    code: 'MANIFEST_REFERENCE_MISSING',
    severity: 'warning',
    message: `The ApplicationSet ${what} and what they deploy may be missing here.`,
    remedy: 'Nothing is wrong with the file; workloads of these Applications are left alone.',
  });
}

function fromList(body: Tracked, context: Nested): readonly Parameters[] | undefined {
  if (valueAt(body, ['elementsYaml']) !== undefined) {
    unknown(body, context, 'makes them from elementsYaml');
    return undefined;
  }
  return itemsAt(body, ['elements']).flatMap((element) => (element.kind === 'map' ? [element] : []));
}

function fromGit(body: Tracked, context: Nested): readonly Parameters[] | undefined {
  const { reader, language } = context;
  const url = textAt(body, ['repoURL']);
  if (isUnfilled(url) || !isThisRepository(url, reader)) {
    unknown(body, context, 'makes them from another repository');
    return undefined;
  }
  const prefix = textAt(body, ['pathParamPrefix']);
  const isByFile = valueAt(body, ['files']) !== undefined;
  const key = isByFile ? 'files' : 'directories';
  const chosen = choose(itemsAt(body, [key]), () => (isByFile ? reader.files.keys() : visible(reader.folders)), {
    globs: context.globs,
    stars: isByFile ? 'across' : 'segments',
  });
  if (chosen === undefined) {
    unknown(body, context, 'chooses files by a pattern that is missing or too complex');
    return undefined;
  }
  const values = valueAt(body, ['values']);
  const sets = isByFile
    ? chosen
        .slice(0, generatedMax)
        .flatMap((file) =>
          documentsOf(file, reader).map((document) =>
            withPath(document, { folder: path.posix.dirname(file), file }, { prefix, language }),
          ),
        )
    : chosen.slice(0, generatedMax + 1).map((folder) => {
        const empty: Parameters = { kind: 'map', entries: new Map(), origin: body.origin };
        return withPath(empty, { folder, file: undefined }, { prefix, language });
      });
  return values === undefined ? sets : sets.map((parameters) => withValues(parameters, values, language));
}

/** Argo CD passes over hidden folders, and over the root. */
function* visible(folders: ReadonlySet<string>): Iterable<string> {
  for (const folder of folders) if (!/(?:^|\/)\./.test(folder)) yield folder;
}

const patternsMax = 100;

/** A path that one entry includes and none excludes, in order. */
function choose(
  entries: readonly Tracked[],
  paths: () => Iterable<string>,
  how: { readonly globs: Globs; readonly stars: GlobStars },
): readonly string[] | undefined {
  if (entries.length > patternsMax) return undefined;
  const included = new Set<string>();
  const excluded = new Set<string>();
  for (const entry of entries) {
    const pattern = textAt(entry, ['path'])?.replace(/^\.?\//, '');
    const exclude = valueAt(entry, ['exclude']);
    if (pattern === undefined || isUnfilled(pattern)) return undefined;
    const found = how.globs.filter(pattern, how.stars, paths());
    if (found === undefined) return undefined;
    const isExcluded = exclude?.kind === 'scalar' && exclude.value === true;
    for (const one of found) (isExcluded ? excluded : included).add(one);
  }
  return [...included].filter((one) => !excluded.has(one)).toSorted();
}

/** A file's object, or each object of its list. */
function documentsOf(file: string, reader: SourceReader): readonly TrackedMap[] {
  const [document] = reader.track(file, 'argo-applicationset');
  const items = document?.kind === 'list' ? document.items : [document];
  return items.flatMap((item) => (item?.kind === 'map' ? [item] : []));
}

function withValues(parameters: Parameters, values: Tracked, language: TemplateLanguage): Parameters {
  const entries = new Map(parameters.entries);
  entries.set('values', renderTemplate(values, parameters, language));
  return { ...parameters, entries };
}

/** Every pair; the second generator may use the parameters of the first. */
function fromMatrix(body: Tracked, context: Nested): readonly Parameters[] | undefined {
  const [first, second] = itemsAt(body, ['generators']);
  if (first === undefined || second === undefined) return [];
  const pairs: Parameters[] = [];
  const size = countValues(second);
  for (const left of generate(first, context, context.depth + 1)) {
    context.work.valuesLeft -= size;
    if (context.work.valuesLeft < 0) {
      report(body, context, 'has generators that are too large to combine; some Applications');
      return pairs;
    }
    const filled = renderTemplate(second, left.parameters, context.language);
    for (const right of generate(filled, context, context.depth + 1)) {
      pairs.push(mergeParameters(left.parameters, right.parameters, context.language));
      if (pairs.length > generatedMax) return pairs;
    }
  }
  return pairs;
}

/** How many maps, lists and scalars a value is made of. */
export function countValues(value: Tracked): number {
  let count = 0;
  const waiting: Tracked[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    count += 1;
    if (next.kind === 'scalar') continue;
    for (const item of next.kind === 'list' ? next.items : next.entries.values()) waiting.push(item);
  }
  return count;
}

/** The first generator's parameters, with those of the others over them that agree in all `mergeKeys`. */
function fromMerge(body: Tracked, context: Nested): readonly Parameters[] | undefined {
  const keys = itemsAt(body, ['mergeKeys']).map((key) => (key.kind === 'scalar' ? String(key.value) : ''));
  const [first, ...others] = itemsAt(body, ['generators']);
  if (first === undefined || keys.length === 0) return [];
  const identity = (parameters: Parameters): string =>
    JSON.stringify(keys.map((key) => scalarText(parameters.entries.get(key) ?? valueAt(parameters, key.split('.')))));
  const merged = new Map(
    generate(first, context, context.depth + 1).map(({ parameters }) => [identity(parameters), parameters]),
  );
  for (const other of others.slice(0, 20)) {
    for (const { parameters } of generate(other, context, context.depth + 1)) {
      const base = merged.get(identity(parameters));
      if (base !== undefined) merged.set(identity(base), mergeParameters(base, parameters, context.language));
    }
  }
  return [...merged.values()];
}

function scalarText(value: Tracked | undefined): string | null {
  return value?.kind === 'scalar' ? String(value.value) : null;
}

/** What both say alike keeps its first place. */
function mergeParameters(base: Parameters, over: Parameters, language: TemplateLanguage): Parameters {
  const differing = [...over.entries].filter(([key, value]) => !isSameData(value, base.entries.get(key)));
  const rest: Parameters = { ...over, entries: new Map(differing) };
  const merged = language.isGo
    ? mergeValues(base, rest)
    : { ...base, entries: new Map([...base.entries, ...differing]) };
  return merged.kind === 'map' ? merged : base;
}
