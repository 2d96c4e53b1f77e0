import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const truths = [
  'cost-spike',
  'healthy',
  'idle',
  'no-metrics',
  'over-budget',
  'over-provisioned',
  'signals-disagree',
  'too-little-history',
  'too-small',
  'wrong-gpu-type',
] as const;
export type Truth = (typeof truths)[number];

/** A row of the table in TRUTH.md. */
export interface TruthRow {
  /** `cluster/namespace/Kind/name` */
  readonly workload: string;
  readonly truth: Truth;
  /** Undefined where nothing is to be proposed. */
  readonly change: { readonly lever: string; readonly from: string; readonly to: string } | undefined;
  readonly why: string;
}

/** Reads what was planted in the example world. @throws Error when a row of the table is not as its head says. */
export async function readTruth(): Promise<readonly TruthRow[]> {
  const text = await readFile(path.join(import.meta.dirname, '../TRUTH.md'), 'utf8');
  const lines = text.split('\n');
  const head = lines.indexOf('| workload | truth | change | why |');
  const table = lines.slice(head + 2);
  return table.slice(0, table.indexOf('')).map(parseRow);
}

function parseRow(line: string): TruthRow {
  const [workload = '', word = '', changeText = '', why = ''] = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  const truth = truths.find((known) => known === word);
  const change = /^(\w+) (\S+) → (\S+)$/.exec(changeText);
  if (truth === undefined || why === '' || (change === null && changeText !== 'none'))
    throw new Error(`TRUTH.md: a row must be | workload | truth | lever from → to, or none | why |, not ${line}`);
  const [, lever = '', from = '', to = ''] = change ?? [];
  return { workload, truth, change: change === null ? undefined : { lever, from, to }, why };
}
