import path from 'node:path';
import { compareProblems, excerptAt, lineAndColumn, type DecidingMechanism, type Problem } from '../domain/index.ts';
import { compactDocument, expand, type CompactDocument } from './cache/compact-values.ts';
import type { DocumentCache } from './cache/inventory-cache.ts';
import { decodeText, fileBytesMax, type RepositorySnapshot } from './git/repository.ts';
import { readBlobs, type RepositoryFile } from './git/tree.ts';
import { builtInKinds, policyGroup, type KindCatalogue } from './kinds/index.ts';
import { isManifestName } from './manifest-name.ts';
import { parseYaml } from './parse-yaml.ts';
import { trackPlainYaml } from './plain-yaml/track-plain-yaml.ts';
import { ExpansionError, trackDocument } from './track-document.ts';
import { placeOf, reachingBy, valueAt, type Obstacle, type Origin, type SourceFile, type Tracked } from './tracked.ts';

/** What was passed over on purpose, for the reader of a report to know of. */
export interface SkippedFiles {
  /** Helm templates and other files that are not YAML before something fills them in. */
  readonly templates: number;
  readonly symbolicLinks: number;
  readonly submodules: number;
}

/** Reads the YAML files of a snapshot in one pass over git's objects. Memory: their texts, each at most 1 MiB. */
export async function openSourceReader(
  snapshot: RepositorySnapshot,
  kinds: KindCatalogue = builtInKinds,
  documents?: DocumentCache,
): Promise<SourceReader> {
  const wanted = snapshot.files.filter(
    ({ path: file, mode, size }) =>
      size !== undefined && size <= fileBytesMax && (mode === '120000' || (isRegular(mode) && isManifestName(file))),
  );
  const blobs = new Map<string, Buffer>();
  const blobIds = [...new Set(wanted.map(({ blobId }) => blobId))];
  for await (const { blobId, content } of readBlobs(snapshot.gitDirectory, blobIds)) blobs.set(blobId, content);
  return new SourceReader(snapshot, { blobs, kinds, documents });
}

/** Parses files of one snapshot, each at most once and only when asked, and collects what is wrong with them. */
export class SourceReader {
  readonly files: ReadonlyMap<string, RepositoryFile>;
  /** Folders that hold at least one file, `.` included. */
  readonly folders: ReadonlySet<string>;
  /** Where the repository was cloned from, as far as known. */
  readonly remoteUrl: string | undefined;
  /** What is looked for. */
  readonly kinds: KindCatalogue;
  private readonly snapshot: RepositorySnapshot;
  private readonly blobs: ReadonlyMap<string, Buffer>;
  /** What is known of blobs from before. */
  private readonly knownDocuments: DocumentCache | undefined;
  private readonly usedDocuments = new Map<string, readonly CompactDocument[]>();
  private readonly links: readonly RepositoryFile[];
  private readonly submodules: number;
  private readonly problemsByKey = new Map<string, Problem>();
  private readonly parsed = new Map<string, readonly Tracked[]>();
  /** Of each file its first reading: another mechanism's is made from it, without parsing again. */
  private readonly firstReading = new Map<string, readonly Tracked[]>();
  private readonly texts = new Map<string, string | undefined>();
  private readonly templates = new Set<string>();
  private readonly parsedFiles = new Set<string>();
  private readonly chartFolders: ReadonlySet<string>;
  private candidateFiles: readonly string[] | undefined;

  constructor(
    snapshot: RepositorySnapshot,
    source: {
      readonly blobs: ReadonlyMap<string, Buffer>;
      readonly kinds: KindCatalogue;
      /** Undefined where nothing is kept for the next time. */
      readonly documents: DocumentCache | undefined;
    },
  ) {
    this.snapshot = snapshot;
    this.blobs = source.blobs;
    this.kinds = source.kinds;
    this.knownDocuments = source.documents;
    this.remoteUrl = snapshot.remoteUrl;
    const { files } = snapshot;
    // A name that is not UTF-8 was changed by decoding it; such a file could be read and not be written again.
    const regular = files.filter(({ mode, path: file }) => isRegular(mode) && !file.includes('\ufffd'));
    this.files = new Map(regular.map((file) => [file.path, file]));
    this.folders = foldersOf([...this.files.keys()]);
    this.links = files.filter(({ mode }) => mode === '120000');
    this.submodules = files.filter(({ mode }) => mode === '160000').length;
    this.chartFolders = new Set(
      regular.flatMap(({ path: file }) => (/(?:^|\/)Chart\.ya?ml$/.test(file) ? [path.posix.dirname(file)] : [])),
    );
    for (const link of this.links) this.checkLink(link);
    for (const file of regular) if ((file.size ?? 0) > fileBytesMax) this.reportSize(file);
  }

