import { leverKinds, type LeverKind } from '../domain/index.ts';
import type { SourceFile, Tracked, TrackedScalar } from './tracked.ts';

type Marked = ReadonlyMap<LeverKind, readonly TrackedScalar[]>;

/** Trees and files never change, and each is asked about once for every lever. */
const markedIn = new WeakMap<Tracked, Marked>();
const hasMarkers = new WeakMap<SourceFile, boolean>();

/**
 * The scalars below a value that carry the comment `# flyball: <lever>` behind them on their line. It is how an owner
 * settles which of several values is the lever.
 */
export function markedScalars(root: Tracked, kind: LeverKind): readonly TrackedScalar[] {
  const known = markedIn.get(root) ?? findMarked(root);
  markedIn.set(root, known);
  return known.get(kind) ?? [];
}

function findMarked(root: Tracked): Marked {
  const found = new Map<LeverKind, TrackedScalar[]>();
  const waiting: Tracked[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'map') waiting.push(...next.entries.values());
    else if (next.kind === 'list') waiting.push(...next.items);
    else {
      const kind = isMarkedFile(next.origin.file) ? markOf(next) : undefined;
      if (kind !== undefined) found.set(kind, [...(found.get(kind) ?? []), next]);
    }
  }
  return found;
}

function isMarkedFile(file: SourceFile): boolean {
  const known = hasMarkers.get(file) ?? /#[ \t]*flyball:/.test(file.text);
  hasMarkers.set(file, known);
  return known;
}

function markOf({ origin: { file, end } }: TrackedScalar): LeverKind | undefined {
  const newline = file.text.indexOf('\n', end);
  const rest = file.text.slice(end, newline === -1 ? undefined : Math.min(newline, end + 200));
  const named = /^[\s,}\]]*#[ \t]*flyball:[ \t]*(\w+)[ \t\r]*$/.exec(rest)?.[1];
  return leverKinds.find((kind) => kind === named);
}
