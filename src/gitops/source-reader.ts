import path from 'node:path';
import { excerptAt, lineAndColumn, type DecidingMechanism, type Problem } from '../domain/index.ts';
import { hasTooManyAliases, looksLikeTemplate, parseDocuments, type YamlDocument } from './parse-yaml.ts';
import { decodeText, fileBytesMax, type RepositorySnapshot } from './git/repository.ts';
import { readBlobs, type RepositoryFile } from './git/tree.ts';
import { textAt, trackDocument, valueAt, type Obstacle, type SourceFile, type Tracked } from './tracked.ts';

/** A file's documents with their positions. */
export interface ParsedFile {
  readonly file: SourceFile;
  readonly documents: readonly YamlDocument[];
}

/** Reads the YAML files of a snapshot in one pass over git's objects. Memory: their texts, each at most 1 MiB. */
export async function openSourceReader(snapshot: RepositorySnapshot): Promise<SourceReader> {
  const wanted = snapshot.files.filter(
    ({ path: file, mode, size }) => mode === '120000' || (isRegular(mode) && isYamlPath(file) && size <= fileBytesMax),
  );
  const blobs = new Map<string, Buffer>();
  const blobIds = [...new Set(wanted.map(({ blobId }) => blobId))];
  for await (const { blobId, content } of readBlobs(snapshot.gitDirectory, blobIds)) blobs.set(blobId, content);
  return new SourceReader(snapshot.files, blobs);
}

/** Parses files of one snapshot, each at most once, and collects what is wrong with them. */
export class SourceReader {
  readonly problems: Problem[] = [];
  readonly files: ReadonlyMap<string, RepositoryFile>;
  /** Folders that hold at least one file, `.` included. */
  readonly folders: ReadonlySet<string>;
  private readonly blobs: ReadonlyMap<string, Buffer>;
  private readonly parsed = new Map<string, ParsedFile | undefined>();

  constructor(files: readonly RepositoryFile[], blobs: ReadonlyMap<string, Buffer>) {
    this.blobs = blobs;
    this.files = new Map(files.filter(({ mode }) => isRegular(mode)).map((file) => [file.path, file]));
    this.folders = foldersOf([...this.files.keys()]);
    for (const link of files.filter(({ mode }) => mode === '120000')) this.checkLink(link);
  }

  get filesParsed(): number {
    return this.parsed.size;
  }

  /** YAML files whose text could hold a Kubernetes object, ascending; the others are parsed only when named. */
  candidates(): readonly string[] {
    return [...this.files.values()]
      .filter(({ path: file, blobId, size }) => {
        if (!isYamlPath(file)) return false;
        const content = this.blobs.get(blobId);
        return size > fileBytesMax || (content?.includes('kind') === true && content.includes('apiVersion'));
      })
      .map(({ path: file }) => file)
      .toSorted();
  }

