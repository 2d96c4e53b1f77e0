import path from 'node:path';
import type { EpochMs } from './domain/index.ts';
import { gather } from './gather.ts';
import { kindCatalogue, openRepository, takeInventory } from './gitops/index.ts';
import { readOperatorConfig } from './operator-config.ts';
import { writeProblems } from './terminal-problems.ts';
import { chooseBackend, featurize, saveModel, trainAutoencoder, type BackendName } from './scoring/index.ts';
import { exitCodes, repositoryLocation, scanTime, type ExitCode, type Terminal } from './terminal.ts';
import { terminalProgress } from './terminal-progress.ts';
import { version } from './version.ts';

export interface TrainCommandOptions {
  readonly out: string;
  readonly config?: string;
  readonly repo: string;
  readonly work: string;
  readonly seed: number;
  readonly asOf?: EpochMs;
  readonly backend?: BackendName;
}

/** `flyball train`: trains the autoencoder on the configured data and saves it with its card. */
export async function trainCommand(options: TrainCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { config } = await readOperatorConfig(options.config, terminal.cwd);
  const work = path.resolve(terminal.cwd, options.work);
  const backend = await chooseBackend(options.backend === undefined ? {} : { preference: options.backend });
  terminal.stdout.write(`backend: ${backend.name} (${backend.device}); ${backend.reason}\n`);
  const progress = terminalProgress(terminal.stderr);
  const snapshot = await openRepository({
    location: repositoryLocation(options.repo, terminal),
    cacheDirectory: path.join(work, 'clones'),
  });
  const inventory = await takeInventory(snapshot, {
    clusters: config.clusters,
    kinds: kindCatalogue(config.kinds),
    cache: { folder: path.join(work, 'cache'), programVersion: version },
    progress,
  });
  const asOf = scanTime(options.asOf, terminal);
  const gathered = await gather({
    config,
    workloads: inventory.workloads,
    asOf,
    now: terminal.now,
    ledgerPath: path.join(work, 'ledger.duckdb'),
    temporaryDirectory: path.join(work, 'tmp'),
    progress,
  });
  const { usage, cost } = gathered.attribution;
  const matrices = [...usage.values()].map((series) => featurize(series, cost.get(series.workload)));
  writeProblems(gathered.problems, terminal.stderr);
  if (matrices.every(({ hours }) => hours.length === 0)) {
    progress.finish();
    terminal.stderr.write('Nothing to train on: no metric of the window belongs to a workload of the repository.\n');
    return exitCodes.inputHasErrors;
  }
  progress.stage('training');
  const model = await trainAutoencoder({ matrices, dataDigest: gathered.dataDigest, seed: options.seed, progress });
  progress.finish();
  const directory = path.resolve(terminal.cwd, options.out);
  await saveModel(model, directory);
  terminal.stdout.write(
    `trained on ${model.trainHours} hours of ${matrices.length} workloads in ${model.epochs} epochs; ` +
      `error on ${model.validationHours} held-out hours ${model.validationError.toPrecision(3)}, threshold ${model.threshold.toPrecision(3)}\n` +
      `model: ${directory}\n`,
  );
  return exitCodes.done;
}
