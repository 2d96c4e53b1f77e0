import { seededRandom } from './random.ts';
import type { Shapes } from './shapes.ts';
import type { FleetWorkload } from './workloads.ts';

/** What one GPU does in one hour; ratios 0..1. */
export interface Activity {
  readonly gpuUtil: number;
  readonly grEngine: number;
  readonly sm: number;
  readonly tensor: number;
  readonly dram: number;
  readonly framebufferMib: number;
  readonly powerWatts: number;
  readonly queue: number | undefined;
}

/** Undefined while a job is not running. */
export function activityAt(
  workload: FleetWorkload,
  shapes: Shapes,
  at: { readonly hour: number; readonly pod: number; readonly gpu: number },
): Activity | undefined {
  const random = seededRandom(`${workload.cluster}/${workload.name}/${at.pod}/${at.gpu}/${at.hour}`);
  const { load, machine } = workload;
  switch (load.kind) {
    case 'serving': {
      const sm = load.floorRatio + (load.peakRatio - load.floorRatio) * curve(shapes, load.curve, at.hour);
      return busy(workload, sm * (0.985 + 0.03 * random()), random);
    }
    case 'serving-total': {
      const gpus = load.floorGpus + (load.peakGpus - load.floorGpus) * curve(shapes, load.curve, at.hour);
      return busy(workload, (gpus / workload.podsAt(at.hour)) * (0.985 + 0.03 * random()), random);
    }
    case 'saturated': {
      const burst = shapes.burst[at.hour % shapes.burst.length] ?? 1;
      return { ...busy(workload, 0.955 + 0.035 * random(), random), queue: 5 * burst + 2 * random() };
    }
    case 'training': {
      const quantile = 0.62 + 0.36 * random();
      const full = busy(workload, 0.8 + 0.12 * random(), random);
      return {
        ...full,
        tensor: full.sm * 0.62,
        powerWatts: Math.min(machine.powerLimitWatts, shapes.trainingPowerWatts(quantile)),
      };
    }
    case 'idle-since':
      return at.hour < load.hour ? busy(workload, 0.45 + 0.2 * random(), random) : quiet(workload, random);
    case 'deadlock-since':
      return at.hour < load.hour
        ? busy(workload, 0.75 + 0.1 * random(), random)
        : { ...quiet(workload, random), gpuUtil: 1 };
    case 'daily-job': {
      const hourOfDay = at.hour % 24;
      const isRunning = hourOfDay >= load.startHour && hourOfDay < load.startHour + load.hours;
      return isRunning ? busy(workload, load.peakRatio * (0.8 + 0.19 * random()), random) : undefined;
    }
  }
}

function curve(shapes: Shapes, name: 'api' | 'purchases', hour: number): number {
  const values = shapes.demand[name];
  return values[hour % values.length] ?? 0;
}

function busy(workload: FleetWorkload, sm: number, random: () => number): Activity {
  const { machine } = workload;
  const isMig = workload.migProfile !== undefined;
  return {
    // GPU_UTIL is 0 on MIG instances by design: NVIDIA/dcgm-exporter#216.
    gpuUtil: isMig ? 0 : Math.min(1, sm * 1.25 + 0.05 * random()),
    grEngine: Math.min(1, sm * 1.12),
    sm,
    tensor: sm * (0.28 + 0.06 * random()),
    dram: Math.min(1, sm * (0.5 + 0.08 * random())),
    framebufferMib: workload.framebufferGib * 1024 - 40 * random(),
    powerWatts:
      machine.idleWatts +
      (machine.powerLimitWatts - machine.idleWatts) * Math.min(1, 0.15 + sm * 0.85) * (0.97 + 0.06 * random()),
    queue: workload.hasQueue === true ? Math.max(0, sm - 0.25) * random() : undefined,
  };
}

function quiet(workload: FleetWorkload, random: () => number): Activity {
  const { machine } = workload;
  return {
    gpuUtil: 0,
    grEngine: 0,
    sm: 0,
    tensor: 0,
    dram: 0.0005 * random(),
    framebufferMib: workload.framebufferGib * 1024,
    powerWatts: machine.idleWatts * (1 + 0.05 * random()),
    queue: workload.hasQueue === true ? 0 : undefined,
  };
}

/** A GPU that no pod holds. */
export function unusedActivity(machine: FleetWorkload['machine'], seed: string): Activity {
  const random = seededRandom(seed);
  return {
    gpuUtil: 0,
    grEngine: 0,
    sm: 0,
    tensor: 0,
    dram: 0,
    framebufferMib: 3,
    powerWatts: machine.idleWatts * (0.9 + 0.05 * random()),
    queue: undefined,
  };
}
