import picomatch from 'picomatch';

/**
 * `segments`: a star ends at a slash, `**` does not, as in Go's path.Match. `across`: every star goes over slashes, as
 * in a git pathspec and in Argo CD's include and exclude.
 */
export type GlobStars = 'segments' | 'across';

const patternCharactersMax = 200;
const pathCharactersMax = 400;

/** What looking at a path costs before it is matched, in steps. */
const stepsPerPath = 50;

/** Matching backtracks: its steps grow with the path's length to the power of the stars. One inventory may take this many. */
const stepsMax = 3_000_000_000;

/** Matches file patterns of the repository, whose author may want them to take for ever. */
export class Globs {
  private steps = 0;

  /** Those of the paths that match; undefined for a pattern that is too long, or when matching has taken too long. */
  filter(pattern: string, stars: GlobStars, paths: Iterable<string>): readonly string[] | undefined {
    if (pattern.length > patternCharactersMax) return undefined;
    if (pattern === '') return [];
    const literal = /^[^*?[\]{}()!\\+@]*/.exec(pattern)?.[0] ?? '';
    // Alternatives can be tried in as many ways as stars.
    const starCount = pattern.match(/\*+|\?|\{/g)?.length ?? 0;
    // Extended patterns, negation and escapes are not in what Argo CD takes.
    const isMatch = picomatch(pattern, {
      bash: stars === 'across',
      dot: true,
      noextglob: true,
      nonegate: true,
      strictSlashes: true,
      maxLength: patternCharactersMax,
    });
    const found: string[] = [];
    for (const path of paths) {
      this.steps += stepsPerPath;
      if (this.steps > stepsMax) return undefined;
      if (!path.startsWith(literal) || path.length > pathCharactersMax) continue;
      this.steps += (path.length - literal.length + 1) ** starCount / factorial(starCount);
      if (this.steps > stepsMax) return undefined;
      if (isMatch(path)) found.push(path);
    }
    return found;
  }
}

function factorial(count: number): number {
  return count < 2 ? 1 : count * factorial(count - 1);
}
