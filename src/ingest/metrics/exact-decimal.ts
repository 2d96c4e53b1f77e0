/**
 * A double as a decimal with six places. DuckDB's own cast multiplies by 10⁶ in floating point, which is inexact from
 * about 5.7 × 10¹¹ on, where the sums of an hour's bytes lie.
 */
export function exactDecimalSql(double: string): string {
  return `(CAST(CAST(trunc(${double}) AS HUGEINT) AS DECIMAL(38,6))
    + CAST(round(${double} - trunc(${double}), 6) AS DECIMAL(38,6)))`;
}
