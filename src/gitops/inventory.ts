import type { Lever, Problem, Progress, Workload } from '../domain/index.ts';
import { silentProgress } from '../domain/index.ts';
import { attachAutoscalers } from './autoscalers.ts';
import { deliver } from './delivery.ts';
import type { RepositorySnapshot } from './git/repository.ts';
import { openSourceReader, type SourceReader } from './source-reader.ts';
import { workloadFromHelm } from './workload-from-helm.ts';
import { workloadFromResource } from './workload-from-resource.ts';

/** A document of one of Flyball's own policy kinds. */
export interface PolicyDocument {
  readonly path: string;
  /** The whole file. */
  readonly text: string;
  readonly documentIndex: number;
}

/** What a commit declares. */
export interface Inventory {
  /** Sorted by id. */
  readonly workloads: readonly Workload[];
  readonly policyDocuments: readonly PolicyDocument[];
  readonly problems: readonly Problem[];
  readonly filesListed: number;
  readonly filesParsed: number;
}

const policyGroup = 'finops.apexlogic.com/';

/** Finds every workload of a snapshot as each cluster gets it, with the bytes that decide each of its levers. */
export async function takeInventory(
  snapshot: RepositorySnapshot,
  progress: Progress = silentProgress,
): Promise<Inventory> {
  const reader = await openSourceReader(snapshot);
  const candidates = reader.candidates();
  const policyDocuments: PolicyDocument[] = [];
  for (const [index, file] of candidates.entries()) {
    if (index % 50 === 0) progress.step(index, candidates.length, file);
    policyDocuments.push(...policiesIn(reader, file));
  }
  const delivered = deliver(reader, candidates);
  const found = delivered.flatMap((item) => workloadFromResource(item) ?? workloadFromHelm(item) ?? []);
  const workloads = refuseShared(attachAutoscalers(firstOfEach(found), delivered));
  return {
    workloads: workloads.toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    policyDocuments,
    problems: reader.problems,
    filesListed: snapshot.files.length,
    filesParsed: reader.filesParsed,
  };
}

/** A policy with a syntax error is still a policy: its own loader reports it. */
function policiesIn(reader: SourceReader, file: string): readonly PolicyDocument[] {
  const parsed = reader.parse(file);
  if (parsed === undefined || !parsed.file.text.includes(policyGroup)) return [];
  return parsed.documents.flatMap((document, documentIndex) => {
    const apiVersion: unknown = document.get('apiVersion');
    const isPolicy = typeof apiVersion === 'string' && apiVersion.startsWith(policyGroup);
    return isPolicy ? [{ path: file, text: parsed.file.text, documentIndex }] : [];
  });
}

function firstOfEach(workloads: readonly Workload[]): readonly Workload[] {
  return [...new Map(workloads.toReversed().map((workload) => [workload.id, workload])).values()];
}

/** A scalar that decides a lever of several workloads must not be changed for one of them. */
function refuseShared(workloads: readonly Workload[]): readonly Workload[] {
  const users = new Map<string, Set<string>>();
  for (const workload of workloads) {
    for (const lever of workload.levers) {
      const key = fieldKey(lever);
      if (key !== undefined)
        users.set(key, (users.get(key) ?? new Set()).add(`${workload.cluster}/${workload.namespace}/${workload.name}`));
    }
  }
  return workloads.map((workload) => ({
    ...workload,
    levers: workload.levers.map((lever): Lever => {
      const sharing = users.get(fieldKey(lever) ?? '');
      if (lever.field.kind !== 'editable' || sharing === undefined || sharing.size < 2) return lever;
      const { path, line, column } = lever.field.field;
      const detail = `the value also decides ${[...sharing].toSorted().slice(0, 5).join(', ')}; set it in a patch of one overlay`;
      return {
        ...lever,
        field: { kind: 'not-editable', reason: 'base-shared', detail, place: { path, line, column } },
      };
    }),
  }));
}

function fieldKey(lever: Lever): string | undefined {
  return lever.field.kind === 'editable' ? `${lever.field.field.path}\u0000${lever.field.field.start}` : undefined;
}
