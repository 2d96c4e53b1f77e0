/** `npm run demo`: the whole job on the example fleet, with embedded storage and no account. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { simpleGit } from 'simple-git';
import { main } from '../src/command-line.ts';

const examples = import.meta.dirname;
/** The end of the example's data. */
export const demoTime = '2026-11-01T00:00:00Z';

/** Makes a real Git repository of the example's manifests; the same commit every time. */
export async function makeFleetRepository(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  await cp(path.join(examples, 'gitops'), folder, { recursive: true });
  // Copied on Windows or through a mail, the file's line endings may have been changed; its truth is CRLF.
  const crlf = path.join(folder, 'apps/embedding-server/prod-us/inferenceservice.yaml');
  await writeFile(crlf, (await readFile(crlf, 'utf8')).replaceAll(/\r?\n/g, '\r\n'));
  const identity = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    GIT_AUTHOR_NAME: 'Platform team',
    GIT_AUTHOR_EMAIL: 'platform@example.com',
    GIT_AUTHOR_DATE: '2026-10-31T12:00:00Z',
    GIT_COMMITTER_NAME: 'Platform team',
    GIT_COMMITTER_EMAIL: 'platform@example.com',
    GIT_COMMITTER_DATE: '2026-10-31T12:00:00Z',
  };
  const allowEnvironment = Object.keys(identity).filter((name) => name.startsWith('GIT_'));
  const git = simpleGit({ baseDir: folder, allowEnvironment }).env(identity);
  await git.raw('init', '--quiet', '--initial-branch=main');
  await git.raw('add', '--all');
  await git.raw('commit', '--quiet', '--message=The fleet');
  return folder;
}

if (process.argv[1] === import.meta.filename) {
  const out = path.join('.flyball', 'demo');
  const fleet = await makeFleetRepository(path.resolve(out, 'fleet'));
  process.exitCode = await main(
    [
      'scan',
      '--repo',
      fleet,
      '--config',
      path.join(examples, 'flyball.yml'),
      '--as-of',
      demoTime,
      '--out',
      out,
      ...process.argv.slice(2),
    ],
    { stdout: process.stdout, stderr: process.stderr, now: () => Date.now(), cwd: process.cwd() },
  );
}
