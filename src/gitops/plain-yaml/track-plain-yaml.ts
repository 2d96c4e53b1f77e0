import type { DecidingMechanism } from '../../domain/index.ts';
import type { Origin, SourceFile, Tracked, TrackedScalar } from '../tracked.ts';
import { blockPlainScalar, flowScalar, keyAt, literalScalar, quotedScalar, type PlainScalar } from './plain-scalars.ts';
import { splitDocuments, type DocumentSlice } from './split-documents.ts';

type Path = readonly (string | number)[];

export interface PlainYamlOptions {
  readonly file: SourceFile;
  readonly mechanism: DecidingMechanism;
}

/** Thrown where a text leaves what is read here; the parser then reads the whole file. */
class NotPlain extends Error {
  override readonly name = 'NotPlain';
}

/** Below the parser path's limits of values and levels, which it reports. */
const charactersMax = 300_000;
const depthMax = 150;

/** Tabs, carriage returns, marks and control characters. */
const needsParser = /[^\n -~\u00a0-\u2027\u202a-\ufefe\uff00-\uffef]/;

/**
 * Reads a file exactly as `parseYaml` and `trackDocument` do, several times faster, where it is written as almost all
 * manifests are: block style, keys and scalars on one line each, literal blocks, flow collections on one line, comments.
 * Undefined for everything else, also for anything that could be an error: then the parser reads, and decides.
 */
