import { type Money, type Saving, formatMoney, negateMoney } from '../domain/index.ts';

/** `87 %`, and one decimal below ten: `3.1 %`. */
export function formatRatio(ratio: number): string {
  const percent = ratio * 100;
  return `${percent.toFixed(Math.abs(percent) < 9.95 && !Number.isInteger(percent) ? 1 : 0)} %`;
}

/** `1,234.5`: at most `decimals` decimals. */
export function formatNumber(value: number, decimals = 1): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals });
}

/** `$1,410 to $2,011`, or one amount when both are the same. */
export function formatRange(saving: Saving): string {
  const low = formatMoney(saving.low);
  const high = formatMoney(saving.high);
  return low === high ? low : `${low} to ${high}`;
}

export function isCost(amount: Money): boolean {
  return amount.micros < 0n;
}

/** What becomes of the money, in two or three words. */
export function savingKindWords(saving: Saving): string {
  if (isCost(saving.likely)) return 'costs more';
  switch (saving.kind) {
    case 'cash':
      return 'leaves the bill';
    case 'freed':
      return 'frees paid capacity';
    case 'none-yet':
      return 'no saving yet';
  }
}

/** `saves $1,762/month`, `frees $900/month`, `costs $420/month` or `no saving yet`. */
export function savingPhrase(saving: Saving): string {
  if (isCost(saving.likely)) return `costs ${formatMoney(negateMoney(saving.likely))}/month`;
  switch (saving.kind) {
    case 'cash':
      return `saves ${formatMoney(saving.likely)}/month`;
    case 'freed':
      return `frees ${formatMoney(saving.likely)}/month`;
    case 'none-yet':
      return 'no saving yet';
  }
}

/** `0b1f6f2`: the first seven hex digits, as Git shows a commit. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 7);
}
