import {
  findLever,
  formatMoney,
  money,
  scaleMoney,
  usd,
  type Evidence,
  type Finding,
  type Saving,
} from '../domain/index.ts';
import { findGpuModel, type GpuInstanceType, type GpuModel } from '../catalogue/index.ts';
import { describeChange, gpusPerReplica, type Draft } from './draft.ts';
import { confidence, costSource, usageSource, type Subject } from './subject.ts';
import { busyRatio, quantile, valuesOf } from './usage-window.ts';

/** Room left in the card's memory: allocators fragment, and the largest batch may not have been seen. */
const memoryHeadroomRatio = 1.2;
/** Compute and bandwidth of the new card may be used up to here at the p99 hour. */
const busyRatioMaxAfter = 0.8;

interface Fit {
  readonly instance: GpuInstanceType;
  readonly usdPerHour: number;
  readonly priceSource: string;
  readonly computeRatio: number;
  readonly bandwidthRatio: number | undefined;
}

/**
 * Proposes the cheapest machine whose card holds the memory the workload uses (with a fifth to spare) and whose
 * compute and bandwidth would be at most 80 % busy at its p99 hour. Single-GPU replicas only: what NVLink is worth to
 * a multi-GPU pod cannot be read from these signals. Only machines of the same provider are considered, and only those with
 * a known price in the region.
 */
export function findWrongInstanceType(subject: Subject): Draft | undefined {
  const { workload, usage } = subject;
  const lever = findLever(workload, 'instanceType');
  const current = workload.instanceType === undefined ? undefined : subject.catalogue.find(workload.instanceType);
  const gpu = usage.gpuModels.length === 1 ? findGpuModel(usage.gpuModels[0] ?? '') : undefined;
  const price = subject.unitPrices.find(
    (unit) => unit.cluster === workload.cluster && unit.instanceType === workload.instanceType,
  );
  if (lever === undefined || current === undefined || gpu === undefined || price === undefined) return undefined;
  if (gpusPerReplica(workload.gpu) !== 1 || current.gpuCount !== 1 || price.regionId === undefined) return undefined;
  const demand = observedDemand(subject);
  if (demand === undefined) return undefined;
  const fits = cheaperFits({
    subject,
    gpu,
    usdPerHourNow: price.usdPerHour,
    regionId: price.regionId,
    demand,
    provider: current.provider,
  });
  const best = fits[0];
  return best === undefined
    ? undefined
    : instanceDraft(subject, { lever, best, others: fits.slice(1, 3), demand, usdPerHourNow: price.usdPerHour });
}

interface ObservedDemand {
  readonly framebufferGib: number;
  readonly busyP99: number;
  readonly dramP99: number | undefined;
}

function observedDemand(subject: Subject): ObservedDemand | undefined {
  const framebuffer = valuesOf(subject.hours, 'framebufferUsedGibMax');
  const busyP99 = quantile(
    subject.hours.flatMap((hour) => hour.busiestGpuRatio ?? busyRatio(hour) ?? []),
    0.99,
  );
  if (framebuffer.length === 0 || busyP99 === undefined) return undefined;
  return {
    framebufferGib: Math.max(...framebuffer),
    busyP99,
    dramP99: quantile(valuesOf(subject.hours, 'dramActiveRatio'), 0.99),
  };
}

function cheaperFits(input: {
  readonly subject: Subject;
  readonly gpu: GpuModel;
  readonly usdPerHourNow: number;
  readonly regionId: string;
  readonly provider: string;
  readonly demand: ObservedDemand;
}): readonly Fit[] {
  const { subject, gpu, demand } = input;
  const { cpuCores, memoryGib } = subject.workload.requests;
  return subject.catalogue.instanceTypes
    .filter(({ provider }) => provider === input.provider)
    .flatMap((instance): readonly Fit[] => {
      const known = priceOf(subject, instance.instanceType, input.regionId);
      const computeRatio = (demand.busyP99 * gpu.fp16Tflops) / instance.gpu.fp16Tflops;
      const bandwidthRatio =
        demand.dramP99 === undefined
          ? undefined
          : (demand.dramP99 * gpu.memoryBandwidthGBps) / instance.gpu.memoryBandwidthGBps;
      const isFit =
        instance.gpuCount === 1 &&
        demand.framebufferGib * memoryHeadroomRatio <= instance.gpu.memoryGib &&
        computeRatio <= busyRatioMaxAfter &&
        (bandwidthRatio ?? 0) <= busyRatioMaxAfter &&
        (cpuCores ?? 0) < instance.vcpus &&
        (memoryGib ?? 0) < instance.memoryGib;
      if (!isFit || known === undefined || known.usdPerHour >= input.usdPerHourNow) return [];
      return [{ instance, ...known, computeRatio, bandwidthRatio }];
    })
    .toSorted(
      (left, right) =>
        left.usdPerHour - right.usdPerHour || (left.instance.instanceType < right.instance.instanceType ? -1 : 1),
    );
}

