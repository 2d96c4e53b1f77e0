import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseOperatorConfig, parseRepositoryConfig } from './config/index.ts';
import { compareProblems, type Problem } from './domain/index.ts';
import { loadCostPolicies } from './policy/index.ts';
import { writeProblems } from './terminal-problems.ts';
import { exitCodes, type ExitCode, type Terminal } from './terminal.ts';

const policyGroup = 'finops.apexlogic.com/';
const fileBytesMax = 1024 * 1024;
const filesMax = 100_000;

/** `flyball validate`: checks every configuration and policy below some paths, and prints all that is wrong. */
export async function validateCommand(paths: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const files: string[] = [];
  const problems: Problem[] = [];
  for (const given of paths) await collect(path.resolve(terminal.cwd, given), { files, problems, shown: given });
  let checked = 0;
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    const found = check(path.relative(terminal.cwd, file), text);
    if (found === undefined) continue;
    checked += 1;
    problems.push(...found);
  }
  writeProblems(problems.toSorted(compareProblems), terminal.stdout);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  terminal.stdout.write(
    `${checked} file${checked === 1 ? '' : 's'} checked, ${errors} error${errors === 1 ? '' : 's'}, ${problems.length - errors} warnings\n`,
  );
  return errors === 0 ? exitCodes.done : exitCodes.inputHasErrors;
}

/** YAML files at or below a path; links are not followed. */
async function collect(
  location: string,
  into: { readonly files: string[]; readonly problems: Problem[]; readonly shown: string },
): Promise<void> {
  const entry = await lstat(location).catch(() => undefined);
  if (entry === undefined) {
    into.problems.push({
      code: 'CONFIG_UNREADABLE',
      severity: 'error',
      place: { kind: 'file', path: into.shown },
      message: 'There is no such file or folder.',
      remedy: 'Name files or folders that exist.',
    });
    return;
  }
  if (entry.isFile()) {
    if (/\.(?:ya?ml|json)$/i.test(location) && entry.size <= fileBytesMax && into.files.length < filesMax)
      into.files.push(location);
    return;
  }
  if (!entry.isDirectory()) return;
  const names = (await readdir(location))
    .filter((name) => name !== 'node_modules' && name !== '.git' && name !== '.flyball')
    .toSorted();
  for (const name of names) await collect(path.join(location, name), into);
}

/** Undefined when the file is neither a configuration nor a policy. */
function check(file: string, text: string): readonly Problem[] | undefined {
  if (/^flyball\.ya?ml$/.test(path.basename(file))) {
    return path.basename(path.dirname(path.resolve(file))) === '.github'
      ? parseRepositoryConfig({ text, path: file }).problems
      : parseOperatorConfig({ text, path: file }).problems;
  }
  if (!text.includes(policyGroup)) return undefined;
  const parsed = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' });
  const policies = (Array.isArray(parsed) ? parsed : []).flatMap((document, documentIndex) => {
    const apiVersion: unknown = document.get('apiVersion');
    const isPolicy = typeof apiVersion === 'string' && apiVersion.startsWith(policyGroup);
    return isPolicy ? [{ path: file, text, documentIndex }] : [];
  });
  return policies.length === 0 ? undefined : loadCostPolicies(policies).problems;
}
