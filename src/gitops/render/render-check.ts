import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError, type LeverValue } from '../../domain/index.ts';
import type { RepositorySnapshot } from '../git/repository.ts';
import type { RepositoryFile } from '../git/tree.ts';
import type { ChangedField } from '../proof/changed-fields.ts';
import type { RenderTarget } from './render-target.ts';
import type { RenderTool, RenderTools } from './render-tools.ts';
import { differingFields, renderedObjects, type RenderedField } from './rendered-objects.ts';
import { findNetworkIsolation, runInSandbox } from './sandbox.ts';
import { filesToRender, openWorkFolder, type WorkFolder } from './work-folder.ts';

export type RenderCheck =
  /** Every program that could render saw exactly the intended change; the others say why they could not. */
  | { readonly kind: 'agreed'; readonly checkedBy: readonly string[]; readonly notRendered: readonly string[] }
  | { readonly kind: 'refused'; readonly detail: string };

/** What is rendered before and after, and what may differ. */
export interface RenderQuestion {
  readonly edited: ReadonlyMap<string, string>;
  readonly before: readonly RenderTarget[];
  readonly after: readonly RenderTarget[];
  /** What Flyball's own reading says changes. */
  readonly expected: readonly ChangedField[];
  readonly to: readonly LeverValue[];
}

/** Renders a repository with real programs, before and after an edit. */
export interface RenderChecker {
  check(question: RenderQuestion): Promise<RenderCheck>;
  /** Removes the temporary folder. */
  close(): Promise<void>;
}

const secondsMax = 60;
const repositoryBytesMax = 512 * 1024 * 1024;

/**
 * Opens a temporary folder with the commit's files, in which the programs run without network, without plugins and with
 * an empty environment. @throws GitError
 */
export async function openRenderChecker(snapshot: RepositorySnapshot, tools: RenderTools): Promise<RenderChecker> {
  const found = await findFiles(snapshot);
  if (found.kind === 'unreachable') return withoutRendering(tools, found.detail);
  const { files } = found;
  const bytes = files.reduce((sum, { size }) => sum + (size ?? 0), 0);
  if (bytes > repositoryBytesMax) {
    const mebibytes = Math.ceil(bytes / 2 ** 20);
    const most = repositoryBytesMax / 2 ** 20;
    return withoutRendering(
      tools,
      `the repository has ${mebibytes} MiB, more than the ${most} that are written to disk for it`,
    );
  }
  const work = await openWorkFolder(snapshot, files);
  const isolation = await findNetworkIsolation(work.home);
  if (isolation === undefined) {
    await work.remove();
    return withoutRendering(
      tools,
      'this machine gives a program no network namespace of its own (unshare --net), and none is run with a network',
    );
  }
  const bench: Bench = { work, tools, isolation, before: new Map() };
  return { check: (question) => check(question, bench), close: () => work.remove() };
}

/** Without the address, what a partial clone left out cannot be had: the edit is then proven by Flyball's own reading alone. */
async function findFiles(
  snapshot: RepositorySnapshot,
): Promise<
  | { readonly kind: 'found'; readonly files: readonly RepositoryFile[] }
  | { readonly kind: 'unreachable'; readonly detail: string }
