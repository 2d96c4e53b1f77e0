import type { Machine } from './machines.ts';
import { seededRandom } from './random.ts';
import type { Shapes } from './shapes.ts';
import { migSlicesPerCard, type FleetWorkload, type Stretch } from './workloads.ts';

/** What one GPU does in one hour; ratios 0..1. */
export interface Activity {
  readonly gpuUtil: number;
  readonly grEngine: number;
  readonly sm: number;
  readonly tensor: number;
  readonly dram: number;
  readonly framebufferMib: number;
  readonly powerWatts: number;
}

/** Requests in a server, mean of the hour. */
export interface Requests {
  readonly waiting: number;
  readonly running: number;
}

interface At {
  readonly hour: number;
  readonly pod: number;
  readonly gpu: number;
}

/** The traced cards, whose limit is 400 W, draw more for moments; in all but 0.8 % of the time they stay below this. */
const tracedPowerMaxWatts = 445;

/** No card works at 100 % of its SMs for an hour on end. */
const fullSmRatio = 0.985;

/** Undefined while a job is not running. */
export function activityAt(workload: FleetWorkload, shapes: Shapes, at: At): Activity | undefined {
  const random = seededRandom(`${idOf(workload)}/${at.pod}/${at.gpu}/${at.hour}`);
  const { load } = workload;
  switch (load.kind) {
    case 'serving':
    case 'serving-total':
    case 'outgrown': {
      const sm = loadRatio(workload, shapes, at.hour) * podShare(workload, at) * (0.98 + 0.04 * random());
      const activity = busy(workload, at, Math.min(fullSmRatio - 0.02 * random(), sm), random);
      // GPU_UTIL is 0 on MIG instances by design (NVIDIA/dcgm-exporter#216).
      return workload.migProfile === undefined
        ? activity
        : { ...activity, gpuUtil: 0, powerWatts: migCardWatts(workload, shapes, at.hour) };
    }
    case 'training':
      return traced(workload, shapes, load.stretch, random);
    case 'idle-since':
      return at.hour < load.hour ? traced(workload, shapes, load.stretch, random) : quiet(workload, random);
    case 'deadlock-since':
      return at.hour < load.hour
        ? traced(workload, shapes, load.stretch, random)
        : { ...quiet(workload, random), gpuUtil: 1 };
    case 'daily-job':
      return runsAt(workload, at.hour)
        ? busy(workload, at, load.peakRatio * (0.8 + 0.19 * random()), random)
        : undefined;
  }
}

/** False in the hours between two runs of a daily job. */
export function runsAt({ load }: FleetWorkload, hour: number): boolean {
  if (load.kind !== 'daily-job') return true;
  const hourOfDay = hour % 24;
  return hourOfDay >= load.startHour && hourOfDay < load.startHour + load.hours;
}

/** What a vLLM server's pod reports beside its GPU; undefined for others. */
export function requestsAt(workload: FleetWorkload, shapes: Shapes, at: Omit<At, 'gpu'>): Requests | undefined {
  if (workload.isVllm !== true) return undefined;
  const random = seededRandom(`${idOf(workload)}/${at.pod}/requests/${at.hour}`);
  const load = loadRatio(workload, shapes, at.hour);
  const burst = shapes.burstAt(at.hour * 7 + at.pod);
  // Below 0.95 a queue forms only when a burst comes in; above it, it never empties.
  const waiting = load > 0.95 ? (2 + 60 * (load - 0.95)) * burst : Math.max(0, burst - 1.2) * load * 4;
  return { waiting, running: 24 * Math.min(1, load) * (0.9 + 0.2 * random()) };
}