  /** The same repository with the texts of some of its files replaced; the others are not parsed again. */
  withEdits(edited: ReadonlyMap<string, string>): SourceReader {
    const blobs = new Map(this.blobs);
    const files = this.snapshot.files.map((file) => {
      const text = edited.get(file.path);
      if (text === undefined) return file;
      const blobId = `edited ${file.path}`;
      const content = Buffer.from(text);
      blobs.set(blobId, content);
      return { ...file, blobId, size: content.length };
    });
    const reader = new SourceReader({ ...this.snapshot, files }, { blobs, kinds: this.kinds, documents: undefined });
    for (const [key, documents] of this.parsed) {
      if (!edited.has(key.slice(key.indexOf('\u0000') + 1))) reader.parsed.set(key, documents);
    }
    for (const [file, documents] of this.firstReading) {
      if (!edited.has(file)) reader.firstReading.set(file, documents);
    }
    for (const [file, text] of this.texts) if (!edited.has(file)) reader.texts.set(file, text);
    return reader;
  }

  /** The documents of every blob that was asked for, for the next time. */
  get documents(): DocumentCache {
    return this.usedDocuments;
  }

  /** Files whose text was read as YAML, and not taken from what was kept. */
  get filesParsed(): number {
    return this.parsedFiles.size;
  }

  get skipped(): SkippedFiles {
    return { templates: this.templates.size, symbolicLinks: this.links.length, submodules: this.submodules };
  }

  /** In the order of their places. */
  get problems(): readonly Problem[] {
    return [...this.problemsByKey.values()].toSorted(compareProblems);
  }

  /** The same problem, met again from another overlay, is told once. */
  report(problem: Problem): void {
    const key = JSON.stringify([problem.code, problem.place, problem.message]);
    if (!this.problemsByKey.has(key)) this.problemsByKey.set(key, problem);
  }

  /** Reports something about the file of a value, at that value. */
  reportAt(origin: Origin, problem: Pick<Problem, 'code' | 'severity' | 'message' | 'remedy'>): void {
    this.report({
      ...problem,
      place: { kind: 'file', ...placeOf(origin) },
      excerpt: excerptAt(origin.file.text, origin.start),
    });
  }

  /** Files that name a kind the inventory knows, or one of Flyball's policies, ascending. */
  candidates(): readonly string[] {
    this.candidateFiles ??= [...this.files.keys()].filter((file) => this.isCandidate(file)).toSorted();
    return this.candidateFiles;
  }

  /** Whether a file can hold anything the inventory looks for; the test is cheap, and the others are never parsed. */
  isCandidate(file: string): boolean {
    if (!isManifestName(file) || this.isInsideChart(file)) return false;
    const text = this.text(file);
    return text !== undefined && (this.kinds.namesKind(text) || text.includes(policyGroup));
  }

  /** Whether a folder holds a Helm chart. */
  isChart(folder: string): boolean {
    return this.chartFolders.has(folder);
  }

  /** The text of a YAML file; undefined when it is absent, too large or not UTF-8. */
  text(file: string): string | undefined {
    if (this.texts.has(file)) return this.texts.get(file);
    const content = this.blobs.get(this.files.get(file)?.blobId ?? '');
    const decoded = content === undefined ? undefined : decodeText(content);
    if (decoded?.kind === 'unreadable' && /\.ya?ml$/i.test(file)) {
      this.report({
        code: 'MANIFEST_UNREADABLE',
        severity: 'warning',
        place: { kind: 'file', path: file },
        message: 'The file is not UTF-8; nothing in it was read, so workloads that it declares are missing here.',
        remedy: 'Save it as UTF-8.',
      });
    }
    const text = decoded?.kind === 'text' ? decoded.text : undefined;
    this.texts.set(file, text);
    return text;
  }

