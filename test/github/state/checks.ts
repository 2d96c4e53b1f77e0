import { readCommit } from '../git/commits.ts';
import { checkSuiteJson, webhookCheckRunJson } from '../json/checks.ts';
import { hasPermission, reaches } from './repositories.ts';
import type { Account, App, CheckRun, CheckSuite, Repository, World } from './world.ts';

/** The suite of an App's runs on a commit; made when it has none yet. */
export function ensureCheckSuite(
  world: World,
  repository: Repository,
  { app, headSha, headBranch }: { readonly app: App; readonly headSha: string; readonly headBranch: string | null },
): CheckSuite {
  const known = [...repository.checkSuites.values()].find((suite) => suite.app === app && suite.headSha === headSha);
  if (known !== undefined) return known;
  const suite = { id: world.nextId(), app, headSha, headBranch, createdAt: world.clock() };
  repository.checkSuites.set(suite.id, suite);
  return suite;
}

/** After a push every App that may write checks gets a suite, and is asked to run it. */
export async function requestCheckSuites(
  world: World,
  repository: Repository,
  { branch, after }: { readonly branch: string; readonly after: string },
  sender: Account,
): Promise<void> {
  for (const installation of world.installations.values()) {
    const { app } = installation;
    if (!reaches(installation, repository) || !hasPermission(installation.permissions['checks'], 'write')) continue;
    const suite = ensureCheckSuite(world, repository, { app, headSha: after, headBranch: branch });
    await notifyCheckSuite(world, repository, suite, { action: 'requested', sender });
  }
}

export async function notifyCheckSuite(
  world: World,
  repository: Repository,
  suite: CheckSuite,
  { action, sender }: { readonly action: string; readonly sender: Account },
): Promise<void> {
  const commit = await readCommit(repository.directory, suite.headSha);
  const check_suite = checkSuiteJson(world, repository, suite, commit);
  world.notify({ event: 'check_suite', action, repository, sender, payload: { check_suite }, onlyApp: suite.app });
}

export async function notifyCheckRun(
  world: World,
  repository: Repository,
  run: CheckRun,
  { action, sender }: { readonly action: string; readonly sender: Account },
): Promise<void> {
  const commit = await readCommit(repository.directory, run.suite.headSha);
  const check_run = webhookCheckRunJson(world, repository, run, commit);
  world.notify({ event: 'check_run', action, repository, sender, payload: { check_run }, onlyApp: run.suite.app });
}
