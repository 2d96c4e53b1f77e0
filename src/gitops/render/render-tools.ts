import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runInSandbox } from './sandbox.ts';

/** A program that renders what a cluster gets. */
export interface RenderTool {
  readonly name: 'kustomize' | 'helm' | 'flux';
  /** Absolute path of the program, and what stands before its own arguments. */
  readonly command: readonly [program: string, ...args: string[]];
  /** As it says of itself, such as `v5.8.1`. */
  readonly version: string;
}

export interface RenderTools {
  readonly kustomize: RenderTool | undefined;
  readonly helm: RenderTool | undefined;
  readonly flux: RenderTool | undefined;
}

/** How each program is asked for its version, best first: kubectl brings a kustomize of its own. */
const candidates = [
  { name: 'kustomize', program: 'kustomize', before: ['build'], version: ['version'] },
  { name: 'kustomize', program: 'kubectl', before: ['kustomize'], version: ['version', '--client'] },
  { name: 'helm', program: 'helm', before: [], version: ['version', '--short'] },
  { name: 'flux', program: 'flux', before: [], version: ['version', '--client'] },
] as const;

/** Looks for the programs in the folders of a search path, and runs each once for its version. Absent ones are left out. */
export async function findRenderTools(searchPath: string): Promise<RenderTools> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'flyball-tools-'));
  try {
    return await askVersions(searchPath, home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function askVersions(searchPath: string, home: string): Promise<RenderTools> {
  const found: Partial<Record<RenderTool['name'], RenderTool>> = {};
  for (const { name, program, before, version } of candidates) {
    const file = found[name] === undefined ? await findProgram(program, searchPath) : undefined;
    if (file === undefined) continue;
    const answer = await runInSandbox([file, ...version], { folder: home, home, secondsMax: 20 });
    const said =
      answer.kind === 'done' ? /v?\d+\.\d+(?:\.\d+)?(?:[+-][\w.]+)?/.exec(lastVersion(answer.stdout))?.[0] : undefined;
    if (said !== undefined) found[name] = { name, command: [file, ...before], version: said };
  }
  return { kustomize: found.kustomize, helm: found.helm, flux: found.flux };
}

/** `kubectl version` names its own version first and Kustomize's after it. */
function lastVersion(text: string): string {
  return /Kustomize Version:.*/.exec(text)?.[0] ?? text;
}

async function findProgram(program: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, program);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}
