import { mapScalars, placeOf, type Origin, type Tracked } from './tracked.ts';

/** Where each variable's value was filled in, to see which scalar decides more than one thing. */
export class VariableUses {
  private readonly usesOf = new Map<string, Set<string>>();

  /** A consumer is what is applied by itself: the same place of a base is another use for each. */
  add(variable: Origin, use: Origin | string, consumer: string): void {
    const key = scalarKey(variable);
    const uses = this.usesOf.get(key) ?? new Set();
    uses.add(`${typeof use === 'string' ? use : scalarPlace(use)} for ${consumer}`);
    this.usesOf.set(key, uses);
  }

  /** Marks the scalars that were filled in from a variable that is filled in elsewhere too. */
  mark(root: Tracked): Tracked {
    return mapScalars(root, (scalar) => {
      const { origin } = scalar;
      if (origin.mechanism !== 'argo-applicationset' || origin.obstacle !== undefined) return scalar;
      const uses = this.usesOf.get(scalarKey(origin)) ?? new Set();
      if (uses.size < 2) return scalar;
      const shown = [...uses].toSorted().slice(0, usesShown).join(', ');
      const detail = `the same scalar fills in several values (${uses.size} in all: ${shown}${uses.size > usesShown ? ', …' : ''})`;
      return { ...scalar, origin: { ...origin, obstacle: { reason: 'base-shared', detail } } };
    });
  }

  /** Whether any variable is used twice, so that marking is worth its time. */
  get hasShared(): boolean {
    return [...this.usesOf.values()].some((uses) => uses.size > 1);
  }
}

const usesShown = 4;

function scalarKey({ file, start }: Origin): string {
  return `${file.path}\u0000${start}`;
}

function scalarPlace(origin: Origin): string {
  const { path, line } = placeOf(origin);
  return `${path}:${line}`;
}
