/** Where the published description contradicts what GitHub answers, or its own examples: no violations. */
const knownDefects: readonly { readonly route: string; readonly problem: RegExp; readonly why: string }[] = [
  {
    route: 'GET /app/installations',
    problem: /^\/\d+\/account /,
    why: 'the account is described as a user and an enterprise at once (allOf for anyOf); its own example is neither',
  },
  {
    route: 'GET /search/issues',
    problem: /^\/items\/\d+\/body must be string/,
    why: 'an issue without a body has null here as everywhere else',
  },
];

export function isKnownDefect(route: string, problem: string): boolean {
  return knownDefects.some((defect) => defect.route === route && defect.problem.test(problem));
}
