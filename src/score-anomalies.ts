import { fileURLToPath } from 'node:url';
import {
  ProblemError,
  type AnomalyScore,
  type CostSeries,
  type EpochMs,
  type Problem,
  type Progress,
  type UsageSeries,
  type WorkloadId,
} from './domain/index.ts';
import { chooseBackend, featurize, loadModel, scoreAll, type Backend, type BackendName } from './scoring/index.ts';

/** What the autoencoder says, and with which backend and model. */
export interface Scored {
  readonly anomalies: ReadonlyMap<WorkloadId, AnomalyScore>;
  readonly backend: Backend;
  /** Undefined when there is no usable model, or nothing to score. */
  readonly model: { readonly name: string; readonly digest: string } | undefined;
  readonly problems: readonly Problem[];
}

/** The model that comes with Flyball, beside src/ and dist/ alike. */
export const shippedModelPath: string = fileURLToPath(new URL('../models/gpu-hourly', import.meta.url));

/** Scores every workload's hours; a model that cannot be used is a problem of its own and does not stop the scan. */
export async function scoreAnomalies(options: {
  readonly usage: ReadonlyMap<WorkloadId, UsageSeries>;
  readonly cost: ReadonlyMap<WorkloadId, CostSeries>;
  readonly window: { readonly start: EpochMs; readonly end: EpochMs };
  readonly modelPath: string | undefined;
  readonly backend: BackendName | undefined;
  readonly progress: Progress;
}): Promise<Scored> {
  const backend = await chooseBackend(options.backend === undefined ? {} : { preference: options.backend });
  if (options.usage.size === 0) return { anomalies: new Map(), backend, model: undefined, problems: [] };
  options.progress.stage('scoring');
  try {
    const loaded = await loadModel(options.modelPath ?? shippedModelPath);
    const matrices = [...options.usage.values()].map((usage) => featurize(usage, options.cost.get(usage.workload)));
    const anomalies = await scoreAll(loaded.model, matrices, {
      windowStart: options.window.start,
      windowEnd: options.window.end,
    });
    return { anomalies, backend, model: { name: loaded.name, digest: loaded.digest }, problems: [] };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { anomalies: new Map(), backend, model: undefined, problems: [error.problem] };
  }
}