> {
  try {
    return { kind: 'found', files: await filesToRender(snapshot) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { kind: 'unreachable', detail: error.problem.message };
  }
}

function withoutRendering(tools: RenderTools, why: string): RenderChecker {
  const notRendered = Object.values(tools).flatMap((tool) => (tool === undefined ? [] : [`${tool.name}: ${why}`]));
  return { check: async () => ({ kind: 'agreed', checkedBy: [], notRendered }), close: async () => undefined };
}

interface Bench {
  readonly work: WorkFolder;
  readonly tools: RenderTools;
  readonly isolation: readonly string[];
  /** Renderings of the commit as it is, each made once. */
  readonly before: Map<string, Rendering>;
}

type Rendering =
  | { readonly kind: 'rendered'; readonly objects: ReadonlyMap<string, unknown> }
  | { readonly kind: 'failed'; readonly detail: string };

async function check(question: RenderQuestion, bench: Bench): Promise<RenderCheck> {
  const checkedBy = new Set<string>();
  const notRendered: string[] = [];
  const isFluxHere = bench.tools.flux !== undefined;
  for (const target of question.before) {
    // What Flux builds holds what Kustomize builds; one program for each folder is enough.
    if (target.kind === 'kustomize' && isFluxHere && question.before.some((other) => isFluxOf(other, target))) continue;
    const tool = bench.tools[target.kind];
    if (tool === undefined) continue;
    const name = `${tool.name} ${tool.version}`;
    const old = await renderedBefore(target, tool, bench);
    if (old.kind === 'failed') {
      notRendered.push(`${name}: ${old.detail}`);
      continue;
    }
    const then = question.after.find((other) => isSameTarget(other, target)) ?? target;
    const now = await bench.work.withEdits(question.edited, () => render(then, tool, bench));
    if (now.kind === 'failed')
      return { kind: 'refused', detail: `${name} cannot render it after the edit: ${now.detail}` };
    const fields = differingFields(old.objects, now.objects);
    const unexpected = fields.find((field) => !isExpected(field, target, question));
    if (unexpected !== undefined) {
      const where = `${unexpected.path.join('.')} of ${unexpected.kind} ${unexpected.name}`;
      return { kind: 'refused', detail: `${name} shows that the edit would also change ${where}` };
    }
    if (fields.length === 0 && isMeantToMove(target, question)) {
      return { kind: 'refused', detail: `${name} shows that the edit would change nothing` };
    }
    // Who sees nothing of an edit that lies in a delivery object has checked nothing.
    if (fields.length > 0) checkedBy.add(name);
  }
  return { kind: 'agreed', checkedBy: [...checkedBy], notRendered };
}

function isFluxOf(other: RenderTarget, target: RenderTarget): boolean {
  return other.kind === 'flux' && target.kind === 'kustomize' && other.folder === target.folder;
}

function isSameTarget(left: RenderTarget, right: RenderTarget): boolean {
  if (left.kind === 'kustomize') return right.kind === 'kustomize' && left.folder === right.folder;
  if (left.kind === 'flux') return right.kind === 'flux' && left.name === right.name && left.folder === right.folder;
  return right.kind === 'helm' && left.release === right.release && left.chart === right.chart;
}

/** Whether the program must see the edit: Kustomize alone knows nothing of what is written in delivery objects. */
function isMeantToMove(target: RenderTarget, { edited }: RenderQuestion): boolean {
  if (target.kind !== 'kustomize') return true;
  const prefix = target.folder === '.' ? '' : `${target.folder}/`;
  return [...edited.keys()].some((file) => file.startsWith(prefix));
}

/** A chart's objects are not known before it is rendered: there any field may move that gets the wanted value. */
function isExpected(field: RenderedField, target: RenderTarget, { expected, to }: RenderQuestion): boolean {
  const isWanted = to.some((value) => String(value) === String(field.after));
  if (target.kind === 'helm') return isWanted;
  return expected.some(
    ({ object, path: keys, after }) =>
      object.startsWith(`${field.kind} `) &&
      object.endsWith(`/${field.name}`) &&
      keys.join('\u0000') === field.path.join('\u0000') &&
      (after === undefined || String(after) === String(field.after)),
  );
}

async function renderedBefore(target: RenderTarget, tool: RenderTool, bench: Bench): Promise<Rendering> {
  const key = JSON.stringify(target);
  const known = bench.before.get(key);
  if (known !== undefined) return known;
  const rendering = await render(target, tool, bench);
  bench.before.set(key, rendering);
  return rendering;
}

async function render(target: RenderTarget, tool: RenderTool, { work, isolation }: Bench): Promise<Rendering> {
  const args = await argumentsFor(target, { inputs: work.home, root: work.path });
  const result = await runInSandbox([...tool.command, ...args], {
    folder: work.path,
    home: work.home,
    secondsMax,
    isolation,
  });
  if (result.kind === 'failed') return result;
  const objects = renderedObjects(result.stdout);
  return objects === undefined
    ? { kind: 'failed', detail: 'what it wrote is not YAML' }
    : { kind: 'rendered', objects };
}

/** Paths are absolute or begin with `./`, so that no name is taken for an option. */
async function argumentsFor(
  target: RenderTarget,
  { inputs, root }: { readonly inputs: string; readonly root: string },
): Promise<readonly string[]> {
  switch (target.kind) {
    case 'kustomize':
      return [`./${target.folder}`];
    case 'flux': {
      const file = path.join(inputs, 'kustomization.json');
      await writeFile(file, target.object);
      const folder = path.join(root, ...target.folder.split('/'));
      return [
        'build',
        'kustomization',
        `--path=${folder}`,
        `--kustomization-file=${file}`,
        '--dry-run',
        '--',
        target.name,
      ];
    }
    case 'helm': {
      const file = path.join(inputs, 'values.json');
      await writeFile(file, target.values);
      return [
        'template',
        `--namespace=${target.namespace}`,
        `--values=${file}`,
        '--',
        target.release,
        `./${target.chart}`,
      ];
    }
  }
}