  /** Whether a file belongs to a Helm chart's own parts: templates, CRDs and vendored charts are no manifests. */
  private isInsideChart(file: string): boolean {
    const isPart = [...file.matchAll(/\/(?:templates|charts|crds)\//g)].some(({ index }) =>
      this.chartFolders.has(index === 0 ? '.' : file.slice(0, index)),
    );
    const isTopPart = this.chartFolders.has('.') && /^(?:templates|charts|crds)\//.test(file);
    if (isPart || isTopPart) this.templates.add(file);
    return isPart || isTopPart;
  }

  /** Every document of a file as tracked values; none when the file cannot be read, which is reported once. */
  track(file: string, mechanism: DecidingMechanism): readonly Tracked[] {
    const key = `${mechanism}\u0000${file}`;
    const known = this.parsed.get(key);
    if (known !== undefined) return known;
    const first = this.firstReading.get(file);
    const isRead = first !== undefined || this.isInsideChart(file);
    const documents = isRead ? (first ?? []).map((root) => reachingBy(root, mechanism)) : this.read(file, mechanism);
    if (!isRead) this.firstReading.set(file, documents);
    this.parsed.set(key, documents);
    return documents;
  }

  private read(file: string, mechanism: DecidingMechanism): readonly Tracked[] {
    const text = this.text(file);
    if (text === undefined) return [];
    const blobId = this.files.get(file)?.blobId ?? '';
    const known = this.knownDocuments?.get(blobId);
    if (known !== undefined) {
      this.usedDocuments.set(blobId, known);
      const source: SourceFile = { path: file, blobId, text, obstacle: undefined };
      return known.map((document) => expand(document, { file: source, mechanism }));
    }
    this.parsedFiles.add(file);
    const source: SourceFile = { path: file, blobId, text, obstacle: generatedObstacle(file, text) };
    const documents = trackPlainYaml(text, { file: source, mechanism });
    if (documents === undefined) return this.parse(source, mechanism);
    this.keep(source, documents);
    return documents;
  }

  private parse(file: SourceFile, mechanism: DecidingMechanism): readonly Tracked[] {
    const outcome = parseYaml(file.text);
    if (outcome.kind === 'invalid') {
      if (outcome.reason === 'helm-template') this.templates.add(file.path);
      else this.reportSyntax({ ...file, offset: outcome.offset, message: outcome.message });
      return [];
    }
    const isEncrypted = outcome.documents.some((document) => document.has('sops'));
    const source = isEncrypted ? { ...file, obstacle: encrypted } : file;
    try {
      const documents = outcome.documents.flatMap(
        (document, documentIndex) => trackDocument(document, { file: source, documentIndex, mechanism }) ?? [],
      );
      this.keep(source, documents);
      return documents;
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      this.reportSyntax({ ...file, offset: 0, message: error.message });
      return [];
    }
  }

  /** Whether a file is generated depends on its name too, so such files are read again. */
  private keep({ blobId, obstacle }: SourceFile, documents: readonly Tracked[]): void {
    const isKept = this.knownDocuments !== undefined && obstacle === undefined;
    if (isKept) this.usedDocuments.set(blobId, documents.map(compactDocument));
  }

  private reportSyntax(error: { path: string; text: string; offset: number; message: string }): void {
    const { path: file, text, offset, message } = error;
    this.report({
      code: 'MANIFEST_UNREADABLE',
      severity: 'error',
      place: { kind: 'file', path: file, ...lineAndColumn(text, offset) },
      message: `The file is not valid YAML (${message.replace(/\.$/, '')}); nothing in it was read, so workloads that it declares are missing here.`,
      remedy: 'Correct the line; "kubectl apply --dry-run=client -f" shows what Kubernetes makes of it.',
      excerpt: excerptAt(text, offset),
    });
  }

  /** Definitions of custom resources are often that large, and declare no workload; JSON of that size is data. */
  private reportSize(file: RepositoryFile): void {
    if (!/\.ya?ml$/i.test(file.path) || /(?:^|[/._-])crds?(?:[/._-]|$)/i.test(file.path)) return;
    this.report({
      code: 'MANIFEST_UNREADABLE',
      severity: 'warning',
      place: { kind: 'file', path: file.path },
      message: `The file has ${file.size} bytes, more than the ${fileBytesMax} that are read; workloads that it declares are missing here.`,
      remedy: 'Split the file, if it declares workloads.',
    });
  }

  /** Reports a symbolic link in a manifest's place that leads out of the repository; none is ever followed. */
  private checkLink(link: RepositoryFile): void {
    if (!isManifestName(link.path)) return;
    const target = this.blobs.get(link.blobId)?.toString('utf8') ?? '';
    const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(link.path), target));
    if (!path.posix.isAbsolute(target) && !leadsOut(resolved)) return;
    this.report({
      code: 'MANIFEST_PATH_ESCAPES',
      severity: 'error',
      place: { kind: 'file', path: link.path },
      message: `The symbolic link leads out of the repository, to ${target.slice(0, 200)}; it was not followed, so what it stands for is missing here.`,
      remedy: 'Replace the link by the file itself, or move its target into the repository.',
    });
  }
}

/** Whether a normalized path relative to the root lies above it. */
export function leadsOut(normalized: string): boolean {
  return normalized === '..' || normalized.startsWith('../') || path.posix.isAbsolute(normalized);
}

const encrypted: Obstacle = {
  reason: 'encrypted',
  detail: 'SOPS signs all values of the file, so that any edit makes it undecryptable',
};

function generatedObstacle(file: string, text: string): Obstacle | undefined {
  const comments = /^(?:---\r?\n|\s*\n|#[^\n]*\n){1,20}/.exec(text)?.[0] ?? '';
  const isGenerated =
    path.posix.basename(file) === 'gotk-components.yaml' || /do not edit|@generated|code generated/i.test(comments);
  return isGenerated
    ? { reason: 'generated-file', detail: 'the file says that a program writes it; the next run would undo the edit' }
    : undefined;
}

function foldersOf(paths: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>(['.']);
  for (const file of paths) {
    for (
      let folder = path.posix.dirname(file);
      folder !== '.' && !folders.has(folder);
      folder = path.posix.dirname(folder)
    ) {
      folders.add(folder);
    }
  }
  return folders;
}

function isRegular(mode: string): boolean {
  return mode === '100644' || mode === '100755';
}

/** Whether a map is a Kubernetes object. */
export function isKubernetesObject(root: Tracked): boolean {
  return ['apiVersion', 'kind'].every((key) => {
    const value = valueAt(root, [key]);
    return value?.kind === 'scalar' && typeof value.value === 'string';
  });
}
