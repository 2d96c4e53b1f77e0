import type { FileColumns } from '../file-columns.ts';

/**
 * JSON text from a list of `{key, value}`; entries without a value are left out, equal keys stay as they are. Not made
 * through a MAP, which fails the whole file on two equal keys.
 */
export function jsonOfEntries(entries: string): string {
  return `'{' || array_to_string(list_transform(
    list_filter(${entries}, lambda entry: entry.key IS NOT NULL AND entry.value IS NOT NULL AND entry.value <> ''),
    lambda entry: concat(to_json(CAST(entry.key AS VARCHAR)), ':', to_json(CAST(entry.value AS VARCHAR)))), ',') || '}'`;
}

/** The `{key, value}` list of a column that holds a MAP, such a list already, BigQuery's list/element groups, or JSON text. */
export function entriesOf(columns: FileColumns, name: string): string {
  const type = columns.type(name);
  if (!columns.has(name)) return `CAST([] AS STRUCT("key" VARCHAR, "value" VARCHAR)[])`;
  if (/^MAP\(/i.test(type)) return `map_entries("${name}")`;
  if (/^STRUCT\("?key"? .*\)\[\]$/i.test(type)) return `"${name}"`;
  if (/^STRUCT\("?list"? STRUCT\("?element"? /i.test(type)) {
    return `list_transform("${name}"."list", lambda item: item."element")`;
  }
  const json = `CASE WHEN json_valid(CAST("${name}" AS VARCHAR)) THEN CAST("${name}" AS JSON) END`;
  return `CASE json_type(${json})
    WHEN 'OBJECT' THEN map_entries(TRY_CAST(${json} AS MAP(VARCHAR, VARCHAR)))
    WHEN 'ARRAY' THEN CAST(from_json(${json}, '[{"key":"VARCHAR","value":"VARCHAR"}]') AS STRUCT("key" VARCHAR, "value" VARCHAR)[])
    ELSE CAST([] AS STRUCT("key" VARCHAR, "value" VARCHAR)[]) END`;
}

/** JSON text of a column that holds JSON text, a MAP, a STRUCT or a list of entries. */
export function jsonText(columns: FileColumns, name: string): string {
  const type = columns.type(name);
  if (/^STRUCT\("?key"? .*\)\[\]$/i.test(type)) return jsonOfEntries(`"${name}"`);
  if (/^(MAP|STRUCT)\(/.test(type)) return `CAST(to_json("${name}") AS VARCHAR)`;
  return `nullif(nullif(CAST("${name}" AS VARCHAR), ''), 'NULL')`;
}
