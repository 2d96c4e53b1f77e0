import { isMap, isScalar, isSeq, type Document, type YAMLMap, type YAMLSeq } from 'yaml';
import type { AbsentField, LeverValue } from '../../domain/index.ts';
import { literalBlock } from '../embedded-yaml.ts';
import { parseYaml } from '../parse-yaml.ts';
import type { Tracked } from '../tracked.ts';
import { isPlain, isSameExceptAt, type Plain } from './compare-documents.ts';
import { keyText, layOut, type Layout } from './insertion-text.ts';
import { inside, locate, readDocuments, refused, type EditResult, type Refusal } from './read-documents.ts';

/** A map or list of the file, and where its offsets lie in the file's text. */
interface Container {
  readonly node: YAMLMap | YAMLSeq;
  readonly offsetInFile: (offset: number) => number;
}

/**
 * Adds a key, or an item of a list, in the file's own indentation and line endings; no line that is there changes. A
 * scalar goes above the first nested value of its map, and everything else to the map's end. Refused unless the result,
 * parsed again, means what the text meant with exactly this added.
 */
export function insertField(text: string, field: AbsentField, value: LeverValue): EditResult {
  const before = readDocuments(text, field);
  if (before.kind === 'refused') return before;
  const present = field.yamlPath.slice(0, field.presentDepth);
  const container = findContainer(before.parsed[field.documentIndex], before.tracked[field.documentIndex], present);
  if (container.kind === 'refused') return container;
  const missing = field.yamlPath.slice(field.presentDepth).map(String);
  const added = addedValue(field, value);
  const splice = findSplice(text, container, { path: field.path, keys: missing, added });
  if (splice.kind === 'refused') return splice;
  const edited = `${text.slice(0, splice.at)}${splice.text}${text.slice(splice.at)}`;
  const after = readDocuments(edited, field);
  if (after.kind === 'refused') return after;
  const isWanted = (old: Tracked | undefined, found: Tracked | undefined): boolean =>
    isExtended(resolve(old), resolve(found), missing, added);
  if (!isSameExceptAt(before, after, { documentIndex: field.documentIndex, yamlPath: present }, isWanted)) {
    return refused('unsupported-value', 'adding the field would change something else too');
  }
  return { kind: 'edited', text: edited };
}

/** What is written at the end of the missing keys. */
function addedValue(field: AbsentField, value: LeverValue): Plain {
  const { insertion, yamlPath } = field;
  switch (insertion.kind) {
    case 'key': {
      // The values of these maps are texts; a bare number or boolean there is refused by the cluster.
      const isText = ['annotations', 'labels', 'nodeSelector'].includes(String(yamlPath.at(-2)));
      return isText ? String(value) : value;
    }
    case 'replicas-entry':
      return [{ name: insertion.name, count: value }];
    case 'patch-entry': {
      const { target, operation, pointer } = insertion;
      const isText = /\/(?:annotations|labels|nodeSelector)\/[^/]+$/.test(pointer);
      const text = isText ? JSON.stringify(String(value)) : keyText(value);
      const patch = `- op: ${operation}\n  path: ${keyText(pointer)}\n  value: ${text}`;
      return [{ target: { kind: target.kind, name: target.name }, patch }];
    }
  }
}

function resolve(value: Tracked | undefined): Tracked | undefined {
  return value?.kind === 'scalar' ? inside(value) : value;
}

/** Whether a map has got one more key, or a list one more item, of the wanted meaning, and is the same otherwise. */
function isExtended(
  before: Tracked | undefined,
  after: Tracked | undefined,
  keys: readonly string[],
  added: Plain,
): boolean {
  const [key, ...rest] = keys;
  if (key === undefined) {
    return (
      Array.isArray(added) &&
      before?.kind === 'list' &&
      after?.kind === 'list' &&
      after.items.length === before.items.length + 1 &&
      isPlain(after.items.at(-1), added[0] ?? null)
    );
  }
  const wanted = rest.reduceRight<Plain>((inner, name) => ({ [name]: inner }), added);
  return (
    before?.kind === 'map' &&
    after?.kind === 'map' &&
    !before.entries.has(key) &&
    after.entries.size === before.entries.size + 1 &&
    isPlain(after.entries.get(key), wanted)
  );
}

