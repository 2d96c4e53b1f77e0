import path from 'node:path';
import { checkJsonText, checkTable, type CheckReport } from './check/index.ts';
import { connectToGitHub } from './connect-github.ts';
import { costCheck, type CheckedCommits } from './cost-check.ts';
import { ProblemError, type EpochMs } from './domain/index.ts';
import { checkOnGitHub, type GitHubCheck } from './github-check.ts';
import { mergeBase, openRepository } from './gitops/index.ts';
import { ledgerPlace } from './ledger-place.ts';
import { readOperatorConfig } from './operator-config.ts';
import { visibleText } from './pullrequest/index.ts';
import { exitCodes, repositoryLocation, scanTime, type ExitCode, type Terminal } from './terminal.ts';
import { writeProblems } from './terminal-problems.ts';
import { terminalProgress } from './terminal-progress.ts';

export interface CheckCommandOptions {
  readonly repo: string;
  readonly base?: string;
  readonly head: string;
  /** `owner/name`, with `pull`, instead of `repo`, `base` and `head`. */
  readonly github?: string;
  readonly githubLogin?: string;
  readonly pull?: number;
  readonly config?: string;
  readonly out: string;
  readonly json: boolean;
  readonly asOf?: EpochMs;
}

/** `flyball check`: prices a change of a repository before it is merged. */
export async function checkCommand(options: CheckCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, problems } = await readOperatorConfig(options.config, terminal.cwd);
  const outDirectory = path.resolve(terminal.cwd, options.out);
  const progress = terminalProgress(terminal.stderr);
  const common = {
    config,
    configProblems: problems,
    asOf: scanTime(options.asOf, terminal),
    now: terminal.now,
    outDirectory,
    ledgerPath: ledgerPlace(config, { out: options.out, outDirectory }),
    progress,
  };
  if (options.github !== undefined) {
    if (options.pull === undefined) throw usage('--pull is missing', 'Name the pull request by its number: --pull 7.');
    const { github, githubLogin: login, pull } = options;
    const connected = await connectToGitHub(github, { github: config.github, login, environment: process.env });
    const checked = await checkOnGitHub(connected, pull, common).finally(() => progress.finish());
    return printOnGitHub(checked, options.json, terminal);
  }
  if (options.pull !== undefined) throw usage('--pull is of GitHub', 'Name the repository too: --github owner/name.');
  const commits = await localCommits(options, terminal, path.join(outDirectory, 'clones'));
  const { report } = await costCheck({ ...common, commits, audience: 'team' }).finally(() => progress.finish());
  print(report, options.json, terminal);
  return exitCodeOf(report);
}

/** What the change costs is not an error of the command: the pull request says it to those whom it concerns. */
function printOnGitHub(checked: GitHubCheck, isJson: boolean, terminal: Terminal): ExitCode {
  const problems =
    checked.kind === 'checked' ? checked.report.problems : checked.kind === 'not-checked' ? checked.problems : [];
  const posted = checked.kind === 'skipped' ? [] : checked.posted.kind === 'posted' ? checked.posted.problems : [];
  if (checked.kind === 'checked') print(checked.report, isJson, terminal);
  else writeProblems(problems, terminal.stderr);
  writeProblems(posted, terminal.stderr);
  (isJson ? terminal.stderr : terminal.stdout).write(`\nGitHub:   ${githubWords(checked)}\n`);
  if (problems.some(({ code }) => code === 'SOURCE_UNREACHABLE')) return exitCodes.sourceUnreachable;
  return [...problems, ...posted].some(({ severity }) => severity === 'error')
    ? exitCodes.inputHasErrors
    : exitCodes.done;
}

function githubWords(checked: GitHubCheck): string {
  if (checked.kind === 'skipped') return `not checked: ${visibleText(checked.detail)}`;
  const { posted } = checked;
  if (posted.kind === 'stale') return `nothing written: ${posted.detail}`;
  const asked = posted.asked.length === 0 ? '' : `, asked ${posted.asked.map(visibleText).join(', ')} for a review`;
  return `check run ${posted.checkRun}, comment ${posted.comment}, suggestions ${posted.suggestions}${asked}`;
}

async function localCommits(
  options: CheckCommandOptions,
  terminal: Terminal,
  cacheDirectory: string,
): Promise<CheckedCommits> {
  if (options.base === undefined)
    throw usage('--base is missing', 'Name the branch that the change is for: --base main.');
  const location = repositoryLocation(options.repo, terminal);
  if (location === options.repo && !path.isAbsolute(location)) {
    throw usage('--repo is an address', 'Clone the repository and give its path, or use --github with --pull.');
  }
  const target = await openRepository({ location, cacheDirectory, revision: options.base });
  const head = await openRepository({ location, cacheDirectory, revision: options.head });
  const common = await mergeBase(head.gitDirectory, target.commit, head.commit);
  const base =
    common === undefined || common === target.commit
      ? target
      : await openRepository({ location, cacheDirectory, revision: common });
  return { target, base, head };
}

function print(report: CheckReport, isJson: boolean, terminal: Terminal): void {
  terminal.stdout.write(isJson ? checkJsonText(report) : checkTable(report));
  if (!isJson) writeProblems(report.problems, terminal.stderr);
}

/** A change that a policy does not allow ends like an input with errors, so that a pipeline stops. */
function exitCodeOf({ problems, check }: CheckReport): ExitCode {
  if (problems.some(({ code }) => code === 'SOURCE_UNREACHABLE')) return exitCodes.sourceUnreachable;
  const isRefused = check.conclusion === 'failure';
  return isRefused || problems.some(({ severity }) => severity === 'error') ? exitCodes.inputHasErrors : exitCodes.done;
}

function usage(message: string, remedy: string): ProblemError {
  return new ProblemError({ code: 'USAGE', severity: 'error', place: { kind: 'none' }, message, remedy });
}
