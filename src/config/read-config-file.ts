import { readFile, stat } from 'node:fs/promises';
import type { Problem } from '../domain/index.ts';
import { documentBytesMax } from '../schema/index.ts';

export type ConfigFile =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/** Reads a file of at most 1 MiB as UTF-8; anything else is a CONFIG_UNREADABLE. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const unreadable = (message: string, remedy: string): ConfigFile => ({
    kind: 'unreadable',
    problem: { code: 'CONFIG_UNREADABLE', severity: 'error', place: { kind: 'file', path }, message, remedy },
  });
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > documentBytesMax)
      return unreadable(`The file has ${size} bytes, more than the 1 MiB that is read.`, 'Is this the right file?');
    bytes = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return unreadable(
        'The file does not exist.',
        'Give its path with --config, or write one: docs/configuration.md shows how.',
      );
    }
    if (code === 'EISDIR') return unreadable('This is a folder.', 'Give the path of the file in it.');
    return unreadable(`The file cannot be read (${code}).`, 'Check who owns it and who may read it.');
  }
  try {
    return { kind: 'read', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return unreadable('The file is not UTF-8 text.', 'Save it as UTF-8.');
  }
}
