import path from 'node:path';

/** `BILLING_PERIOD=2026-10` of AWS Data Exports; `20261001-20261101` of legacy CUR and `20261001-20261031` of Azure. */
export const periodFolder = /^(?:BILLING_PERIOD=\d{4}-\d{2}|\d{8}-\d{8})$/;

/** The folder into which one export writes all of its periods, or undefined when no folder on the way names a period. */
export function exportFolder(file: string): string | undefined {
  const parts = path.dirname(file).split(path.sep);
  const period = parts.findLastIndex((part) => periodFolder.test(part));
  return period === -1 ? undefined : parts.slice(0, period).join(path.sep);
}
