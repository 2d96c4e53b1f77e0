/** Ledger units in one micro, the precision of `Money`. */
const unitsPerMicro = 10_000n;

/**
 * Rounds amounts to micros so that the rounded ones add up to their rounded sum: each gets the difference of the
 * rounded running totals before and after it, so that none is off by more than one micro.
 */
export function roundToMicros(amounts: readonly bigint[]): readonly bigint[] {
  let units = 0n;
  let micros = 0n;
  return amounts.map((amount) => {
    units += amount;
    const rounded = toMicros(units);
    const part = rounded - micros;
    micros = rounded;
    return part;
  });
}

/** Rounds half away from zero. */
export function toMicros(units: bigint): bigint {
  return (units + (units < 0n ? -unitsPerMicro : unitsPerMicro) / 2n) / unitsPerMicro;
}
