/**
 * Whole parts of `total` in proportion to the amounts, which must not be negative; the parts add up to `total` exactly
 * (largest remainders are rounded up). All zero when the amounts are.
 */
export function roundShares(amounts: ArrayLike<number>, total: number): readonly number[] {
  const values = Array.from(amounts);
  const sum = values.reduce((all, value) => all + value, 0);
  if (sum <= 0) return values.map(() => 0);
  const exact = values.map((value) => (value / sum) * total);
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((all, part) => all + part, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .toSorted((one, other) => other.remainder - one.remainder || one.index - other.index);
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}
