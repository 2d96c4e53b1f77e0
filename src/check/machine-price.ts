import {
  addMoney,
  formatMoney,
  formatUtcDate,
  moneyFromDecimal,
  scaleMoney,
  usd,
  type CostSeries,
  type Evidence,
  type Money,
  type Workload,
} from '../domain/index.ts';
import type { CheckInput, MachinePrice } from './change-check.ts';
import { costPerGpuHour } from './history.ts';

/** The price of one hour of a machine, of which each GPU bears its share. */
export type GpuPrice =
  | { readonly kind: 'known'; readonly perHour: Money; readonly gpus: number; readonly evidence: Evidence }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A series whose price per GPU-hour counts where the machine of a workload is not known, and whose it is. */
export interface PricedHistory {
  readonly series: CostSeries | undefined;
  readonly whose: string;
}

/**
 * What a GPU of a workload costs: the price on the bill of the machine that it names, else the public list price, else what
 * its GPU-hours cost so far. A slice of a GPU has no machine price of its own, only a history.
 */
export function gpuPriceOf(workload: Workload, input: CheckInput, histories: readonly PricedHistory[]): GpuPrice {
  const { instanceType, gpu } = workload;
  const isSlice = gpu.kind === 'devices' && gpu.resourceName.includes('/mig-');
  const named = instanceType === undefined || isSlice ? undefined : machinePrice(workload, instanceType, input);
  if (named?.kind === 'known') return named;
  // The cost so far is of the machine so far: it says nothing of another one.
  const usable = instanceType === undefined || isSlice ? histories : [];
  for (const { series, whose } of usable) {
    const known = costPerGpuHour(series, input.asOf);
    if (known === undefined) continue;
    return {
      kind: 'known',
      perHour: known.perGpuHour,
      gpus: 1,
      evidence: {
        label: 'price of a GPU-hour',
        value: formatMoney(known.perGpuHour),
        source: `billing_row, EffectiveCost attributed to ${whose} by GPU-hours, ${formatUtcDate(known.from)}..${formatUtcDate(known.to)}`,
      },
    };
  }
  if (named !== undefined) return named;
  const reason = isSlice
    ? 'it asks for slices of a GPU, and what such slices cost is not known'
    : 'it names no machine, and what its GPUs cost is not known';
  return { kind: 'unknown', reason };
}

function machinePrice(workload: Workload, instanceType: string, input: CheckInput): GpuPrice {
  const { catalogue, history, currency } = input;
  const { cluster } = workload;
  const gpus = catalogue.find(instanceType)?.gpuCount;
  if (gpus === undefined || gpus === 0) {
    return { kind: 'unknown', reason: `how many GPUs a ${instanceType} has is not known` };
  }
  const label = `price of an hour of ${instanceType}`;
  const billed = history.machinePrices.filter(
    (price) => price.cluster === cluster && price.instanceType === instanceType,
  );
  const [first] = billed;
  if (first !== undefined) {
    const { perHour, hours } = meanPrice(first, billed);
    const source = `unit price on the bill over ${hours.toFixed(0)} node-hours of ${cluster}`;
    return { kind: 'known', perHour, gpus, evidence: { label, value: priceWords(perHour, gpus), source } };
  }
  if (currency !== usd)
    return { kind: 'unknown', reason: `the bill has no ${instanceType}, and list prices are in USD` };
  const region = regionOf(workload, instanceType, input);
  if (region === undefined) {
    return {
      kind: 'unknown',
      reason: `the bill has no ${instanceType}, and does not say in which region ${cluster} is`,
    };
  }
  const listed = catalogue.onDemand(instanceType, region);
  if (listed === undefined) {
    return { kind: 'unknown', reason: `no price of ${instanceType} in ${region} is known` };
  }
  const perHour = moneyFromDecimal(String(listed.usdPerHour), usd);
  const source = `${listed.source}, ${region}`;
  return { kind: 'known', perHour, gpus, evidence: { label, value: priceWords(perHour, gpus), source } };
}

/** Weighted by machine-hours: on demand, spot and commitments have prices of their own. */
function meanPrice(
  first: MachinePrice,
  prices: readonly MachinePrice[],
): { readonly perHour: Money; readonly hours: number } {
  const hours = prices.reduce((sum, price) => sum + price.hours, 0);
  if (prices.length === 1 || hours === 0) return { perHour: first.effectivePerHour, hours };
  const weighted = prices.map((price) => scaleMoney(price.effectivePerHour, price.hours / hours));
  return { perHour: weighted.slice(1).reduce(addMoney, weighted[0] ?? first.effectivePerHour), hours };
}

/** The region in which a cluster has most of its machine-hours. */
function regionOf(workload: Workload, instanceType: string, input: CheckInput): string | undefined {
  const hours = new Map<string, number>();
  for (const price of input.history.machinePrices) {
    if (price.cluster !== workload.cluster || price.regionId === undefined) continue;
    hours.set(price.regionId, (hours.get(price.regionId) ?? 0) + price.hours);
  }
  const [most] = [...hours].toSorted(
    ([leftName, left], [rightName, right]) => right - left || (leftName < rightName ? -1 : 1),
  );
  return most?.[0] ?? input.listRegions?.[input.catalogue.find(instanceType)?.provider ?? ''];
}

function priceWords(perHour: Money, gpus: number): string {
  return gpus === 1 ? formatMoney(perHour) : `${formatMoney(perHour)} for ${gpus} GPUs`;
}
