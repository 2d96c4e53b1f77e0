import { address, once, statusOf, type GitHubRepository } from '../../pullrequest/index.ts';
import type { Problem } from '../../domain/index.ts';
import type { RenderedCheckRun } from '../render-check-run.ts';

/** How the check is called beside other checks, and in rules that require it. */
export const checkRunName = 'Flyball cost';

/** So many remarks GitHub takes in one request. */
const annotationsPerRequest = 50;

/**
 * Writes the check run of a commit, unless the one that is there says the same. A run that is written anew stands for
 * those before it: GitHub shows the youngest of a name.
 */
export async function keepCheckRun(
  repository: GitHubRepository,
  wanted: { readonly pull: number; readonly headCommit: string; readonly run: RenderedCheckRun },
): Promise<{ readonly state: 'created' | 'unchanged' | 'refused'; readonly problems: readonly Problem[] }> {
  const { checks } = repository.octokit.rest;
  const { run, headCommit, pull } = wanted;
  const { data: found } = await checks.listForRef({
    ...address(repository),
    ref: headCommit,
    check_name: checkRunName,
    filter: 'latest',
  });
  const known = found.check_runs.find(({ app }) => `${app?.slug}[bot]` === repository.login);
  if (
    known?.status === 'completed' &&
    known.conclusion === run.conclusion &&
    known.output.title === run.title &&
    known.output.summary === run.summary &&
    known.output.annotations_count === run.annotations.length
  ) {
    return { state: 'unchanged', problems: [] };
  }
  const pages = Array.from({ length: Math.ceil(run.annotations.length / annotationsPerRequest) }, (_, page) =>
    run.annotations.slice(page * annotationsPerRequest, (page + 1) * annotationsPerRequest),
  );
  const outputWith = (annotations: readonly RenderedCheckRun['annotations'][number][] = []) => ({
    title: run.title,
    summary: run.summary,
    ...(annotations.length === 0 ? {} : { annotations: [...annotations] }),
  });
  try {
    const { data: made } = await checks.create({
      ...address(repository),
      name: checkRunName,
      head_sha: headCommit,
      external_id: String(pull),
      status: 'completed',
      conclusion: run.conclusion,
      output: outputWith(pages[0]),
      ...once,
    });
    for (const annotations of pages.slice(1)) {
      await checks.update({ ...address(repository), check_run_id: made.id, output: outputWith(annotations), ...once });
    }
    return { state: 'created', problems: [] };
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    return { state: 'refused', problems: [mayNotWrite(repository, pull)] };
  }
}

function mayNotWrite({ owner, name }: GitHubRepository, pull: number): Problem {
  return {
    code: 'GITHUB_REQUEST_FAILED',
    severity: 'warning',
    place: { kind: 'none' },
    message: `GitHub does not take the check of pull request ${pull} in ${owner}/${name} (HTTP 403); its comment is written all the same.`,
    remedy: 'Sign in as an App, or with a workflow’s token, that has the permission checks: write.',
  };
}
