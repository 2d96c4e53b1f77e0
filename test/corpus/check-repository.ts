import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DecidingField, Lever, LeverValue, Workload } from '../../src/domain/index.ts';
import {
  editField,
  openRepository,
  openStructuralProver,
  takeInventory,
  type RepositorySnapshot,
  type StructuralProver,
} from '../../src/gitops/index.ts';

/** What came of editing every lever of a repository. */
export interface CorpusResult {
  readonly filesListed: number;
  readonly filesParsed: number;
  readonly workloads: number;
  /** Workloads with at least one editable lever. */
  readonly editableWorkloads: number;
  readonly levers: number;
  /** Levers that were edited, proven and edited back, by how their value reaches the cluster. */
  readonly edited: ReadonlyMap<string, number>;
  /** Levers that are not editable, by reason. */
  readonly notEditable: ReadonlyMap<string, number>;
  /** Editable levers whose edit the proof refused: nothing is proposed for them either. */
  readonly refused: readonly string[];
  /** Anything that must not be: an edit that changes other bytes, or does not come back. */
  readonly wrong: readonly string[];
}

/** Edits every editable lever of a folder of manifests, in memory, and checks the bytes, the meaning and the way back. */
export async function checkRepository(folder: string): Promise<CorpusResult> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'flyball-corpus-'));
  try {
    const repository = path.join(scratch, path.basename(folder));
    await cp(folder, repository, { recursive: true });
    commitAll(repository);
    const snapshot = await openRepository({ location: repository, cacheDirectory: path.join(scratch, 'cache') });
    return await check(snapshot);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function commitAll(repository: string): void {
  const git = (...args: readonly string[]): void => {
    execFileSync('git', ['-c', 'user.name=Corpus', '-c', 'user.email=corpus@localhost', ...args], {
      cwd: repository,
      env: { PATH: process.env['PATH'], HOME: repository, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      stdio: 'pipe',
    });
  };
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all', '--force');
  git('commit', '--quiet', '--message=Corpus');
}

async function check(snapshot: RepositorySnapshot): Promise<CorpusResult> {
  const inventory = await takeInventory(snapshot);
  const prover = await openStructuralProver(snapshot);
  const edited = new Map<string, number>();
  const notEditable = new Map<string, number>();
  const refused: string[] = [];
  const wrong: string[] = [];
  for (const workload of inventory.workloads) {
    for (const lever of workload.levers) {
      if (lever.field.kind === 'not-editable') {
        count(notEditable, lever.field.reason);
        continue;
      }
      const { field } = lever.field;
      const file = await snapshot.readText(field.path);
      if (file.kind !== 'text') throw new Error(`${field.path}: ${file.detail}`);
      const outcome = editAndBack({ workload, lever, text: file.text, prover });
      if (outcome.kind === 'right') count(edited, `${field.mechanism}${field.kind === 'absent' ? ', added' : ''}`);
      else (outcome.kind === 'refused' ? refused : wrong).push(`${workload.id} ${lever.kind}: ${outcome.detail}`);
    }
  }
  const isEditable = ({ field }: Lever): boolean => field.kind === 'editable';
  return {
    filesListed: inventory.filesListed,
    filesParsed: inventory.filesParsed,
    workloads: inventory.workloads.length,
    editableWorkloads: inventory.workloads.filter(({ levers }) => levers.some(isEditable)).length,
    levers: inventory.workloads.reduce((sum, { levers }) => sum + levers.length, 0),
    edited,
    notEditable,
    refused,
    wrong,
  };
}

type Outcome =
  | { readonly kind: 'right' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'wrong'; readonly detail: string };

function editAndBack(what: {
  readonly workload: Workload;
  readonly lever: Lever;
  readonly text: string;
  readonly prover: StructuralProver;
}): Outcome {
  const { workload, lever, text, prover } = what;
  if (lever.field.kind !== 'editable') return { kind: 'wrong', detail: 'not editable' };
  const { field, companions = [] } = lever.field;
  const to = another(lever.current);
  if (companions.length > 0) return editTogether({ ...what, fields: [field, ...companions], to });
  const result = editField(text, field, to);
  if (result.kind === 'refused') return { kind: 'refused', detail: `${result.reason}: ${result.detail}` };
  const start = field.kind === 'present' ? field.start : commonStart(text, result.text);
  const end = field.kind === 'present' ? field.end : start;
  if (!result.text.startsWith(text.slice(0, start)) || !result.text.endsWith(text.slice(end))) {
    return { kind: 'wrong', detail: 'other bytes changed' };
  }
  const proof = prover.prove(new Map([[field.path, result.text]]), [
    { workload: workload.id, lever: lever.kind, to, fields: 1 },
  ]);
  if (proof.kind === 'refused') return { kind: 'refused', detail: proof.detail };
  if (field.kind === 'absent') return { kind: 'right' };
  const back = lever.current === undefined ? undefined : editField(result.text, field, lever.current);
  return back?.kind === 'edited' && back.text === text
    ? { kind: 'right' }
    : { kind: 'wrong', detail: 'editing back does not give the same bytes' };
}

/** Fields of one file that move together, from its end to its beginning. */
function editTogether(what: {
  readonly workload: Workload;
  readonly lever: Lever;
  readonly text: string;
  readonly prover: StructuralProver;
  readonly fields: readonly DecidingField[];
  readonly to: LeverValue;
}): Outcome {
  const { workload, lever, prover, to } = what;
  const fields = what.fields.toSorted((left, right) => right.start - left.start);
  const path = fields[0]?.path ?? '';
  if (fields.some((field) => field.path !== path)) return { kind: 'refused', detail: 'in two files' };
  let edited = what.text;
  for (const field of fields) {
    const result = editField(edited, field, to);
    if (result.kind === 'refused') return { kind: 'refused', detail: result.detail };
    edited = result.text;
  }
  const intended = { workload: workload.id, lever: lever.kind, to, fields: fields.length };
  const proof = prover.prove(new Map([[path, edited]]), [intended]);
  return proof.kind === 'refused' ? proof : { kind: 'right' };
}

/** A value of the same type that is not the present one. */
function another(value: LeverValue | undefined): LeverValue {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return value.includes('* *') ? '17 3 * * 2' : 'p5.48xlarge';
  return (value ?? 0) + 1;
}

/** The longest common start after which the rest of the shorter text still is the end of the longer one. */
function commonStart(before: string, after: string): number {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  const added = after.length - before.length;
  while (start > 0 && before.slice(start) !== after.slice(start + added)) start -= 1;
  return start;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
