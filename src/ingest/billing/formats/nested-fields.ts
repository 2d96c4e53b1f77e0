import type { FileColumns } from '../file-columns.ts';

/** The fields of DuckDB's spelling of a STRUCT type with their types: `STRUCT(id VARCHAR, price STRUCT(…))`. */
export function structFields(type: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (!/^STRUCT\(.*\)$/i.test(type)) return fields;
  let depth = 0;
  let quoted = false;
  let start = 0;
  const body = type.slice('STRUCT('.length, -1);
  for (let index = 0; index <= body.length; index += 1) {
    const character = body.charAt(index);
    if (character === '"') quoted = !quoted;
    if (quoted) continue;
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (index < body.length && (character !== ',' || depth > 0)) continue;
    const parts = /^\s*(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(body.slice(start, index));
    if (parts !== null) fields.set((parts[1] ?? parts[2] ?? '').replaceAll('""', '"').toLowerCase(), parts[3] ?? '');
    start = index + 1;
  }
  return fields;
}

/**
 * Text of one field of a nested column, which may be a STRUCT or JSON; where the export is flat, of the column that is
 * named after both, such as `sku_id` or `sku.id`. Both names are our own.
 */
export function nestedText(columns: FileColumns, column: string, field: string): string {
  if (!columns.has(column)) return columns.text(`${column}_${field}`);
  const fields = structFields(columns.type(column));
  if (fields.has(field)) return `nullif(CAST(struct_extract("${column}", '${field}') AS VARCHAR), '')`;
  if (fields.size > 0) return 'CAST(NULL AS VARCHAR)';
  return `nullif(TRY(json_extract_string(CAST("${column}" AS VARCHAR), '/${field}')), '')`;
}

/** A nested amount that is a list of structs, summed; 0 where there is none. */
export function summedAmounts(columns: FileColumns, column: string, condition = 'true'): string {
  if (!columns.has(column)) return 'CAST(0 AS DECIMAL(25,10))';
  return `coalesce(list_sum(list_transform(list_filter(${structList(columns, column)}, lambda item: ${condition}),
    lambda item: TRY_CAST(item.amount AS DECIMAL(25,10)))), 0)`;
}

/** Whether a list of structs holds one for which the condition on `item` is true. */
export function anyItem(columns: FileColumns, column: string, condition: string): string {
  if (!columns.has(column)) return 'false';
  return `coalesce(len(list_filter(${structList(columns, column)}, lambda item: ${condition})) > 0, false)`;
}

/** `amount` and `type` of each credit, whatever the column's type. */
function structList(columns: FileColumns, column: string): string {
  const type = columns.type(column);
  if (/^STRUCT\("?list"? STRUCT\("?element"? /i.test(type)) {
    return `list_transform("${column}"."list", lambda item: item."element")`;
  }
  if (/^STRUCT\(.*\)\[\]$/i.test(type)) return `"${column}"`;
  return `TRY(from_json(CAST("${column}" AS VARCHAR), '[{"amount":"VARCHAR","type":"VARCHAR"}]'))`;
}
