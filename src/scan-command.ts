import path from 'node:path';
import type { EpochMs } from './domain/index.ts';
import { connectToGitHub, type ConnectedRepository } from './connect-github.ts';
import { openRemoteRepository, openRepository, type RepositorySnapshot } from './gitops/index.ts';
import { ledgerPlace } from './ledger-place.ts';
import { readOperatorConfig } from './operator-config.ts';
import { writeProblems } from './terminal-problems.ts';
import { renderPages, scanJsonText, scanTable, writePages, type ScanReport } from './report/index.ts';
import { localPublisher } from './publish.ts';
import { githubForge, type GitHubResult } from './publish-github.ts';
import { visibleText } from './pullrequest/index.ts';
import { scan } from './scan.ts';
import { coverageLines } from './coverage-lines.ts';
import type { BackendName } from './scoring/index.ts';
import { exitCodes, repositoryLocation, scanTime, type ExitCode, type Terminal } from './terminal.ts';
import { terminalProgress } from './terminal-progress.ts';

export interface ScanCommandOptions {
  readonly repo: string;
  /** `owner/name`, instead of `repo`. */
  readonly github?: string;
  readonly githubLogin?: string;
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
  const github =
    options.github === undefined
      ? undefined
      : await connectToGitHub(options.github, {
          github: config.github,
          login: options.githubLogin,
          environment: process.env,
        });
  const forge = github === undefined || options.dryRun ? undefined : githubForge(github.repository, terminal);
  const report = await scan({
    open: () => open(options, { github, cacheDirectory: path.join(outDirectory, 'clones') }, terminal),
    publish: forge?.publish ?? localPublisher(options),
    config,
    configProblems: problems,
    asOf: scanTime(options.asOf, terminal),
    now: terminal.now,
    outDirectory,
    ledgerPath: ledgerPlace(config, { out: options.out, outDirectory }),
    searchPath: process.env['PATH'] ?? '',
    backend: options.backend ?? (config.model.backend === 'auto' ? undefined : config.model.backend),
    progress,
  }).finally(() => progress.finish());
  const pagesDirectory = path.join(outDirectory, 'pages');
  if (!options.dryRun) await writePages(pagesDirectory, renderPages(report));
  const done = await forge?.finish(report);
  if (options.json) terminal.stdout.write(scanJsonText(report));
  else print(report, options.dryRun ? undefined : pagesDirectory, terminal);
  if (done !== undefined) (options.json ? terminal.stderr : terminal.stdout).write(githubText(done));
  if (report.problems.some(({ code }) => code === 'SOURCE_UNREACHABLE')) return exitCodes.sourceUnreachable;
  return report.problems.some(({ severity }) => severity === 'error') ? exitCodes.inputHasErrors : exitCodes.done;
}

/** The commit to be scanned: of the default branch on GitHub, else of what `--repo` names. */
function open(
  options: ScanCommandOptions,
  from: { readonly github: ConnectedRepository | undefined; readonly cacheDirectory: string },
  terminal: Terminal,
): Promise<RepositorySnapshot> {
  const { github, cacheDirectory } = from;
  if (github === undefined) {
    return openRepository({ location: repositoryLocation(options.repo, terminal), cacheDirectory });
  }
  return openRemoteRepository({
    url: github.cloneUrl,
    name: github.repository.name,
    ref: undefined,
    authorization: github.authorization,
    cacheDirectory,
  });
}

function githubText(result: GitHubResult): string {
  switch (result.kind) {
    case 'withheld':
      return `\nGitHub:   nothing was opened, changed or closed: ${visibleText(result.detail)}\n`;
    case 'onboarding':
      return `\nGitHub:   onboarding ${result.state}${result.url === undefined ? '' : ` ${result.url}`}\n`;
    case 'published': {
      const { outcomes, closed } = result.published;
      const lines = outcomes.map(
        ({ outcome, branch, pull, detail }) =>
          `  ${outcome.padEnd(10)} ${pull === undefined ? branch : pull.url}${detail === undefined ? '' : ` (${visibleText(detail)})`}`,
      );
      const gone = closed.map(({ number, detail }) => `  closed     #${number} (${visibleText(detail)})`);
      return `\nGitHub:\n${[...lines, ...gone, ...(lines.length + gone.length === 0 ? ['  nothing to do'] : [])].join('\n')}\n`;
    }
  }
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
