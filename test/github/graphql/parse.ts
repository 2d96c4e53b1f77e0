/** One field that a query asks for. */
export interface Field {
  readonly name: string;
  /** The name in the answer: the alias, or the field's own. */
  readonly key: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly fields: readonly Field[];
  /** The type of the fragment that it stands in; undefined outside of fragments. */
  readonly onType: string | undefined;
}

export interface Document {
  readonly kind: 'query' | 'mutation';
  readonly fields: readonly Field[];
}

const token = /[\s,]+|#[^\n]*|"""([\s\S]*?)"""|"(?:[^"\\]|\\.)*"|\.\.\.|-?\d+(?:\.\d+)?|[A-Za-z_]\w*|[$!(){}[\]:=@]/y;

/**
 * Reads the part of GraphQL that clients of GitHub write: one operation, arguments, variables, aliases and inline
 * fragments. Throws for everything else.
 */
export function parseGraphql(text: string, variables: Readonly<Record<string, unknown>>): Document {
  const reader = new Reader(tokenize(text), variables);
  return reader.document();
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const [found] = token.exec(text) ?? [];
    if (found === undefined) throw new Error(`Parse error on ${JSON.stringify(text.slice(at, at + 12))}`);
    if (!/^[\s,#]/.test(found)) tokens.push(found);
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly string[];
  readonly #variables: Readonly<Record<string, unknown>>;
  #at = 0;

  constructor(tokens: readonly string[], variables: Readonly<Record<string, unknown>>) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  document(): Document {
    let kind: Document['kind'] = 'query';
    if (this.#peek() !== '{') {
      const word = this.#next();
      if (word !== 'query' && word !== 'mutation') throw new Error(`Parse error on ${JSON.stringify(word)}`);
      kind = word;
      while (this.#peek() !== '{') this.#skipHeader();
    }
    const fields = this.#selection(undefined);
    if (this.#peek() !== undefined) throw new Error('only one operation, without named fragments, is understood here');
    return { kind, fields };
  }

  // The name and the declared variables; their values are checked by who reads them.
  #skipHeader(): void {
    if (this.#peek() !== '(') {
      this.#next();
      return;
    }
    let depth = 0;
    do {
      const word = this.#next();
      if (word === '(') depth += 1;
      if (word === ')') depth -= 1;
    } while (depth > 0);
  }

  #selection(onType: string | undefined): readonly Field[] {
    this.#expect('{');
    const fields: Field[] = [];
    while (this.#peek() !== '}') {
      if (this.#peek() === '...') {
        this.#next();
        this.#expect('on');
        const type = this.#next();
        fields.push(...this.#selection(type));
      } else fields.push(this.#field(onType));
    }
    this.#expect('}');
    return fields;
  }

  #field(onType: string | undefined): Field {
    const first = this.#next();
    let name = first;
    if (this.#peek() === ':') {
      this.#next();
      name = this.#next();
    }
    const args = this.#peek() === '(' ? this.#pairs('(', ')') : {};
    const fields = this.#peek() === '{' ? this.#selection(undefined) : [];
    return { name, key: first, args, fields, onType };
  }

  #pairs(open: string, close: string): Record<string, unknown> {
    this.#expect(open);
    const pairs: Record<string, unknown> = {};
    while (this.#peek() !== close) {
      const name = this.#next();
      this.#expect(':');
      pairs[name] = this.#value();
    }
    this.#expect(close);
    return pairs;
  }

  #value(): unknown {
    const word = this.#peek();
    if (word === '{') return this.#pairs('{', '}');
    if (word === '[') {
      this.#next();
      const values: unknown[] = [];
      while (this.#peek() !== ']') values.push(this.#value());
      this.#expect(']');
      return values;
    }
    const read = this.#next();
    if (read === '$') return this.#variables[this.#next()];
    if (read.startsWith('"""')) return read.slice(3, -3);
    if (read.startsWith('"') || /^-?\d/.test(read)) return JSON.parse(read) as unknown;
    if (read === 'true' || read === 'false') return read === 'true';
    return read === 'null' ? null : read;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const word = this.#tokens[this.#at];
    if (word === undefined) throw new Error('Unexpected end of document');
    this.#at += 1;
    return word;
  }

  #expect(wanted: string): void {
    const word = this.#next();
    if (word !== wanted) throw new Error(`Parse error on ${JSON.stringify(word)}, expecting ${JSON.stringify(wanted)}`);
  }
}
