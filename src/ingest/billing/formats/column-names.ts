/** A header's letters and digits in lower case: `lineItem/UsageStartDate` and `line_item_usage_start_date` are one. */
export function compactName(header: string): string {
  return header.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Finds our own name of a column by its compact form; further spellings are given with each name. */
export function columnFinder(
  names: Readonly<Record<string, readonly string[]>>,
): (header: string) => string | undefined {
  const byCompact = new Map<string, string>();
  for (const [name, spellings] of Object.entries(names)) {
    for (const spelling of [name, ...spellings]) byCompact.set(compactName(spelling), name);
  }
  return (header) => byCompact.get(compactName(header));
}
