import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ProblemError } from './domain/index.ts';
import { findRenderTools } from './gitops/index.ts';
import { realPacing } from './ingest/http/index.ts';
import { checkPrometheus, type PrometheusSource } from './ingest/metrics/index.ts';
import { checkTrino, type TrinoSource } from './ingest/trino/index.ts';
import { readOperatorConfig } from './operator-config.ts';
import { shippedModelPath } from './score-anomalies.ts';
import { chooseBackend, loadModel, type BackendName } from './scoring/index.ts';
import { exitCodes, type ExitCode, type Terminal } from './terminal.ts';
import { version } from './version.ts';

/** `flyball doctor`: what this machine has, line by line; the first line is the backend in use. */
export async function doctorCommand(
  options: { readonly config?: string; readonly backend?: BackendName },
  terminal: Terminal,
): Promise<ExitCode> {
  let isWell = true;
  const tell = (text: string): void => void terminal.stdout.write(`${text}\n`);
  const attempt = async (label: string, work: () => Promise<string>): Promise<void> => {
    try {
      tell(`${label.padEnd(11)}${await work()}`);
    } catch (error) {
      isWell = false;
      const remedy = error instanceof ProblemError ? ` ${error.problem.remedy}` : '';
      tell(`${label.padEnd(11)}NOT WELL: ${error instanceof Error ? error.message : String(error)}${remedy}`);
    }
  };
  await attempt('backend', async () => {
    const backend = await chooseBackend(options.backend === undefined ? {} : { preference: options.backend });
    const over = backend.passedOver.map(({ name, why }) => `\n${' '.repeat(11)}${name}: ${why}`).join('');
    return `${backend.name} (${backend.device})${over}`;
  });
  tell(`${'flyball'.padEnd(11)}${version}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}`);
  await attempt('git', async () => (await promisify(execFile)('git', ['--version'])).stdout.trim());
  await attempt('duckdb', async () => (await import('@duckdb/node-api')).version());
  await attempt('renderers', async () => {
    const tools = Object.values(await findRenderTools(process.env['PATH'] ?? '')).filter((tool) => tool !== undefined);
    const found = tools.map(({ name, version: itsVersion }) => `${name} ${itsVersion}`).join(', ');
    return found === '' ? 'none of kustomize, helm, flux; proposals are proven by Flyball alone' : found;
  });
  let servers: readonly PrometheusSource[] = [];
  let trino: TrinoSource | undefined;
  await attempt('config', async () => {
    const { config } = await readOperatorConfig(options.config, terminal.cwd);
    trino = config.trino;
    servers = config.metrics.filter((source) => source.kind === 'prometheus');
    return `${config.billing.length} billing and ${config.metrics.length} metrics sources, currency ${config.currency}`;
  });
  const coordinator = trino;
  if (coordinator !== undefined) {
    await attempt('trino', async () => {
      const tables = await checkTrino(coordinator, { pacing: realPacing(terminal.now) });
      const found = [...tables].map(([table, columns]) => `${table} with ${columns} FOCUS columns`).join(', ');
      return `${coordinator.url} answers: ${found}`;
    });
  }
  for (const server of servers) {
    await attempt('metrics', async () => {
      const { gpuSeries } = await checkPrometheus(server, { pacing: realPacing(terminal.now) });
      if (gpuSeries.size === 0) {
        throw new Error(
          `${server.url} answers, but has no DCGM_FI_* series at present: check that it scrapes dcgm-exporter, ` +
            'and that matchLabels and the tenant header are those of the GPU clusters.',
        );
      }
      return `${server.url} answers, with ${gpuSeries.size} DCGM_FI_* metrics of up to ${Math.max(...gpuSeries.values())} series`;
    });
  }
  await attempt('model', async () => {
    const { model, name, digest } = await loadModel(shippedModelPath);
    return `${name} ${digest.slice(0, 12)}, trained on ${model.trainHours} hours, threshold ${model.threshold.toPrecision(3)}`;
  });
  return isWell ? exitCodes.done : exitCodes.inputHasErrors;
}
