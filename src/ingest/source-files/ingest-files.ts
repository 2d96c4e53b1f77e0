import { compareProblems, type Problem, type ProblemCode, type Progress } from '../../domain/index.ts';
import {
  forgetOtherPaths,
  forgetPaths,
  recallSource,
  storeSource,
  type Ledger,
  type SourceKind,
  type SourceRowCounts,
} from '../../ledger/index.ts';
import type { IngestedFile, IngestResult } from './ingest-result.ts';
import { expandSourcePath } from './source-paths.ts';
import { digestFile, stageFile, type StagedFile } from './stage-file.ts';

type WholeFile = Extract<StagedFile, { kind: 'staged' }>;

/** Thrown by a loader when nothing of a file can be used; the file's transaction is undone. */
export class FileRefused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems[0]?.message ?? 'file refused');
    this.name = 'FileRefused';
    this.problems = problems;
  }
}

export interface FileLoad<Source> {
  readonly ledger: Ledger;
  readonly source: Source;
  /** As found on disk, for messages. */
  readonly path: string;
  readonly staged: WholeFile;
  readonly sourceId: number;
}

export interface IngestPlan<Source extends { readonly path: string }> {
  readonly kind: SourceKind;
  readonly stage: string;
  readonly sources: readonly Source[];
  readonly progress: Progress;
  /** Names of files that count when the source is a folder. */
  readonly wantedInFolder: RegExp;
  readonly codes: {
    readonly unreadable: ProblemCode;
    readonly truncated: ProblemCode;
    readonly rowInvalid: ProblemCode;
  };
  /**
   * Files that replace each other: of each group the first list counts whose files can all be read, else the first one.
   * Absent: every file counts.
   */
  groupRuns?(files: readonly string[]): Promise<{
    readonly periods: readonly (readonly (readonly string[])[])[];
    readonly problems: readonly Problem[];
  }>;
  /** Settings that change how the same bytes are read. */
  variantOf(source: Source): string;
  /** Loads one whole file; throws {@link FileRefused} when nothing of it can be used. */
  load(file: FileLoad<Source>): Promise<SourceRowCounts & { readonly problems: readonly Problem[] }>;
  /** What is wrong with the rows that the ledger holds of a file; asked on every run, also of unchanged files. */
  review(file: {
    readonly ledger: Ledger;
    readonly source: Source;
    readonly path: string;
    readonly sourceId: number;
  }): Promise<readonly Problem[]>;
}

/** Reads every file of every source that the ledger does not hold yet, one at a time, each in its own transaction. */
export async function ingestFiles<Source extends { readonly path: string }>(
  ledger: Ledger,
  plan: IngestPlan<Source>,
): Promise<IngestResult> {
  plan.progress.stage(plan.stage);
  const problems: Problem[] = [];
  const work = new Map<string, Source>();
  let isComplete = true;
  for (const source of plan.sources) {
    const { files, escaping } = await expandSourcePath(source.path, plan.wantedInFolder);
    if (files.length === 0) {
      problems.push(nothingFound(plan, source.path));
      isComplete = false;
    }
    problems.push(...escaping.map((link) => leadsOut(plan, link)));
    for (const file of files) if (!work.has(file)) work.set(file, source);
  }
  const grouped = await groupsOf(plan, [...work.keys()]);
  problems.push(...grouped.problems);
  const files: IngestedFile[] = [];
  const used = new Set<string>();
  for (const runs of grouped.periods) {
    for (const run of runs) {
      const outcomes: IngestedFile[] = [];
      for (const file of run) {
        plan.progress.step(files.length, work.size, file);
        const outcome = await ingestFile(ledger, plan, { file, source: work.get(file) as Source });
        outcomes.push(outcome.file);
        files.push(outcome.file);
        problems.push(...outcome.problems);
      }
      if (outcomes.every(({ status }) => status !== 'failed')) {
        for (const file of run) used.add(file);
        break;
      }
    }
    if (!runs.some((run) => run.every((file) => used.has(file)))) for (const file of runs[0] ?? []) used.add(file);
  }
  // A source that lists nothing may only be away for now; what was read of it stays.
  if (isComplete) await forgetOtherPaths(ledger, plan.kind, used);
  else
    await forgetPaths(
      ledger,
      plan.kind,
      [...work.keys()].filter((file) => !used.has(file)),
    );
  plan.progress.step(files.length, work.size, 'done');
  return { files, problems: problems.toSorted(compareProblems) };
}

async function groupsOf<Source extends { readonly path: string }>(
  plan: IngestPlan<Source>,
  files: readonly string[],
): ReturnType<NonNullable<IngestPlan<Source>['groupRuns']>> {
  return (await plan.groupRuns?.(files)) ?? { periods: files.map((file) => [[file]]), problems: [] };
}

