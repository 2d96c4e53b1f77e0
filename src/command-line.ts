import { Command, CommanderError, Option } from 'commander';
import { parseUtc, ProblemError, type EpochMs } from './domain/index.ts';
import { checkCommand } from './check-command.ts';
import { doctorCommand } from './doctor.ts';
import { backendNames } from './scoring/index.ts';
import { inventoryCommand } from './inventory-command.ts';
import { catalogueRefreshCommand, catalogueShowCommand, priceProviders } from './catalogue-command.ts';
import { exportFormats } from './ledger/index.ts';
import {
  ledgerCompactCommand,
  ledgerExportCommand,
  ledgerQueryCommand,
  ledgerStatusCommand,
} from './ledger-command.ts';
import { scanCommand } from './scan-command.ts';
import { serveCommand } from './serve-command.ts';
import { trainCommand } from './train.ts';
import { validateCommand } from './validate.ts';
import { ConfigRefused } from './operator-config.ts';
import { writeProblems } from './terminal-problems.ts';
import { exitCodes, type ExitCode, type Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line; returns its exit code and never throws for what a user can cause. */
export async function main(arguments_: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const program = makeProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...arguments_], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!(error instanceof ProblemError)) throw error;
    writeProblems(error instanceof ConfigRefused ? error.problems : [error.problem], terminal.stderr);
    if (error.problem.code === 'SOURCE_UNREACHABLE') return exitCodes.sourceUnreachable;
    return error.problem.code === 'USAGE' ? exitCodes.usage : exitCodes.inputHasErrors;
  }
}

function makeProgram(terminal: Terminal, exitWith: (code: ExitCode) => void): Command {
  const program = new Command('flyball')
    .description('Governs what GPU and AI workloads cost: proposes minimal changes to a GitOps repository.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 the input has errors (all reported), 2 usage, 3 a source was unreachable.',
    );
  const backend = new Option('--backend <name>', 'the TensorFlow.js backend, instead of the best one').choices(
    backendNames,
  );
  const asOf = new Option('--as-of <time>', 'the clock of the scan, RFC 3339 (default: the present hour)').argParser(
    readTime,
  );

  program
    .command('scan')
    .description('read bills and metrics, judge the workloads of a repository, and write branches and pages')
    .option('--repo <location>', 'a clone, a bare repository or a URL', '.')
    .addOption(
      new Option(
        '--github <owner/name>',
        'a repository on GitHub: its default branch is read, pull requests are opened',
      )
        .argParser(readRepositoryName)
        .conflicts('repo'),
    )
    .option('--github-login <account>', 'who writes with GITHUB_TOKEN (default: asked, else github-actions[bot])')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .option('--out <folder>', 'where the ledger, the branches and the pages go', '.flyball')
    .option('--dry-run', 'write no branches and no pages', false)
    .option('--json', 'print the result as JSON', false)
    .addOption(asOf)
    .addOption(backend)
    .action(async (options) => exitWith(await scanCommand(options, terminal)));
  program
    .command('inventory')
    .description(
      'list the workloads of a repository, their levers, and the line that decides each, or why none may be changed',
    )
    .option('--repo <location>', 'a clone, a bare repository or a URL', '.')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .option('--out <folder>', 'where clones of URLs go', '.flyball')
    .option('--json', 'print the inventory as JSON', false)
    .action(async (options) => exitWith(await inventoryCommand(options, terminal)));
  program
    .command('serve')
    .description('run as a GitHub App: webhooks, scheduled scans, /healthz, /readyz and /metrics')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .addOption(
      new Option('--as-of <time>', 'the clock of every scan, for trials (default: the present hour)').argParser(
        readTime,
      ),
    )
    .action(async (options) => exitWith(await serveCommand(options, terminal)));
  addCheckCommand(program.command('check').addOption(asOf), terminal, exitWith);
  addLedgerCommands(program, terminal, exitWith);
  addCatalogueCommands(program, terminal, exitWith);
  program
    .command('validate')
    .description('check configuration and policies; errors as file:line:column')
    .argument('[paths...]', 'files and folders', ['.'])
    .action(async (paths) => exitWith(await validateCommand(paths, terminal)));
  program
    .command('train')
    .description('train the autoencoder on the configured data and save it with its model card')
    .requiredOption('--out <folder>', 'the folder of the model, such as models/gpu-hourly')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .option('--repo <location>', 'a clone, a bare repository or a URL', '.')
    .option('--work <folder>', 'where the ledger goes', '.flyball')
    .option('--seed <number>', 'seed of the initial weights and of the shuffling', readWholeNumber, 1)
    .addOption(asOf)
    .addOption(backend)
    .action(async (options) => exitWith(await trainCommand(options, terminal)));
  program
    .command('doctor')
    .description('show what this machine has: backends, versions, configuration, model')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .addOption(backend)
    .action(async (options) => exitWith(await doctorCommand(options, terminal)));
  return program;
}