/** The collection at a path of the parsed document; goes on inside a literal block that holds YAML. */
function findContainer(
  document: Document | undefined,
  root: Tracked | undefined,
  yamlPath: readonly (string | number)[],
): ({ readonly kind: 'found' } & Container) | Refusal {
  let node: unknown = document?.contents;
  let tracked = root;
  let offsetInFile = (offset: number): number => offset;
  const enterText = (): void => {
    if (!isScalar(node) || tracked?.kind !== 'scalar') return;
    const block = tracked.style === 'literal' ? literalBlock(tracked) : undefined;
    const outcome = block === undefined ? undefined : parseYaml(block.text);
    tracked = inside(tracked);
    node = outcome?.kind === 'parsed' && outcome.documents.length === 1 ? outcome.documents[0]?.contents : undefined;
    if (block !== undefined) ({ offsetInFile } = block);
  };
  for (const step of yamlPath) {
    enterText();
    tracked = locate(tracked, [step]);
    if (isMap(node)) node = node.items.find(({ key }) => isScalar(key) && keyOf(key) === String(step))?.value;
    else node = isSeq(node) && typeof step === 'number' ? node.items[step] : undefined;
  }
  enterText();
  if (!isMap(node) && !isSeq(node)) return refused('field-absent', 'the map that the field belongs to is not there');
  const obstacle = tracked?.origin.obstacle;
  if (obstacle !== undefined) return refused(obstacle.reason, obstacle.detail);
  return { kind: 'found', node, offsetInFile };
}

function keyOf(key: { readonly source?: string; readonly value: unknown }): string {
  return key.source ?? String(key.value);
}

type Splice = { readonly kind: 'splice'; readonly at: number; readonly text: string };

function findSplice(
  text: string,
  { node, offsetInFile }: Container,
  what: { readonly path: string; readonly keys: readonly string[]; readonly added: Plain },
): Splice | Refusal {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const file: FileText = { text, offsetInFile, eol, isJson: /\.json$/i.test(what.path) };
  if (node.flow === true) return isMap(node) ? intoFlowMap(file, node, what) : inFlowStyle();
  const [first] = node.items;
  if (first === undefined) return refused('unsupported-value', 'the map that the field belongs to is empty');
  const start = startOf(first);
  if (start === undefined) return inFlowStyle();
  const column = columnOf(file, isSeq(node) ? dashBefore(file, start) : offsetInFile(start));
  const isTop = isMap(node) && what.keys.length > 0 && !Array.isArray(what.added);
  const at = (isTop ? aboveFirstNested(file, node) : undefined) ?? endOfContent(file, node);
  const layout: Layout = { column, ...styleOf(file, node) };
  const lines = layOut(what.keys, what.added, layout).map((line) => `${line}${file.eol}`);
  return linesAt(file, at, lines.join(''));
}

interface FileText {
  readonly text: string;
  readonly offsetInFile: (offset: number) => number;
  readonly eol: string;
  readonly isJson: boolean;
}

function inFlowStyle(): Refusal {
  return refused('unsupported-value', 'the list is written in flow style ([…]); write it as a block');
}

/** Whole lines at the beginning of a line, or behind the last line where that has no line end. */
function linesAt({ text, eol }: FileText, at: number, lines: string): Splice {
  const isAfterOpenLine = at > 0 && text[at - 1] !== '\n';
  return isAfterOpenLine
    ? { kind: 'splice', at, text: `${eol}${lines.slice(0, -eol.length)}` }
    : { kind: 'splice', at, text: lines };
}

function intoFlowMap(
  file: FileText,
  node: YAMLMap,
  { keys, added }: { readonly keys: readonly string[]; readonly added: Plain },
): Splice | Refusal {
  if (Array.isArray(added)) return inFlowStyle();
  const [first] = node.items;
  const open = file.offsetInFile(node.range?.[0] ?? 0) + 1;
  const isJson = file.isJson || (isScalar(first?.key) && first.key.type === 'QUOTE_DOUBLE');
  const render = (plain: Plain): string => (isJson ? JSON.stringify(plain) : keyText(plain));
  const inner = keys.slice(1).map((key) => `{${render(key)}: `);
  const text = `${render(keys[0] ?? '')}: ${inner.join('')}${render(added)}${'}'.repeat(inner.length)}`;
  if (first === undefined) return { kind: 'splice', at: open, text };
  // Between the brace and the first key stands the map's own padding, which the new key gets too.
  const firstStart = file.offsetInFile(startOf(first) ?? 0);
  const padding = file.text.slice(open, firstStart);
  if (!/^\s*$/.test(padding)) return refused('unsupported-value', 'a comment stands where the field would go');
  return { kind: 'splice', at: firstStart, text: `${text},${padding === '' ? ' ' : padding}` };
}