async function ingestFile<Source extends { readonly path: string }>(
  ledger: Ledger,
  plan: IngestPlan<Source>,
  { file, source }: { readonly file: string; readonly source: Source },
): Promise<{ readonly file: IngestedFile; readonly problems: readonly Problem[] }> {
  const identity = { kind: plan.kind, path: file, variant: plan.variantOf(source) };
  const failed = (problems: readonly Problem[], digest = ''): ReturnType<typeof ingestFile> =>
    Promise.resolve({ file: { path: file, digest, rows: 0, rejectedRows: 0, status: 'failed' }, problems });
  const digest = await digestFile(file).catch((error: unknown) => error);
  if (typeof digest !== 'string') return failed([unreadable(plan, file, readableReason(digest))]);
  const known = await recallSource(ledger, { ...identity, digest });
  if (known !== undefined) {
    const leftOut = known.rejectedRows === 0 ? [] : [stillLeftOut(plan.codes.rowInvalid, file, known.rejectedRows)];
    const reviewed = await plan.review({ ledger, source, path: file, sourceId: known.sourceId });
    return { file: ingested(file, digest, { ...known, status: 'unchanged' }), problems: [...leftOut, ...reviewed] };
  }
  const staged = await stageFile(file, ledger.stagingDirectory);
  if (staged.kind === 'truncated') return failed([truncated(plan.codes.truncated, file)], digest);
  if (staged.kind === 'unreadable') return failed([unreadable(plan, file, staged.reason)], digest);
  try {
    if (staged.digest !== digest) return await failed([unreadable(plan, file, 'it changed while it was read')], digest);
    let problems: readonly Problem[] = [];
    const stored = await storeSource(ledger, { ...identity, digest }, async (sourceId) => {
      const loaded = await plan.load({ ledger, source, path: file, staged, sourceId });
      problems = loaded.problems;
      return { rows: loaded.rows, rejectedRows: loaded.rejectedRows };
    });
    const reviewed = await plan.review({ ledger, source, path: file, sourceId: stored.sourceId });
    return { file: ingested(file, digest, { ...stored, status: 'ingested' }), problems: [...problems, ...reviewed] };
  } catch (error) {
    if (error instanceof FileRefused) return await failed(error.problems, digest);
    throw error;
  } finally {
    await staged.discard();
  }
}

function ingested(
  path: string,
  digest: string,
  { rows, rejectedRows, status }: Pick<IngestedFile, 'rows' | 'rejectedRows' | 'status'>,
): IngestedFile {
  return { path, digest, rows, rejectedRows, status };
}

function stillLeftOut(code: ProblemCode, file: string, count: number): Problem {
  return {
    code,
    severity: 'error',
    place: { kind: 'file', path: file },
    message: `${count} ${count === 1 ? 'row of the file was' : 'rows of the file were'} left out when it was first read; the file has not changed since.`,
    remedy: 'Correct or export the file again; to list the rows once more, read it into a new ledger.',
  };
}

/** The file ends in mid-content; nothing of it is used. */
export function truncated(code: ProblemCode, file: string): Problem {
  return {
    code,
    severity: 'error',
    place: { kind: 'file', path: file },
    message:
      'The file ends before its content does: it was cut off while it was written or copied. Nothing of it is used, because half a file would pass for a smaller whole one; rows read from this path before stay in use.',
    remedy: 'Download or export the file again, compare its size with the source, and run the scan again.',
  };
}

function unreadable(
  plan: { readonly codes: { readonly unreadable: ProblemCode } },
  file: string,
  why: string,
): Problem {
  return {
    code: plan.codes.unreadable,
    severity: 'error',
    place: { kind: 'file', path: file },
    message: `The file cannot be read: ${why}. Nothing of it is used.`,
    remedy: 'Check that the file exists, is whole and may be read by this user.',
  };
}

function nothingFound(plan: { readonly codes: { readonly unreadable: ProblemCode } }, source: string): Problem {
  return {
    code: plan.codes.unreadable,
    severity: 'error',
    place: { kind: 'file', path: source },
    message: 'No file was found there: it is no file, no folder with data files, and no glob that matches one.',
    remedy: 'Correct the path in the configuration, or put the export there.',
  };
}

function leadsOut(plan: { readonly codes: { readonly unreadable: ProblemCode } }, link: string): Problem {
  return {
    code: plan.codes.unreadable,
    severity: 'warning',
    place: { kind: 'file', path: link },
    message: 'The link leads out of the folder it lies in and is not followed.',
    remedy: 'Name the file it points to as a source of its own, or copy it into the folder.',
  };
}

function readableReason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
