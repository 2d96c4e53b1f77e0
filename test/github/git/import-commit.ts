import type { Person } from './commits.ts';
import { runGit } from './run-git.ts';

/** A file's text, its bytes, the target of a symbolic link, or an executable. */
export type FileContent = string | Uint8Array | { readonly link: string } | { readonly executable: string };

export interface ImportedCommit {
  /** `refs/heads/main`; it must not have moved from `parent`. */
  readonly ref: string;
  /** Undefined for the first commit of a repository. */
  readonly parent: string | undefined;
  readonly author: Person;
  readonly message: string;
  /** By path; null removes a file. */
  readonly files: Readonly<Record<string, FileContent | null>>;
}

/** Makes a commit on a branch in one process of git, however many files it has; the commit. */
export async function importCommit(directory: string, commit: ImportedCommit): Promise<string> {
  const { ref, parent, author, message, files } = commit;
  const at = `${author.name} <${author.email}> ${Math.floor(author.at / 1000)} +0000`;
  const parts: (string | Uint8Array)[] = [`commit ${ref}\nauthor ${at}\ncommitter ${at}\n`, ...data(message)];
  if (parent !== undefined) parts.push(`from ${parent}\n`);
  for (const [path, content] of Object.entries(files)) {
    if (content === null) parts.push(`D ${quoted(path)}\n`);
    else {
      const { mode, bytes } = fileOf(content);
      parts.push(`M ${mode} inline ${quoted(path)}\n`, ...data(bytes));
    }
  }
  const input = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  await runGit(directory, ['fast-import', '--quiet', '--force'], { input });
  return runGit(directory, ['rev-parse', '--verify', ref]);
}

function data(content: string | Uint8Array): readonly (string | Uint8Array)[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

// A quoted path may hold whatever a name of a file may.
function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function fileOf(content: FileContent): { readonly mode: string; readonly bytes: string | Uint8Array } {
  if (typeof content === 'string' || content instanceof Uint8Array) return { mode: '100644', bytes: content };
  if ('link' in content) return { mode: '120000', bytes: content.link };
  return { mode: '100755', bytes: content.executable };
}