/** Where the first pair or item begins. */
function startOf(item: unknown): number | undefined {
  if (item !== null && typeof item === 'object' && 'key' in item) {
    return isScalar(item.key) ? item.key.range?.[0] : undefined;
  }
  return isScalar(item) || isMap(item) || isSeq(item) ? item.range?.[0] : undefined;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function columnOf({ text }: FileText, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Where the dash stands in front of a list's item. */
function dashBefore({ text, offsetInFile }: FileText, start: number): number {
  return text.lastIndexOf('-', offsetInFile(start) - 1);
}

/** The line where the first key with a nested value begins; undefined where a comment above might belong to it. */
function aboveFirstNested(file: FileText, node: YAMLMap): number | undefined {
  const nested = node.items.findIndex(({ value }) => (isMap(value) || isSeq(value)) && value.flow !== true);
  const previous = node.items[nested - 1];
  if (previous !== undefined) return endOfPair(file, previous);
  const start = nested === 0 ? startOf(node.items[0]) : undefined;
  if (start === undefined) return undefined;
  const line = lineStart(file.text, file.offsetInFile(start));
  const isOwnLine = file.text.slice(line, file.offsetInFile(start)).trim() === '';
  const above = file.text.slice(lineStart(file.text, line - 1), line).trim();
  const isCommentAbove = line === 0 || above === '' || above.startsWith('#');
  return isOwnLine && !isCommentAbove ? line : undefined;
}

/** The beginning of the line after a collection's last content; blank lines and comments below stay below. */
function endOfContent(file: FileText, node: YAMLMap | YAMLSeq): number {
  const last: unknown = node.items.at(-1);
  if (last !== null && typeof last === 'object' && 'key' in last) return endOfPair(file, last as YAMLMap['items'][0]);
  return endOfNode(file, last);
}

function endOfPair(file: FileText, pair: { readonly key: unknown; readonly value: unknown }): number {
  return pair.value === null || pair.value === undefined ? endOfNode(file, pair.key) : endOfNode(file, pair.value);
}

function endOfNode(file: FileText, node: unknown): number {
  if ((isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0) return endOfContent(file, node);
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  const end = file.offsetInFile(Array.isArray(range) ? Number(range[1]) : 0);
  if (end > 0 && file.text[end - 1] === '\n') return end;
  const newline = file.text.indexOf('\n', end);
  return newline === -1 ? file.text.length : newline + 1;
}

/** How the file indents: taken from the nearest example in it, else two spaces and lists indented. */
function styleOf(file: FileText, node: YAMLMap | YAMLSeq): Pick<Layout, 'step' | 'listStep'> {
  let step: number | undefined;
  let listStep: number | undefined;
  const waiting: unknown[] = [node];
  for (
    let next = waiting.shift();
    next !== undefined && (step === undefined || listStep === undefined);
    next = waiting.shift()
  ) {
    if (isSeq(next)) waiting.push(...next.items.slice(0, 5));
    if (!isMap(next) || next.flow === true) continue;
    for (const { key, value } of next.items) {
      const keyStart = isScalar(key) ? key.range?.[0] : undefined;
      if (keyStart === undefined || !(isMap(value) || isSeq(value)) || value.flow === true) continue;
      waiting.push(value);
      const innerStart = startOf(value.items[0]);
      if (innerStart === undefined) continue;
      const column = columnOf(file, file.offsetInFile(keyStart));
      if (isMap(value)) step ??= columnOf(file, file.offsetInFile(innerStart)) - column;
      else listStep ??= columnOf(file, dashBefore(file, innerStart)) - column;
    }
  }
  const isSane = (width: number | undefined): width is number => width !== undefined && width >= 0 && width <= 8;
  return { step: isSane(step) && step > 0 ? step : 2, listStep: isSane(listStep) ? listStep : 2 };
}
