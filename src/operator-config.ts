import { access } from 'node:fs/promises';
import path from 'node:path';
import { loadOperatorConfig, parseOperatorConfig, type OperatorConfig } from './config/index.ts';
import { ProblemError, type Problem } from './domain/index.ts';

/** The operator's configuration could not be used; every problem of it is in the message. */
export class ConfigRefused extends ProblemError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    super(problems[0]);
    this.problems = problems;
  }
}

/**
 * Reads the configuration that was named, else `flyball.yml` of the working folder, else the defaults.
 * @throws ConfigRefused when it has errors: where money and metrics come from is never guessed.
 */
export async function readOperatorConfig(
  named: string | undefined,
  cwd: string,
): Promise<{ readonly config: OperatorConfig; readonly problems: readonly Problem[] }> {
  const file = named === undefined ? await standardFile(cwd) : path.resolve(cwd, named);
  const loaded =
    file === undefined
      ? parseOperatorConfig({ text: '{}', path: path.join(cwd, 'flyball.yml') })
      : await loadOperatorConfig(file);
  const [first, ...rest] = loaded.problems;
  if (loaded.config !== undefined) return { config: loaded.config, problems: loaded.problems };
  if (first === undefined) throw new Error('the configuration was refused without a problem');
  throw new ConfigRefused([first, ...rest]);
}

async function standardFile(cwd: string): Promise<string | undefined> {
  const file = path.join(cwd, 'flyball.yml');
  return access(file).then(
    () => file,
    () => undefined,
  );
}