function addCheckCommand(check: Command, terminal: Terminal, exitWith: (code: ExitCode) => void): void {
  check
    .description('price a change before it is merged: what its workloads cost before and after, budgets, cheaper ways')
    .option('--repo <folder>', 'a clone or a bare repository', '.')
    .option('--base <revision>', 'the branch that the change is for')
    .option('--head <revision>', 'the change', 'HEAD')
    .addOption(
      new Option('--github <owner/name>', 'a repository on GitHub: a pull request is checked, and told so')
        .argParser(readRepositoryName)
        .conflicts(['repo', 'base', 'head']),
    )
    .addOption(new Option('--pull <number>', 'the pull request, with --github').argParser(readPullNumber))
    .option('--github-login <account>', 'who writes with GITHUB_TOKEN (default: asked, else github-actions[bot])')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .option('--out <folder>', 'where the ledger is', '.flyball')
    .option('--json', 'print the result as JSON', false)
    .action(async (options) => exitWith(await checkCommand(options, terminal)));
}

function addLedgerCommands(program: Command, terminal: Terminal, exitWith: (code: ExitCode) => void): void {
  const ledger = program.command('ledger').description('look into what bills and metrics were read');
  const file = (): Option => new Option('--ledger <file>', 'the ledger').default('.flyball/ledger.duckdb');
  ledger
    .command('status')
    .description('list the sources, the period and the currencies')
    .addOption(file())
    .option('--json', 'print it as JSON', false)
    .action(async (options) => exitWith(await ledgerStatusCommand(options, terminal)));
  ledger
    .command('query')
    .description('ask one question in SQL; the ledger is read, never changed')
    .argument(
      '<sql>',
      'a SELECT over billing_row, gpu_hour, serving_hour, workload_hour, workload_day, source_file, source_path',
    )
    .addOption(file())
    .addOption(new Option('--format <name>', 'CSV, or one JSON object a line').choices(['csv', 'json']).default('csv'))
    .action(async (sql, options) => exitWith(await ledgerQueryCommand(sql, options, terminal)));
  ledger
    .command('export')
    .description('write every table to a file')
    .addOption(file())
    .requiredOption('--out <folder>', 'where the files go')
    .addOption(new Option('--format <name>', 'the kind of file').choices(exportFormats).default('parquet'))
    .action(async (options) => exitWith(await ledgerExportCommand(options, terminal)));
  ledger
    .command('compact')
    .description('delete what is past ledger.retention, and give the space back')
    .option('--ledger <file>', 'the ledger (default: that of the configuration)')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .addOption(
      new Option('--as-of <time>', 'the clock of the retention, RFC 3339 (default: the present hour)').argParser(
        readTime,
      ),
    )
    .option('--dry-run', 'only count', false)
    .action(async (options) => exitWith(await ledgerCompactCommand(options, terminal)));
}

function addCatalogueCommands(program: Command, terminal: Terminal, exitWith: (code: ExitCode) => void): void {
  const catalogue = program.command('catalogue').description('machines with GPUs, what they can do and what they cost');
  catalogue
    .command('show')
    .argument('[type]', 'one machine, with every known price')
    .description('list the machines of the catalogue, price files included')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .option('--json', 'print JSON', false)
    .action(async (type, options) => exitWith(await catalogueShowCommand(type, options, terminal)));
  catalogue
    .command('refresh')
    .description("ask a provider's public price list, and write a price file")
    .addOption(new Option('--provider <name>', 'whose prices').choices(priceProviders).makeOptionMandatory())
    .option('--region <names...>', 'only these regions', [])
    .option('--out <file>', 'the price file', 'prices.yml')
    .option('--url <address>', 'a mirror of the price list')
    .option('--config <file>', 'the operator configuration (default: flyball.yml, if it is there)')
    .action(async (options) => exitWith(await catalogueRefreshCommand(options, terminal)));
}

function readRepositoryName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/.test(text)) return text;
  throw usageError(`--github is "${text}", which is no repository`, 'Write it as owner/name.');
}

function readPullNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usageError(`--pull is "${text}", which is no number of a pull request`, 'Write it as 7.');
}

function readTime(text: string): EpochMs {
  const time = parseUtc(text);
  if (time !== undefined) return time;
  throw usageError(`--as-of is "${text}", which is not a time`, 'Write it as 2026-11-01 or 2026-11-01T06:00:00Z.');
}

function readWholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`--seed is "${text}", which is not a whole number`, 'Write a number from 0 to 999999999.');
}

function usageError(message: string, remedy: string): ProblemError {
  return new ProblemError({ code: 'USAGE', severity: 'error', place: { kind: 'none' }, message, remedy });
}
