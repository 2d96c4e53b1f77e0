/** A column of a file, under a name of our own making: nothing that a file says gets into SQL. */
export interface FileColumn {
  /** A format's own name for it, or `column 7` when it is not read. */
  readonly name: string;
  /** DuckDB's type of it; VARCHAR in CSV. */
  readonly type: string;
}

/** A resource tag that has a column of its own; its key is bound, never written into SQL. */
export interface TagColumn {
  readonly key: string;
  readonly column: string;
}

/** The columns of one file that a format reads, as SQL expressions over our own names. */
export class FileColumns {
  readonly all: readonly FileColumn[];
  readonly tagColumns: readonly TagColumn[];
  readonly #types: ReadonlyMap<string, string>;

  constructor(all: readonly FileColumn[], tagColumns: readonly TagColumn[] = []) {
    this.all = all;
    this.tagColumns = tagColumns;
    this.#types = new Map(all.map((column) => [column.name, column.type]));
  }

  has(name: string): boolean {
    return this.#types.has(name);
  }

  /** DuckDB's type; `NULL` for an absent column. */
  type(name: string): string {
    return this.#types.get(name) ?? 'NULL';
  }

  /** Whether the file has the column as text, number or the like, not as a nested value. */
  isFlat(name: string): boolean {
    return (
      this.has(name) && !/\(.*\)(\[\])*$|\[\]$/.test(this.type(name).replace(/^DECIMAL\(\d+,\s*\d+\)$/, 'DECIMAL'))
    );
  }

  raw(name: string): string {
    return this.has(name) ? `"${name}"` : 'NULL';
  }

  /** Text; empty is NULL. */
  text(name: string): string {
    return this.has(name) ? `nullif(CAST("${name}" AS VARCHAR), '')` : 'CAST(NULL AS VARCHAR)';
  }

  /** The first of several columns that is filled. */
  firstText(...names: readonly string[]): string {
    const present = names.filter((name) => this.has(name)).map((name) => this.text(name));
    return present.length === 0 ? 'CAST(NULL AS VARCHAR)' : `coalesce(${present.join(', ')})`;
  }

  /** A decimal with the ledger's ten places; what is none becomes NULL and is found by validation. */
  cost(name: string): string {
    return `TRY_CAST(${this.raw(name)} AS DECIMAL(25,10))`;
  }

  /** As {@link cost}, for amounts that may be left out. */
  costOrZero(name: string): string {
    return `coalesce(${this.cost(name)}, 0)`;
  }

  /** UTC; a time without a zone is UTC already. */
  time(name: string): string {
    return `CAST(TRY_CAST(${this.raw(name)} AS TIMESTAMPTZ) AS TIMESTAMP)`;
  }

  double(name: string): string {
    return `TRY_CAST(${this.raw(name)} AS DOUBLE)`;
  }
}