/** Demand on each GPU; above 1 where there is more than they can do. */
function loadRatio(workload: FleetWorkload, shapes: Shapes, hour: number): number {
  const { load } = workload;
  const unsteady = 0.985 + 0.03 * seededRandom(`${idOf(workload)}/${hour}`)();
  switch (load.kind) {
    case 'serving':
      return (load.floorRatio + (load.peakRatio - load.floorRatio) * shapes.demandAt(load.curve, hour)) * unsteady;
    case 'serving-total': {
      const gpus = load.floorGpus + (load.peakGpus - load.floorGpus) * shapes.demandAt(load.curve, hour);
      return (gpus / workload.podsAt(hour)) * unsteady;
    }
    case 'outgrown':
      return (0.78 + (0.52 * hour) / 720 + 0.16 * shapes.demandAt(load.curve, hour)) * unsteady;
    case 'training':
    case 'idle-since':
    case 'deadlock-since':
    case 'daily-job':
      return 0;
  }
}

/** Load balancers are not fair: a pod's share of the demand, mean 1 over the pods. */
function podShare(workload: FleetWorkload, at: At): number {
  const shares = Array.from({ length: workload.podsAt(at.hour) }, (_, pod) =>
    seededRandom(`${idOf(workload)}/share/${pod}`)(),
  );
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return 1 + 0.16 * ((shares[at.pod] ?? mean) - mean);
}

function busy(workload: FleetWorkload, at: At, sm: number, random: () => number): Activity {
  const { machine } = workload;
  const powerShare = Math.min(1, 0.15 + sm * 0.85) * (0.94 + 0.06 * random());
  return {
    // GPU_UTIL counts a GPU as busy while any kernel runs, however few of its SMs that needs.
    gpuUtil: 1 - (1 - sm) ** 2.2,
    grEngine: sm + 0.35 * sm * (1 - sm),
    sm,
    tensor: sm * (0.28 + 0.06 * random()),
    dram: sm * (0.5 + 0.08 * random()),
    framebufferMib: loadedMib(workload, at.pod),
    powerWatts: machine.idleWatts + (machine.powerLimitWatts - machine.idleWatts) * powerShare,
  };
}

/** A stretch of a real training cluster's distribution: the same percentile for every signal. */
function traced(workload: FleetWorkload, shapes: Shapes, stretch: Stretch, random: () => number): Activity {
  const { machine } = workload;
  const real = shapes.activityAt(stretch.cluster, stretch.from + (stretch.to - stretch.from) * random());
  // The distributions were not joined hour by hour: where this percentile's power is too low for its SM activity, the
  // activity counts.
  const powerRatio = Math.min(1, Math.max(real.powerWatts / tracedPowerMaxWatts, 0.2 + 0.75 * real.sm));
  return {
    gpuUtil: real.gpuUtil,
    grEngine: real.sm + 0.35 * real.sm * (1 - real.sm),
    sm: real.sm,
    tensor: Math.min(real.tensor, real.sm),
    dram: real.sm * (0.3 + 0.08 * random()),
    framebufferMib: loadedMib(workload, 0),
    powerWatts: machine.powerLimitWatts * powerRatio * (0.97 + 0.03 * random()),
  };
}

function quiet(workload: FleetWorkload, random: () => number): Activity {
  return { ...unused(workload.machine, random), framebufferMib: loadedMib(workload, 0) };
}

/** Weights and caches are taken at start and kept: constant while a pod lives. */
function loadedMib(workload: FleetWorkload, pod: number): number {
  return workload.framebufferGib * 1024 - 24 * seededRandom(`${idOf(workload)}/memory/${pod}`)();
}

/** A GPU on which nothing runs. */
export function unused(machine: Machine, random: () => number): Activity {
  return {
    gpuUtil: 0,
    grEngine: 0,
    sm: 0,
    tensor: 0,
    dram: 0,
    framebufferMib: 3,
    powerWatts: machine.idleWatts * (0.96 + 0.08 * random()),
  };
}

/** Power of a card cut into MIG slices, the same for each of them: DCGM measures the card. */
export function migCardWatts(workload: FleetWorkload, shapes: Shapes, hour: number): number {
  const { machine } = workload;
  const used = (loadRatio(workload, shapes, hour) * workload.podsAt(hour)) / migSlicesPerCard;
  return machine.idleWatts + (machine.powerLimitWatts - machine.idleWatts) * (0.1 + 0.85 * used);
}

function idOf({ cluster, namespace, name }: FleetWorkload): string {
  return `${cluster}/${namespace}/${name}`;
}
