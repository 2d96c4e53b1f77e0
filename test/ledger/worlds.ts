import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  defaultAttributionTagKeys,
  epochMs,
  usd,
  workloadId,
  type EpochMs,
  type Workload,
} from '../../src/domain/index.ts';
import { ingestBilling } from '../../src/ingest/billing/index.ts';
import { ingestMetrics } from '../../src/ingest/metrics/index.ts';
import { attribute, openLedger, type Attribution, type Ledger } from '../../src/ledger/index.ts';

export const hour = 3_600_000;
export const day = 24 * hour;
export const start = epochMs(Date.UTC(2026, 9, 1));

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), 'flyball-test-'));
}

/** Runs with a fresh in-memory ledger and a folder, both gone afterwards. */
export async function withLedger<Result>(work: (ledger: Ledger, folder: string) => Promise<Result>): Promise<Result> {
  const folder = await temporaryFolder();
  const ledger = await openLedger({
    path: ':memory:',
    temporaryDirectory: path.join(folder, 'tmp'),
    memoryLimitMib: 256,
  });
  try {
    return await work(ledger, folder);
  } finally {
    await ledger.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export function aWorkload(changes: Partial<Workload> = {}): Workload {
  const key = { cluster: 'prod', namespace: 'inference', kind: 'Deployment', name: 'clip-server', ...changes };
  return {
    apiVersion: 'apps/v1',
    labels: {},
    annotations: {},
    gpu: { kind: 'devices', resourceName: 'nvidia.com/gpu', perReplica: 1 },
    requests: { cpuCores: undefined, memoryGib: undefined },
    instanceType: undefined,
    replicas: 1,
    declaredIn: { path: 'apps/clip.yaml', line: 1, column: 1 },
    levers: [],
    pause: undefined,
    autoscaler: undefined,
    alsoManagedBy: [],
    ...key,
    id: workloadId(key),
  };
}

export type FocusRow = Readonly<Record<string, string>>;

/** A whole FOCUS 1.0 row of one hour; costs are decimal text. */
export function aCharge(changes: FocusRow = {}): FocusRow {
  const cost = changes['EffectiveCost'] ?? '1.5';
  return {
    BilledCost: cost,
    BillingAccountId: '123456789012',
    BillingAccountName: 'secret-account',
    BillingCurrency: 'USD',
    BillingPeriodEnd: '2026-11-01T00:00:00Z',
    BillingPeriodStart: '2026-10-01T00:00:00Z',
    ChargeCategory: 'Usage',
    ChargeClass: '',
    ChargeDescription: '',
    ChargePeriodEnd: '2026-10-01T01:00:00Z',
    ChargePeriodStart: '2026-10-01T00:00:00Z',
    CommitmentDiscountStatus: '',
    ContractedCost: cost,
    EffectiveCost: cost,
    InvoiceIssuerName: 'AWS',
    ListCost: cost,
    PricingCategory: 'Standard',
    PricingQuantity: '1',
    PricingUnit: 'Hours',
    ProviderName: 'AWS',
    PublisherName: 'AWS',
    ResourceId: '',
    ResourceName: '',
    ServiceCategory: 'Compute',
    ServiceName: 'Amazon Elastic Compute Cloud',
    x_InstanceType: '',
    Tags: '',
    ...changes,
  };
}

export function focusCsv(rows: readonly FocusRow[]): string {
  const columns = Object.keys(rows[0] ?? aCharge());
  const quoted = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = rows.map((row) => columns.map((column) => quoted(row[column] ?? '')).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

export interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | string;
  readonly at: number;
}

/** Labels as dcgm-exporter writes them for one GPU of one pod. */
export function gpuLabels(changes: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    gpu: '0',
    UUID: 'GPU-0',
    modelName: 'NVIDIA H100 80GB HBM3',
    Hostname: 'node-1',
    cluster: 'prod',
    namespace: 'inference',
    pod: 'clip-server-6d4f9c7b8-x7k2p',
    container: 'server',
    ...changes,
  };
}

export function seriesText(metric: string, labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string =>
    value.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`);
  const list = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `${metric}{${list.join(',')}}`;
}

export function openMetrics(samples: readonly Sample[]): string {
  const lines = samples.map(({ metric, labels, value, at }) => `${seriesText(metric, labels)} ${value} ${at / 1000}`);
  return `${[...lines, '# EOF'].join('\n')}\n`;
}

/** One sample at the middle of each hour. */
export function hourly(
  hours: readonly number[],
  labels: Readonly<Record<string, string>>,
  value = 0.5,
  metric = 'DCGM_FI_PROF_SM_ACTIVE',
): readonly Sample[] {
  return hours.map((index) => ({ metric, labels, value, at: start + index * hour + hour / 2 }));
}

export async function ingestWorld(
  ledger: Ledger,
  folder: string,
  world: { readonly charges: readonly FocusRow[]; readonly samples: readonly Sample[] },
): Promise<void> {
  await writeFile(path.join(folder, 'bill.csv'), focusCsv(world.charges));
  await writeFile(path.join(folder, 'gpus.om'), openMetrics(world.samples));
  await ingestBilling(ledger, { sources: [{ path: path.join(folder, 'bill.csv'), format: 'auto' }] });
  await ingestMetrics(ledger, {
    sources: [{ kind: 'files', path: path.join(folder, 'gpus.om'), format: 'auto', cluster: undefined }],
    window: { start, end: epochMs(start + 31 * day) },
    now: () => start + 31 * day,
  });
}

export async function attributeMonth(
  ledger: Ledger,
  workloads: readonly Workload[],
  window: { readonly windowStart?: EpochMs; readonly windowEnd?: EpochMs; readonly repository?: string } = {},
): Promise<Attribution> {
  return attribute(ledger, {
    workloads,
    windowStart: start,
    windowEnd: epochMs(start + 31 * day),
    currency: usd,
    tagKeys: defaultAttributionTagKeys,
    ...window,
  });
}

/** The window and clock of an ingest that takes in every hour of the tests' month. */
export const allHours = {
  window: { start, end: epochMs(start + 31 * day) },
  now: (): number => start + 31 * day,
} as const;
