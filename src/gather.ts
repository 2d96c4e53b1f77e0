import type { OperatorConfig } from './config/index.ts';
import { dayMs, epochMs, type EpochMs, type Problem, type Progress, type Workload } from './domain/index.ts';
import { ingestBilling } from './ingest/billing/index.ts';
import { ingestMetrics } from './ingest/metrics/index.ts';
import { ingestRateCards } from './ingest/rate-card/index.ts';
import { attribute, billPerDay, openLedger, type Attribution } from './ledger/index.ts';

/** What the bills and the metrics say of the workloads over the look-back window. */
export interface Gathered {
  readonly attribution: Attribution;
  readonly bill: Awaited<ReturnType<typeof billPerDay>>;
  readonly dataDigest: string;
  readonly window: { readonly start: EpochMs; readonly end: EpochMs };
  readonly problems: readonly Problem[];
}

/** Reads new bills and metrics into the ledger, and attributes the window to the workloads. */
export async function gather(options: {
  readonly config: OperatorConfig;
  readonly workloads: readonly Workload[];
  readonly asOf: EpochMs;
  /** A file, or `:memory:`. */
  readonly ledgerPath: string;
  readonly temporaryDirectory: string;
  readonly progress: Progress;
}): Promise<Gathered> {
  const { config, workloads, asOf, progress } = options;
  const ledger = await openLedger({
    path: options.ledgerPath,
    temporaryDirectory: options.temporaryDirectory,
    memoryLimitMib: config.ledger.memoryLimitMib,
  });
  try {
    const sources = config.billing.flatMap(({ path, format }) => (format === 'rate-card' ? [] : [{ path, format }]));
    const billing = await ingestBilling(ledger, { sources, progress });
    const metrics = await ingestMetrics(ledger, { sources: config.metrics, progress });
    const rateCards = await ingestRateCards(ledger, {
      paths: config.billing.filter(({ format }) => format === 'rate-card').map(({ path }) => path),
    });
    const window = { start: epochMs(asOf - config.recommend.lookbackDays * dayMs), end: asOf };
    const attribution = await attribute(ledger, {
      workloads,
      windowStart: window.start,
      windowEnd: window.end,
      currency: config.currency,
      tagKeys: config.attribution.tagKeys,
      progress,
    });
    const bill = await billPerDay(ledger, {
      windowStart: window.start,
      windowEnd: window.end,
      currency: config.currency,
    });
    const dataDigest = await ledger.dataDigest();
    return {
      attribution,
      bill,
      dataDigest,
      window,
      problems: [...billing.problems, ...metrics.problems, ...rateCards.problems, ...attribution.problems],
    };
  } finally {
    await ledger.close();
  }
}
