import path from 'node:path';
import type { EpochMs } from './domain/index.ts';
import { openRepository } from './gitops/index.ts';
import { readOperatorConfig } from './operator-config.ts';
import { writeProblems } from './terminal-problems.ts';
import { renderPages, scanJsonText, scanTable, writePages, type ScanReport } from './report/index.ts';
import { localPublisher } from './publish.ts';
import { scan } from './scan.ts';
import { coverageLines } from './coverage-lines.ts';
import type { BackendName } from './scoring/index.ts';
import { exitCodes, repositoryLocation, scanTime, type ExitCode, type Terminal } from './terminal.ts';
import { terminalProgress } from './terminal-progress.ts';

export interface ScanCommandOptions {
  readonly repo: string;
  readonly config?: string;
  readonly out: string;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly asOf?: EpochMs;
  readonly backend?: BackendName;
}

/** `flyball scan`: runs a scan, writes its pages and prints its result. */
export async function scanCommand(options: ScanCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, problems } = await readOperatorConfig(options.config, terminal.cwd);
  const outDirectory = path.resolve(terminal.cwd, options.out);
  const progress = terminalProgress(terminal.stderr);
  const report = await scan({
    open: () =>
      openRepository({
        location: repositoryLocation(options.repo, terminal),
        cacheDirectory: path.join(outDirectory, 'clones'),
      }),
    publish: localPublisher(options),
    config,
    configProblems: problems,
    asOf: scanTime(options.asOf, terminal),
    now: terminal.now,
    outDirectory,
    ledgerPath:
      config.billing.length + config.metrics.length === 0 &&
      config.opencost.url === undefined &&
      config.trino === undefined
        ? ':memory:'
        : ledgerPath(config.ledger.path, options, outDirectory),
    searchPath: process.env['PATH'] ?? '',
    backend: options.backend ?? (config.model.backend === 'auto' ? undefined : config.model.backend),
    progress,
  }).finally(() => progress.finish());
  const pagesDirectory = path.join(outDirectory, 'pages');
  if (!options.dryRun) await writePages(pagesDirectory, renderPages(report));
  if (options.json) terminal.stdout.write(scanJsonText(report));
  else print(report, options.dryRun ? undefined : pagesDirectory, terminal);
  if (report.problems.some(({ code }) => code === 'SOURCE_UNREACHABLE')) return exitCodes.sourceUnreachable;
  return report.problems.some(({ severity }) => severity === 'error') ? exitCodes.inputHasErrors : exitCodes.done;
}

/** The configured ledger; a folder named by `--out` keeps its own. */
function ledgerPath(configured: string, options: ScanCommandOptions, outDirectory: string): string {
  return options.out === '.flyball' ? configured : path.join(outDirectory, 'ledger.duckdb');
}

function print(report: ScanReport, pagesDirectory: string | undefined, terminal: Terminal): void {
  const isTerminal = terminal.stdout.isTTY === true;
  terminal.stdout.write(`backend: ${report.backend.name} (${report.backend.device}); ${report.backend.reason}\n\n`);
  terminal.stdout.write(scanTable(report, { isTerminal, columns: terminal.stdout.columns ?? 160 }));
  terminal.stdout.write(`\n${coverageLines(report).join('\n')}\n`);
  writeProblems(report.problems, terminal.stderr);
  if (report.forgeDirectory !== undefined) terminal.stdout.write(`\nbranches: ${report.forgeDirectory}\n`);
  if (pagesDirectory !== undefined) terminal.stdout.write(`pages:    ${path.join(pagesDirectory, 'index.html')}\n`);
}
