import type { BillingFormatName } from '../../domain/index.ts';
import { FileRefused } from '../source-files/index.ts';
import { billingFormats, type BillingFormat } from './formats/index.ts';
import { formatNotFound, notOfFormat } from './problems.ts';

/** The format of a file by its columns, never by its name. @throws FileRefused when no format, or not the stated one, fits. */
export function detectFormat(
  path: string,
  header: readonly string[],
  stated: BillingFormatName | 'auto',
): BillingFormat {
  const candidates = billingFormats
    .filter(({ name }) => stated === 'auto' || name === stated)
    .map((format) => ({ format, missing: missingColumns(format, header) }));
  const found = candidates.find(({ missing }) => missing.length === 0);
  if (found !== undefined) return found.format;
  const [only] = candidates;
  if (stated !== 'auto' && only !== undefined)
    throw new FileRefused([notOfFormat(path, only.format.title, only.missing)]);
  throw new FileRefused([
    formatNotFound(
      path,
      candidates.map(({ format, missing }) => ({ title: format.title, needed: format.needed.length, missing })),
    ),
  ]);
}

/** How many of the columns a format reads; tells the delimiter of a CSV file. */
export function knownColumnCount(header: readonly string[]): number {
  return Math.max(
    ...billingFormats.map((format) => header.filter((name) => format.columnOf(name) !== undefined).length),
  );
}

function missingColumns(format: BillingFormat, header: readonly string[]): readonly string[] {
  const present = new Set(header.map((name) => format.columnOf(name)));
  return format.needed.flatMap((column) => {
    const alternatives = typeof column === 'string' ? [column] : column;
    return alternatives.some((name) => present.has(name)) ? [] : [alternatives.join(' or ')];
  });
}