  /** Reports a symbolic link that leads out of the repository; none is ever followed. */
  private checkLink(link: RepositoryFile): void {
    const target = this.blobs.get(link.blobId)?.toString('utf8') ?? '';
    const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(link.path), target));
    if (!path.posix.isAbsolute(target) && !resolved.startsWith('..')) return;
    this.problems.push({
      code: 'MANIFEST_PATH_ESCAPES',
      severity: 'error',
      place: { kind: 'file', path: link.path },
      message: `The symbolic link leads out of the repository, to ${target.slice(0, 200)}; it was not followed and nothing of it was read.`,
      remedy: 'Replace the link by the file itself, or move its target into the repository.',
    });
  }

  /** The file's documents; undefined when it is absent, too large, no YAML, or a template (then nothing is said). */
  parse(filePath: string): ParsedFile | undefined {
    if (this.parsed.has(filePath)) return this.parsed.get(filePath);
    const result = this.read(filePath);
    this.parsed.set(filePath, result);
    return result;
  }

  private read(filePath: string): ParsedFile | undefined {
    const entry = this.files.get(filePath);
    if (entry === undefined) return undefined;
    if (entry.size > fileBytesMax) {
      const message = `The file has ${entry.size} bytes; at most ${fileBytesMax} are read.`;
      this.addProblem(filePath, message, 'Split the file, if it holds workloads.', 'warning');
      return undefined;
    }
    const content = this.blobs.get(entry.blobId);
    if (content === undefined) return undefined;
    const decoded = decodeText(content);
    if (decoded.kind === 'unreadable') {
      this.addProblem(filePath, 'The file is not valid UTF-8; it was left out.', 'Save it as UTF-8.', 'warning');
      return undefined;
    }
    const { text } = decoded;
    if (looksLikeTemplate(text)) return undefined;
    const documents = parseDocuments(text);
    for (const document of documents) this.reportErrors(filePath, text, document);
    const usable = documents.filter((document) => document.errors.length === 0);
    const file = { path: filePath, blobId: entry.blobId, text, obstacle: fileObstacle(filePath, text, usable) };
    return { file, documents };
  }

  private reportErrors(filePath: string, text: string, document: YamlDocument): void {
    const error = document.errors[0];
    if (error === undefined && hasTooManyAliases(document)) {
      this.addProblem(
        filePath,
        'A document has more than 100 aliases; it was left out.',
        'Write the values out.',
        'warning',
      );
    }
    if (error === undefined) return;
    const offset = Math.min(error.pos[0], text.length);
    this.problems.push({
      code: 'MANIFEST_UNREADABLE',
      severity: 'error',
      place: { kind: 'file', path: filePath, ...lineAndColumn(text, offset) },
      message: `The document is not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')}); it was left out, the others were read.`,
      remedy: 'Correct the line; "kubectl apply --dry-run=client -f" shows what Kubernetes makes of it.',
      excerpt: excerptAt(text, offset),
    });
  }

  private addProblem(filePath: string, message: string, remedy: string, severity: Problem['severity']): void {
    this.problems.push({
      code: 'MANIFEST_UNREADABLE',
      severity,
      place: { kind: 'file', path: filePath },
      message,
      remedy,
    });
  }

  /** Every readable document of a file as tracked values. */
  track(filePath: string, mechanism: DecidingMechanism): readonly Tracked[] {
    const parsed = this.parse(filePath);
    if (parsed === undefined) return [];
    return parsed.documents.flatMap((document, index) => {
      if (document.errors.length > 0 || hasTooManyAliases(document)) return [];
      return trackDocument(document, index, parsed.file, mechanism) ?? [];
    });
  }
}

function fileObstacle(filePath: string, text: string, documents: readonly YamlDocument[]): Obstacle | undefined {
  if (documents.some((document) => document.has('sops'))) {
    return { reason: 'encrypted', detail: 'SOPS signs all values of the file, so that any edit makes it unreadable' };
  }
  if (
    /(^|\/)gotk-(components|sync)\.yaml$/.test(filePath) ||
    /^(?:#.*\n)*#.*(?:DO NOT EDIT|generated by)/i.test(text.slice(0, 500))
  ) {
    return { reason: 'generated-file', detail: 'the file says that it is generated' };
  }
  return undefined;
}

function foldersOf(paths: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>(['.']);
  for (const filePath of paths) {
    for (
      let folder = path.posix.dirname(filePath);
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

function isYamlPath(filePath: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(filePath);
}

/** A Kubernetes object in its final shape: what the cluster gets of it. */
export interface Resource {
  readonly root: Tracked;
  /** Name and namespace before prefixes and transformations, which patches may still go by. */
  readonly declaredName: string;
}

export function asResource(root: Tracked): Resource | undefined {
  const name = textAt(root, ['metadata', 'name']);
  const isObject = textAt(root, ['kind']) !== undefined && textAt(root, ['apiVersion']) !== undefined;
  return isObject && valueAt(root, ['metadata']) !== undefined ? { root, declaredName: name ?? '' } : undefined;
}
