import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { OperatorConfig } from './config/index.ts';
import { dayMs, epochMs, type EpochMs, type Problem, type Progress, type Workload } from './domain/index.ts';
import { ingestBilling, type BillingSource } from './ingest/billing/index.ts';
import { ingestMetrics } from './ingest/metrics/index.ts';
import { fetchObjects, storeOf } from './ingest/object-storage/index.ts';
import { fetchAllocations } from './ingest/opencost/index.ts';
import { realPacing } from './ingest/http/index.ts';
import { ingestRateCards } from './ingest/rate-card/index.ts';
import { fetchBill } from './ingest/trino/index.ts';
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
  /** Name of the repository that declares them; where it is given, the result is kept in the ledger by workload. */
  readonly repository?: string;
  readonly asOf: EpochMs;
  /** The clock: what a metrics server has of the present hour is not whole yet. */
  readonly now: () => number;
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
    const window = { start: epochMs(asOf - config.recommend.lookbackDays * dayMs), end: asOf };
    const openCost = await openCostSource(options, window);
    const trino = await trinoSources(options, window);
    const exports = await exportSources(options);
    const billing = await ingestBilling(ledger, {
      sources: [...exports.sources, ...openCost.sources, ...trino.sources],
      progress,
    });
    const metrics = await ingestMetrics(ledger, { sources: config.metrics, window, now: options.now, progress });
    const rateCards = await ingestRateCards(ledger, {
      paths: config.billing.filter(({ format }) => format === 'rate-card').map(({ path }) => path),
    });
    const attribution = await attribute(ledger, {
      workloads,
      windowStart: window.start,
      windowEnd: window.end,
      currency: config.currency,
      tagKeys: config.attribution.tagKeys,
      ...(options.repository === undefined ? {} : { repository: options.repository }),
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
      problems: [
        ...exports.problems,
        ...openCost.problems,
        ...trino.problems,
        ...billing.problems,
        ...metrics.problems,
        ...rateCards.problems,
        ...attribution.problems,
      ],
    };
  } finally {
    await ledger.close();
  }
}

/** The configured exports; those in object storage as folders beside the ledger, brought up to date. */
async function exportSources(
  options: Parameters<typeof gather>[0],
): Promise<{ readonly sources: readonly BillingSource[]; readonly problems: readonly Problem[] }> {
  const { config, progress } = options;
  const sources: BillingSource[] = [];
  const problems: Problem[] = [];
  for (const { path: location, format } of config.billing) {
    if (format === 'rate-card') continue;
    if (storeOf(location) === undefined) sources.push({ path: location, format });
    else {
      const name = createHash('sha256').update(location).digest('hex').slice(0, 16);
      const folder = path.join(besideLedger(options), 'object-storage', name);
      const found = await fetchObjects(location, {
        settings: config.objectStorage,
        format,
        folder,
        memoryLimitMib: config.ledger.memoryLimitMib,
        progress,
      });
      problems.push(...found);
      const objects = path.join(folder, 'objects');
      if (existsSync(objects)) sources.push({ path: objects, format });
    }
  }
  return { sources, problems };
}

/** The folder beside the ledger with the allocations of the configured OpenCost server, brought up to date. */
async function openCostSource(
  { config, ledgerPath, temporaryDirectory, progress }: Parameters<typeof gather>[0],
  window: { readonly start: EpochMs; readonly end: EpochMs },
): Promise<{ readonly sources: readonly BillingSource[]; readonly problems: readonly Problem[] }> {
  const { url, currency, ...server } = config.opencost;
  if (url === undefined) return { sources: [], problems: [] };
  const folder = path.join(besideLedger({ ledgerPath, temporaryDirectory }), 'opencost');
  const problems = await fetchAllocations(
    { url, ...server },
    { windowStart: window.start, windowEnd: window.end, folder, progress },
  );
  return { sources: [{ path: folder, format: 'opencost', currency }], problems };
}

/** The folders beside the ledger with what Trino makes of the bill, brought up to date. */
async function trinoSources(
  { config, now, ledgerPath, temporaryDirectory, progress }: Parameters<typeof gather>[0],
  window: { readonly start: EpochMs; readonly end: EpochMs },
): Promise<{ readonly sources: readonly BillingSource[]; readonly problems: readonly Problem[] }> {
  if (config.trino === undefined) return { sources: [], problems: [] };
  const { folders, problems } = await fetchBill(config.trino, {
    windowStart: window.start,
    windowEnd: window.end,
    folder: path.join(besideLedger({ ledgerPath, temporaryDirectory }), 'trino'),
    memoryLimitMib: config.ledger.memoryLimitMib,
    pacing: realPacing(now),
    progress,
  });
  return { sources: folders.map((folder) => ({ path: folder, format: 'focus' })), problems };
}

function besideLedger(options: { readonly ledgerPath: string; readonly temporaryDirectory: string }): string {
  return options.ledgerPath === ':memory:' ? options.temporaryDirectory : path.dirname(options.ledgerPath);
}