export function trackPlainYaml(text: string, options: PlainYamlOptions): readonly Tracked[] | undefined {
  if (text.length > charactersMax || needsParser.test(text)) return undefined;
  try {
    return splitDocuments(text)?.flatMap((slice) => new PlainDocument(text, slice, options).read() ?? []);
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

class PlainDocument {
  private readonly text: string;
  private readonly slice: DocumentSlice;
  private readonly options: PlainYamlOptions;
  /** Where the next line begins that was not looked at. */
  private next: number;
  /** The line to be read: its indentation, where its content begins, and where it ends. */
  private column = 0;
  private at = 0;
  private lineEnd = 0;

  constructor(text: string, slice: DocumentSlice, options: PlainYamlOptions) {
    this.text = text;
    this.slice = slice;
    this.options = options;
    this.next = slice.start;
  }

  /** Undefined when there is nothing in it. @throws NotPlain */
  read(): Tracked | undefined {
    if (!this.nextLine()) {
      // Behind a marker it is a document all the same, whose value is null.
      if (this.slice.start > 0) throw new NotPlain();
      return undefined;
    }
    if (this.column !== 0) throw new NotPlain();
    const root = this.block([]);
    // What SOPS encrypts is marked as a whole file.
    const isEncrypted = root.kind === 'map' && root.entries.has('sops');
    if (isEncrypted || this.at < this.slice.end) throw new NotPlain();
    return root;
  }

  /** Goes to the next line that is neither empty nor a comment; false at the end, where the column is -1. */
  private nextLine(): boolean {
    const { text, slice } = this;
    while (this.next < slice.end) {
      let at = this.next;
      while (text.charCodeAt(at) === 0x20) at += 1;
      const newline = text.indexOf('\n', at);
      const lineEnd = newline === -1 || newline > slice.end ? slice.end : newline;
      const column = at - this.next;
      this.next = lineEnd + 1;
      if (at >= lineEnd || text.charCodeAt(at) === 0x23) continue;
      this.column = column;
      this.at = at;
      this.lineEnd = lineEnd;
      return true;
    }
    this.column = -1;
    this.at = slice.end;
    return false;
  }

  private block(path: Path): Tracked {
    if (path.length > depthMax) throw new NotPlain();
    return this.isDash() ? this.sequence(path) : this.mapping(path);
  }

  private isDash(): boolean {
    const { text, at } = this;
    return text.charCodeAt(at) === 0x2d && (at + 1 >= this.lineEnd || text.charCodeAt(at + 1) === 0x20);
  }

  private mapping(path: Path): Tracked {
    const { column, at: start } = this;
    const entries = new Map<string, Tracked>();
    do {
      const found = keyAt(this.text, this.at);
      if (found === undefined || found.colon >= this.lineEnd || entries.has(found.key)) throw new NotPlain();
      entries.set(found.key, this.value(found.colon + 1, column, [...path, found.key], 'key'));
      if (this.column > column) throw new NotPlain();
    } while (this.column === column && !this.isDash());
    if (this.column === column) throw new NotPlain();
    return { kind: 'map', entries, origin: this.origin(start, start, path) };
  }

  private sequence(path: Path): Tracked {
    const { column, at: start } = this;
    const items: Tracked[] = [];
    do {
      items.push(this.item(column, [...path, items.length]));
      if (this.column > column) throw new NotPlain();
    } while (this.column === column && this.isDash());
    return { kind: 'list', items, origin: this.origin(start, start, path) };
  }

  private item(column: number, path: Path): Tracked {
    let content = this.at + 1;
    while (content < this.lineEnd && this.text.charCodeAt(content) === 0x20) content += 1;
    const isCompact = content < this.lineEnd && this.text.charCodeAt(content) !== 0x23;
    if (isCompact) {
      const dash = this.at;
      this.at = content;
      if (this.isDash() || keyAt(this.text, content) !== undefined) {
        this.column = column + (content - dash);
        return this.block(path);
      }
      this.at = dash;
    }
    return this.value(this.at + 1, column, path, 'item');
  }

  /** What stands behind a colon or a dash: a scalar or flow collection on its line, or a block below it. */
  private value(after: number, column: number, path: Path, of: 'key' | 'item'): Tracked {
    const { text, lineEnd } = this;
    let at = after;
    while (at < lineEnd && text.charCodeAt(at) === 0x20) at += 1;
    const isEmpty = at >= lineEnd || (text.charCodeAt(at) === 0x23 && at > after);
    if (isEmpty) {
      this.nextLine();
      const isBelow = this.column > column || (of === 'key' && this.column === column && this.isDash());
      if (isBelow) return this.block(path);
      return { kind: 'scalar', value: null, style: 'plain', origin: this.origin(at, at, path) };
    }
    const first = text[at];
    if (first === '|') return this.literal(at, column, path);
    if (first === '[' || first === '{') {
      const flow = this.flow(at, path);
      this.expectLineEnd(flow.end);
      return flow.value;
    }
    const isQuoted = first === '"' || first === "'";
    const scalar = isQuoted ? quotedScalar(text, at) : blockPlainScalar(text, at, lineEnd);
    if (scalar === undefined) throw new NotPlain();
    this.expectLineEnd(scalar.end);
    return this.scalar(scalar, at, path);
  }

  /** Only spaces and a comment may follow; then goes to the next line. */
  private expectLineEnd(end: number): void {
    const rest = this.text.slice(end, this.lineEnd);
    if (rest !== '' && !/^ +(?:#.*)?$/.test(rest)) throw new NotPlain();
    this.nextLine();
  }

  private literal(start: number, column: number, path: Path): Tracked {
    const { lineEnd, slice } = this;
    const scalar = literalScalar(this.text, { start, lineEnd, column, documentEnd: slice.end });
    if (scalar === undefined) throw new NotPlain();
    this.next = scalar.end;
    this.nextLine();
    const { value, style, end } = scalar;
    return { kind: 'scalar', value, style, origin: this.origin(start, end, path) };
  }

  /** `[…]` or `{…}` on one line. */
  private flow(start: number, path: Path): { readonly value: Tracked; readonly end: number } {
    const { text } = this;
    if (path.length > depthMax) throw new NotPlain();
    if (text[start] !== '[' && text[start] !== '{') {
      const scalar = flowScalar(text, start);
      if (scalar === undefined) throw new NotPlain();
      return { value: this.scalar(scalar, start, path), end: scalar.end };
    }
    const isList = text[start] === '[';
    const close = isList ? ']' : '}';
    const items: Tracked[] = [];
    const entries = new Map<string, Tracked>();
    let at = this.skipSpaces(start + 1);
    while (text[at] !== close) {
      const found = isList ? undefined : keyAt(text, at);
      const isKnown = isList || (found !== undefined && text[found.colon + 1] === ' ' && !entries.has(found.key));
      if (!isKnown) throw new NotPlain();
      const from = found === undefined ? at : this.skipSpaces(found.colon + 1);
      const inner = this.flow(from, [...path, found?.key ?? items.length]);
      if (found === undefined) items.push(inner.value);
      else entries.set(found.key, inner.value);
      at = this.skipSpaces(inner.end);
      if (text[at] === close) break;
      if (text[at] !== ',') throw new NotPlain();
      at = this.skipSpaces(at + 1);
      if (text[at] === close) throw new NotPlain();
    }
    const origin = this.origin(start, start, path);
    return { value: isList ? { kind: 'list', items, origin } : { kind: 'map', entries, origin }, end: at + 1 };
  }

  private skipSpaces(from: number): number {
    let at = from;
    while (at < this.lineEnd && this.text.charCodeAt(at) === 0x20) at += 1;
    if (at >= this.lineEnd) throw new NotPlain();
    return at;
  }

  private scalar({ value, style, end }: PlainScalar, start: number, path: Path): TrackedScalar {
    if (end > this.lineEnd) throw new NotPlain();
    return { kind: 'scalar', value, style, origin: this.origin(start, end, path) };
  }

  private origin(start: number, end: number, yamlPath: Path): Origin {
    const { file, mechanism } = this.options;
    const { documentIndex } = this.slice;
    return { file, documentIndex, yamlPath, start, end, mechanism, obstacle: file.obstacle };
  }
}
