import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { compareProblems, type Problem } from '../../domain/index.ts';
import { storeSource, type Ledger } from '../../ledger/index.ts';
import { parseRateCard } from './load-rate-card.ts';
import { insertRateCardRows, unpricedModels } from './rate-card-rows.ts';

/** A rate card is written by hand. */
const rateCardBytesMax = 2 ** 20;

/**
 * Turns rate cards into hourly charges for the nodes that the ledger's metrics name; call it after the billing files and
 * the metrics were read. A card that cannot be used is reported, and the others are used.
 */
export async function ingestRateCards(
  ledger: Ledger,
  options: { readonly paths: readonly string[] },
): Promise<{ readonly rows: number; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  let rows = 0;
  for (const path of options.paths) {
    const text = await readSmallFile(path).catch((error: unknown) => error);
    if (typeof text !== 'string') {
      problems.push(unreadable(path, text));
      continue;
    }
    const { card, problems: faults } = parseRateCard({ text, path });
    problems.push(...faults);
    if (card === undefined) continue;
    const metrics = await ledger.dataDigest();
    const digest = createHash('sha256').update(`${metrics}\n${text}`).digest('hex');
    const stored = await storeSource(
      ledger,
      { kind: 'billing', path, digest, variant: 'rate-card' },
      async (sourceId) => ({
        rows: await insertRateCardRows(ledger, card, sourceId),
        rejectedRows: 0,
      }),
    );
    rows += stored.rows;
    const unpriced = await unpricedModels(ledger, card);
    if (unpriced.length > 0) problems.push(modelsUnpriced(path, unpriced));
  }
  return { rows, problems: problems.toSorted(compareProblems) };
}

async function readSmallFile(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > rateCardBytesMax) throw new Error('it is larger than 1 MiB');
  return readFile(path, 'utf8');
}

function unreadable(path: string, error: unknown): Problem {
  return {
    code: 'RATE_CARD_INVALID',
    severity: 'error',
    place: { kind: 'file', path },
    message: `The rate card cannot be read: ${error instanceof Error ? error.message : String(error)}. Nothing of it is used.`,
    remedy: 'Check that the file exists and may be read by this user.',
  };
}

function modelsUnpriced(path: string, models: readonly string[]): Problem {
  return {
    code: 'RATE_CARD_MODEL_UNPRICED',
    severity: 'warning',
    place: { kind: 'file', path },
    message: `The metrics name GPU models that the rate card has no price for: ${models.join(', ')}. Their nodes cost nothing.`,
    remedy: 'Add a price for each, spelled as DCGM does, or list the clusters that the rate card is for.',
  };
}
