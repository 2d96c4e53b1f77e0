import path from 'node:path';
import { leadsOut, type SourceReader } from './source-reader.ts';
import type { Tracked } from './tracked.ts';

/** Whether an entry of `resources:` is fetched from elsewhere when it is built. */
export function isRemote(entry: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9+.-]*::?\/?\//.test(entry) ||
    /[?&](?:ref|version)=/.test(entry) ||
    /^[\w.-]+@[\w.-]+:/.test(entry) ||
    /^(?:github\.com|gitlab\.com|bitbucket\.org)[/:]/.test(entry) ||
    /\.git(?:\/\/|$|\?)/.test(entry)
  );
}

/**
 * The file or folder of the repository that an entry names, relative to a folder. Reports what is missing or leads
 * out of the repository; undefined for those, and for what is not in the repository by intent.
 */
export function findLocalPath(entry: Tracked, folder: string, reader: SourceReader): string | undefined {
  const named = entry.kind === 'scalar' && typeof entry.value === 'string' ? entry.value : '';
  if (named === '') return undefined;
  const target = path.posix.normalize(path.posix.join(folder, named)).replace(/\/$/, '') || '.';
  const isHere = !path.posix.isAbsolute(named) && !leadsOut(target);
  if (isHere && (reader.files.has(target) || reader.folders.has(target))) return target;
  if (isRemote(named)) return undefined;
  const shown = named.slice(0, 200);
  if (!isHere) {
    reader.reportAt(entry.origin, {
      code: 'MANIFEST_PATH_ESCAPES',
      severity: 'error',
      message: `The path ${shown} leads out of the repository; it was not followed, so what it should bring is missing here.`,
      remedy: 'Name a file or folder inside the repository.',
    });
    return undefined;
  }
  reader.reportAt(entry.origin, {
    code: 'MANIFEST_REFERENCE_MISSING',
    severity: 'warning',
    message: `${shown} is neither a file nor a folder of the repository; what it should bring is missing here.`,
    remedy: 'Correct the path, or commit the file (an ignored file is not in Git).',
  });
  return undefined;
}