/** The price on the bill wins over the public list; undefined when neither knows it. */
function priceOf(
  subject: Subject,
  instanceType: string,
  regionId: string,
): { readonly usdPerHour: number; readonly priceSource: string } | undefined {
  const billed = subject.unitPrices.find(
    (unit) => unit.cluster === subject.workload.cluster && unit.instanceType === instanceType,
  );
  if (billed !== undefined)
    return {
      usdPerHour: billed.usdPerHour,
      priceSource: `unit price on the bill over ${billed.hours.toFixed(0)} node-hours`,
    };
  const listed = subject.catalogue.onDemand(instanceType, regionId);
  return listed === undefined
    ? undefined
    : { usdPerHour: listed.usdPerHour, priceSource: `${listed.source}, ${regionId}` };
}

function instanceDraft(
  subject: Subject,
  choice: {
    readonly lever: Draft['lever'];
    readonly best: Fit;
    readonly others: readonly Fit[];
    readonly demand: ObservedDemand;
    readonly usdPerHourNow: number;
  },
): Draft {
  const { workload } = subject;
  const { best, demand, usdPerHourNow } = choice;
  const saving = instanceSaving(subject, best, usdPerHourNow);
  const evidence = fitEvidence(subject, choice);
  const model = subject.usage.gpuModels[0] ?? 'its GPU';
  const reason = `it uses at most ${demand.framebufferGib.toFixed(1)} GiB and ${(demand.busyP99 * 100).toFixed(0)} % (p99) of a ${model}; ${best.instance.instanceType} holds that for ${formatUsd(best.usdPerHour)} instead of ${formatUsd(usdPerHourNow)} an hour`;
  const finding: Finding = { workload: workload.id, kind: 'waste', severity: 'medium', summary: reason, evidence };
  return {
    workload,
    action: 'change-instance-type',
    lever: choice.lever,
    to: best.instance.instanceType,
    change: describeChange('instanceType', workload.instanceType, best.instance.instanceType),
    reason,
    saving,
    risk: 'medium',
    confidenceRatio: confidence(subject, (busyRatioMaxAfter - best.computeRatio) / busyRatioMaxAfter),
    findings: [finding],
    evidence,
    alternatives: choice.others.map((other) => ({
      change: describeChange('instanceType', workload.instanceType, other.instance.instanceType),
      savingPerMonth: instanceSaving(subject, other, usdPerHourNow).likely,
      whyNot: 'it fits too, and saves less',
    })),
    limitedBy: undefined,
  };
}

function fitEvidence(
  subject: Subject,
  choice: { readonly best: Fit; readonly demand: ObservedDemand },
): readonly Evidence[] {
  const { best, demand } = choice;
  const source = usageSource(subject, subject.hours);
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(0)} %`;
  return [
    {
      label: 'framebuffer used, highest (DCGM_FI_DEV_FB_USED)',
      value: `${demand.framebufferGib.toFixed(1)} of ${best.instance.gpu.memoryGib} GiB on the new card`,
      source,
    },
    {
      label: 'busiest GPU, p99 hour',
      value: `${percent(demand.busyP99)}, ${percent(best.computeRatio)} of the new card's FP16 throughput`,
      source,
    },
    ...(demand.dramP99 === undefined || best.bandwidthRatio === undefined
      ? []
      : [
          {
            label: 'memory bandwidth, p99 hour (DCGM_FI_PROF_DRAM_ACTIVE)',
            value: `${percent(demand.dramP99)}, ${percent(best.bandwidthRatio)} of the new card's`,
            source,
          },
        ]),
    { label: 'price of the new type', value: `${formatUsd(best.usdPerHour)} an hour`, source: best.priceSource },
    { label: 'cost now', value: `${formatMoney(subject.rate.perDay)} a day`, source: costSource(subject) },
  ];
}

function formatUsd(units: number): string {
  return formatMoney(money(BigInt(Math.round(units * 1e6)), usd));
}

/** Low assumes that the work takes a quarter longer on the smaller card. */
function instanceSaving(subject: Subject, fit: Fit, usdPerHourNow: number): Saving {
  const daysPerMonth = 730 / 24;
  const removed = 1 - fit.usdPerHour / usdPerHourNow;
  const removedIfSlower = 1 - (1.25 * fit.usdPerHour) / usdPerHourNow;
  return {
    low: scaleMoney(subject.rate.perDayLow, removedIfSlower * daysPerMonth),
    likely: scaleMoney(subject.rate.perDay, removed * daysPerMonth),
    high: scaleMoney(subject.rate.perDayHigh, removed * daysPerMonth),
    kind: subject.rate.commitmentRatio > 0.5 ? 'freed' : 'cash',
    basis: `${(removed * 100).toFixed(0)} % less per node-hour over the hours it ran in the last ${subject.rate.days} days; the old nodes are released whole`,
  };
}
