import path from 'node:path';
import type { OperatorConfig } from './config/index.ts';

/**
 * Where a run keeps its ledger: the configured place, or the folder named by `--out`; in memory only where no source of
 * bills or metrics is configured.
 */
export function ledgerPlace(
  config: OperatorConfig,
  { out, outDirectory }: { readonly out: string; readonly outDirectory: string },
): string {
  const hasSources =
    config.billing.length + config.metrics.length > 0 ||
    config.opencost.url !== undefined ||
    config.trino !== undefined;
  if (!hasSources) return ':memory:';
  return out === '.flyball' ? config.ledger.path : path.join(outDirectory, 'ledger.duckdb');
}
