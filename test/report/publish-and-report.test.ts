import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { editField } from '../../src/gitops/index.ts';
import { publishLocally } from '../../src/pullrequest/index.ts';
import { renderPages, writePages } from '../../src/report/index.ts';
import { aChange, aField, aProposal } from '../builders.ts';
import { aRepository, git, gitStore } from '../pullrequest/git-store.ts';
import { aContext, aDemandChart } from '../pullrequest/worlds.ts';
import { aReport } from './worlds.ts';

const manifest = 'kind: Deployment\nspec:\n  replicas: 6\n';
const charts = [aDemandChart()];

/** Publishes one proposal and writes its pages, as a scan does. */
async function scan(directory: string, pagesDirectory: string) {
  const {
    diff: _,
    rendered: __,
    ...context
  } = aContext({
    charts,
    repository: { name: 'fleet', branch: 'main', commit: git(directory, ['rev-parse', 'main']) },
  });
  const start = manifest.indexOf('6');
  const proposal = aProposal({ changes: [aChange({ field: aField({ path: 'clip.yaml', start, end: start + 1 }) })] });
  const { published, ...branches } = await publishLocally({
    store: gitStore(directory),
    editField,
    prove: async () => ({ kind: 'proven', rendered: { changes: [], checkedBy: ['Flyball'], notRendered: [] } }),
    proposals: [{ proposal, context }],
    dryRun: false,
  });
  const proposals = published.map((made) => ({
    proposal: made.proposal,
    pullRequest: made.pullRequest,
    publication: made.publication,
    charts,
  }));
  const report = aReport({ ...branches, proposals, repository: context.repository, forgeDirectory: '/srv/fleet.git' });
  const { written } = await writePages(pagesDirectory, renderPages(report));
  return { written, commits: published.map(({ publication }) => publication.commit) };
}

async function contents(directory: string): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(directory)).toSorted();
  return Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const));
}

test('scanning twice gives the same commits and leaves every page as it is', async () => {
  const directory = aRepository({ 'clip.yaml': manifest });
  const pages = await mkdtemp(join(tmpdir(), 'flyball-pages-'));
  onTestFinished(() => rm(pages, { recursive: true, force: true }));
  const first = await scan(directory, pages);
  const before = await contents(pages);

  const second = await scan(directory, pages);

  expect(first.written).toHaveLength(4);
  expect(second).toEqual({ written: [], commits: first.commits });
  expect(await contents(pages)).toEqual(before);
});

test('scanning a copy elsewhere gives the same commits and the same pages', async () => {
  const [one, other] = [aRepository({ 'clip.yaml': manifest }), aRepository({ 'clip.yaml': manifest })];
  const pages = await mkdtemp(join(tmpdir(), 'flyball-pages-'));
  onTestFinished(() => rm(pages, { recursive: true, force: true }));

  const first = await scan(one, join(pages, 'one'));
  const second = await scan(other, join(pages, 'other'));

  expect(second.commits).toEqual(first.commits);
  expect(await contents(join(pages, 'other'))).toEqual(await contents(join(pages, 'one')));
});
