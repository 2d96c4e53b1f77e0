import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** The files behind a configured path: the file itself, the wanted files below a folder, or the matches of a glob. */
export async function expandSourcePath(
  source: string,
  wantedInFolder: RegExp,
): Promise<{ readonly files: readonly string[]; readonly escaping: readonly string[] }> {
  const resolved = path.resolve(source);
  const found = await stat(resolved).catch(() => undefined);
  if (found?.isFile() === true) return { files: [resolved], escaping: [] };
  if (found?.isDirectory() === true) {
    return walk(resolved, (name) => wantedInFolder.test(name) && !/(^|\/)[._]/.test(name));
  }
  const base = literalFolder(resolved);
  const pattern = globPattern(path.relative(base, resolved).split(path.sep).join('/'));
  return walk(base, (name) => pattern.test(name));
}

/** Lists regular files below a root, sorted; a link that leads out of the root is not followed but told. */
async function walk(
  root: string,
  wanted: (relativePath: string) => boolean,
): Promise<{ readonly files: readonly string[]; readonly escaping: readonly string[] }> {
  const realRoot = await realpath(root).catch(() => undefined);
  if (realRoot === undefined) return { files: [], escaping: [] };
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  const escaping: string[] = [];
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    if (!wanted(path.relative(root, file).split(path.sep).join('/'))) continue;
    if (entry.isFile()) files.push(file);
    if (!entry.isSymbolicLink()) continue;
    const target = await realpath(file).catch(() => '');
    if (!target.startsWith(`${realRoot}${path.sep}`)) escaping.push(file);
    else if ((await stat(target)).isFile()) files.push(file);
  }
  return { files: files.toSorted(), escaping: escaping.toSorted() };
}

const globCharacters = /[*?]/;

/** The longest leading part of a glob that holds no wildcard. */
function literalFolder(glob: string): string {
  const parts = glob.split(path.sep);
  const wild = parts.findIndex((part) => globCharacters.test(part));
  return wild === -1 ? path.dirname(glob) : parts.slice(0, wild).join(path.sep) || path.sep;
}

/** `*` and `?` stay inside one folder, `**` crosses folders; every other character stands for itself. */
function globPattern(glob: string): RegExp {
  const source = glob
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === '**/') return '(?:[^/]+/)*';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    })
    .join('');
  return new RegExp(`^${source}$`);
}
