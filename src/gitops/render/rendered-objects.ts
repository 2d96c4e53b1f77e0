import { parseYaml } from '../parse-yaml.ts';

/** Plain data of a rendered object. */
type Data = unknown;

/** One field of one rendered object that is not what it was. */
export interface RenderedField {
  readonly kind: string;
  readonly name: string;
  readonly path: readonly string[];
  readonly before: Data;
  readonly after: Data;
}

/** Objects of a rendering by apiVersion, kind, namespace and name; undefined when the text is not YAML. */
export function renderedObjects(text: string): ReadonlyMap<string, Data> | undefined {
  const objects = new Map<string, Data>();
  // One document at a time, at the separators that the tools write: a rendering may be larger than one parse allows.
  for (const part of text.split(/^---(?:[ \t].*)?$/m)) {
    if (part.trim() === '') continue;
    const outcome = parseYaml(part);
    if (outcome.kind === 'invalid') return undefined;
    for (const document of outcome.documents) {
      const data: Data = document.toJS({ maxAliasCount: 100 });
      if (!isMap(data)) continue;
      const metadata = isMap(data['metadata']) ? data['metadata'] : {};
      const key = JSON.stringify([data['apiVersion'], data['kind'], metadata['namespace'], metadata['name']]);
      objects.set(objects.has(key) ? `${key} ${objects.size}` : key, data);
    }
  }
  return objects;
}

/** Every field that differs, of objects that were there before or are there after. */
export function differingFields(
  before: ReadonlyMap<string, Data>,
  after: ReadonlyMap<string, Data>,
): readonly RenderedField[] {
  const found: RenderedField[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key), after.get(key)];
    const object = isMap(now) ? now : isMap(old) ? old : {};
    const metadata = isMap(object['metadata']) ? object['metadata'] : {};
    const named = { kind: String(object['kind']), name: String(metadata['name']) };
    compare(old, now, (path, left, right) => found.push({ ...named, path, before: left, after: right }));
  }
  return found;
}

function compare(
  before: Data,
  after: Data,
  report: (path: readonly string[], before: Data, after: Data) => void,
): void {
  const waiting: { readonly path: readonly string[]; readonly before: Data; readonly after: Data }[] = [
    { path: [], before, after },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path } = next;
    const [left, right] = [next.before, next.after];
    if (Object.is(left, right)) continue;
    if ((isMap(left) && isMap(right)) || (Array.isArray(left) && Array.isArray(right))) {
      const [old, now] = [left as Record<string, Data>, right as Record<string, Data>];
      for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
        waiting.push({ path: [...path, key], before: old[key], after: now[key] });
      }
    } else {
      report(path, left, right);
    }
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
