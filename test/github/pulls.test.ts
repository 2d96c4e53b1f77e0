import { expect, test } from 'vitest';
import { aBranch, aFleet, aPull, clipPath, fleet, personOctokit } from './fleet.ts';

test('a pull request is opened once, and shows what it changes', async () => {
  const fleetOf = await aFleet();
  const { pulls } = fleetOf.octokit.rest;
  const head = await aBranch(fleetOf, 'flyball/clip');
  const wanted = { ...fleet, title: 'Scale clip', head: 'flyball/clip', base: 'main', body: 'Saves money.' };

  const { data: pull } = await pulls.create(wanted);
  const files = await pulls.listFiles({ ...fleet, pull_number: pull.number });
  const commits = await pulls.listCommits({ ...fleet, pull_number: pull.number });
  const found = await pulls.list({ ...fleet, head: 'acme:flyball/clip' });

  expect(pull).toMatchObject({ number: 1, state: 'open', draft: false, commits: 1, additions: 1, deletions: 1 });
  expect(pull.user.login).toBe('flyball[bot]');
  expect(pull.head).toMatchObject({ sha: head, label: 'acme:flyball/clip' });
  expect(files.data).toMatchObject([{ filename: clipPath, status: 'modified' }]);
  expect(commits.data.map(({ sha }) => sha)).toEqual([head]);
  expect(found.data.map(({ number }) => number)).toEqual([1]);
  await expect(pulls.create(wanted)).rejects.toMatchObject({
    status: 422,
    response: {
      data: { errors: [{ code: 'custom', message: 'A pull request already exists for acme:flyball/clip.' }] },
    },
  });
});

test.each([
  ['a branch that is not there', { head: 'none' }, { field: 'head', code: 'invalid' }],
  ['a base that is not there', { base: 'none' }, { field: 'base', code: 'invalid' }],
  ['no commits', { head: 'main' }, { code: 'custom', message: 'No commits between main and main' }],
  ['a body that is too long', { body: 'x'.repeat(65_537) }, { field: 'body', code: 'custom' }],
  ['a title that is too long', { title: 'x'.repeat(257) }, { field: 'title', code: 'custom' }],
])('a pull request with %s is refused', async (_, over, error) => {
  const fleetOf = await aFleet();
  await aBranch(fleetOf, 'flyball/clip');
  const wanted = { ...fleet, title: 'Scale clip', head: 'flyball/clip', base: 'main', ...over };

  await expect(fleetOf.octokit.rest.pulls.create(wanted)).rejects.toMatchObject({
    status: 422,
    response: { data: { message: 'Validation Failed', errors: [error] } },
  });
});

test('whether it can be merged is unknown at first, then known; a push makes it unknown again', async () => {
  const fleetOf = await aFleet();
  const number = await aPull(fleetOf);
  const get = async () => (await fleetOf.octokit.rest.pulls.get({ ...fleet, pull_number: number })).data;

  expect(await get()).toMatchObject({ mergeable: null, mergeable_state: 'unknown' });
  expect(await get()).toMatchObject({ mergeable: true, mergeable_state: 'clean' });
  await fleetOf.github.push(fleetOf.repository, { by: fleetOf.ana, files: { [clipPath]: 'replicas: 9\n' } });
  expect(await get()).toMatchObject({ mergeable: null });
  expect(await get()).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
  await expect(fleetOf.octokit.rest.pulls.merge({ ...fleet, pull_number: number })).rejects.toMatchObject({
    status: 405,
  });
});

test.each(['merge', 'squash', 'rebase'] as const)(
  '%s brings the change to the base, for the commit that was meant',
  async (method) => {
    const fleetOf = await aFleet();
    const { rest } = fleetOf.octokit;
    const number = await aPull(fleetOf);
    await fleetOf.github.push(fleetOf.repository, { by: fleetOf.ana, files: { 'apps/other.yaml': 'a: 1\n' } });
    const wanted = { ...fleet, pull_number: number, merge_method: method };

    await expect(rest.pulls.merge({ ...wanted, sha: '0'.repeat(40) })).rejects.toMatchObject({ status: 409 });
    const merged = await rest.pulls.merge(wanted);
    const main = await rest.repos.getCommit({ ...fleet, ref: 'main' });
    const file = await rest.repos.getContent({ ...fleet, path: clipPath, mediaType: { format: 'raw' } });
    const pull = await rest.pulls.get({ ...fleet, pull_number: number });

    expect(main.data.sha).toBe(merged.data.sha);
    expect(main.data.parents).toHaveLength(method === 'merge' ? 2 : 1);
    expect(file.data).toBe('replicas: 4\n');
    expect(pull.data).toMatchObject({ state: 'closed', merged: true, commits: 1, merge_commit_sha: merged.data.sha });
    await expect(rest.pulls.merge(wanted)).rejects.toMatchObject({ status: 405 });
  },
);

test('a pull request is changed, closed, reopened, and closed with its branch', async () => {
  const fleetOf = await aFleet();
  const { pulls, git } = fleetOf.octokit.rest;
  const number = await aPull(fleetOf);
  const update = async (over: object) => (await pulls.update({ ...fleet, pull_number: number, ...over })).data;

  expect(await update({ title: 'Scale it', body: 'Why' })).toMatchObject({ title: 'Scale it', body: 'Why' });
  expect(await update({ state: 'closed' })).toMatchObject({ state: 'closed', merged: false });
  expect(await update({ state: 'open' })).toMatchObject({ state: 'open', closed_at: null });
  await git.deleteRef({ ...fleet, ref: 'heads/flyball/clip' });
  expect((await pulls.get({ ...fleet, pull_number: number })).data.state).toBe('closed');
  await expect(update({ state: 'open' })).rejects.toMatchObject({ status: 422 });
});

test('a pull request whose commits somebody pushed to the base is merged, and no other', async () => {
  const fleetOf = await aFleet();
  const { github, ana, repository, octokit } = fleetOf;
  const number = await aPull(fleetOf);
  await github.seedPulls(repository, { count: 200, author: ana });
  const { data: pull } = await octokit.rest.pulls.get({ ...fleet, pull_number: number });

  await personOctokit(github, ana).rest.git.updateRef({ ...fleet, ref: 'heads/main', sha: pull.head.sha });

  expect((await octokit.rest.pulls.get({ ...fleet, pull_number: number })).data).toMatchObject({
    state: 'closed',
    merged: true,
    merged_by: { login: 'ana' },
  });
  expect(github.pulls(repository).filter(({ state }) => state === 'open')).toHaveLength(200);
});

test('a draft becomes ready and a draft again through GraphQL, and is not merged', async () => {
  const fleetOf = await aFleet();
  const { octokit } = fleetOf;
  await aBranch(fleetOf, 'flyball/clip');
  const wanted = { ...fleet, title: 'Scale clip', head: 'flyball/clip', base: 'main', draft: true };
  const { data: pull } = await octokit.rest.pulls.create(wanted);
  const id = pull.node_id;
  const isDraft = async () => (await octokit.rest.pulls.get({ ...fleet, pull_number: pull.number })).data.draft;

  await expect(octokit.rest.pulls.merge({ ...fleet, pull_number: pull.number })).rejects.toMatchObject({ status: 405 });
  const ready = await octokit.graphql(
    'mutation ($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { number isDraft } } }',
    { id },
  );
  expect(ready).toEqual({ markPullRequestReadyForReview: { pullRequest: { number: 1, isDraft: false } } });
  expect(await isDraft()).toBe(false);
  await octokit.graphql(
    'mutation { convertPullRequestToDraft(input: { pullRequestId: "' + id + '" }) { pullRequest { isDraft } } }',
  );
  expect(await isDraft()).toBe(true);
});

test('a branch behind its base is updated, once, and only from the head that was meant', async () => {
  const fleetOf = await aFleet();
  const { pulls } = fleetOf.octokit.rest;
  const number = await aPull(fleetOf);
  const update = async (over: object = {}) => pulls.updateBranch({ ...fleet, pull_number: number, ...over });

  await expect(update()).rejects.toMatchObject({ status: 422 });
  await fleetOf.github.push(fleetOf.repository, { by: fleetOf.ana, files: { 'apps/other.yaml': 'a: 1\n' } });
  await expect(update({ expected_head_sha: '0'.repeat(40) })).rejects.toMatchObject({ status: 422 });
  expect((await update()).status).toBe(202);
  expect((await pulls.get({ ...fleet, pull_number: number })).data.commits).toBe(2);
});

test('reviews are requested from people and teams of the repository only', async () => {
  const fleetOf = await aFleet();
  const { github, acme, ana, repository, octokit } = fleetOf;
  github.team(acme, 'vision', [github.user('bo')]);
  github.user('stranger');
  repository.teams.set('vision', 'write');
  const number = await aPull(fleetOf);
  const wanted = { ...fleet, pull_number: number };

  const { data } = await octokit.rest.pulls.requestReviewers({
    ...wanted,
    reviewers: [ana.login],
    team_reviewers: ['vision'],
  });

  expect(data.requested_reviewers?.map(({ login }) => login)).toEqual(['ana']);
  expect(data.requested_teams?.map(({ slug }) => slug)).toEqual(['vision']);
  await expect(octokit.rest.pulls.requestReviewers({ ...wanted, reviewers: ['stranger'] })).rejects.toMatchObject({
    status: 422,
  });
});

test('a pull request from a fork shows the fork as its head, and follows it', async () => {
  const fleetOf = await aFleet();
  const { github, repository, octokit } = fleetOf;
  const bo = github.user('bo');
  repository.collaborators.set('bo', 'read');
  const fork = await github.fork(repository, bo);
  await github.push(fork, { by: bo, branch: 'fix', files: { [clipPath]: 'replicas: 1\n' } });

  const { data: pull } = await personOctokit(github, bo).rest.pulls.create({
    ...fleet,
    title: 'From outside',
    head: 'bo:fix',
    base: 'main',
  });
  const next = await github.push(fork, { by: bo, branch: 'fix', files: { [clipPath]: 'replicas: 2\n' } });
  const now = await octokit.rest.pulls.get({ ...fleet, pull_number: pull.number });

  expect(pull.head).toMatchObject({ label: 'bo:fix', repo: { full_name: 'bo/fleet', fork: true } });
  expect(now.data).toMatchObject({ commits: 2, head: { sha: next } });
});

test('of three who open the same pull request at once, one succeeds', async () => {
  const { github, ana, repository, octokit } = await aFleet();
  await github.push(repository, { by: ana, branch: 'feature', files: { 'a.txt': 'a' } });
  const open = async () =>
    octokit.rest.pulls.create({ ...fleet, title: 'A', head: 'feature', base: 'main' }).then(
      ({ status }) => status,
      (error: { readonly status: number }) => error.status,
    );

  const statuses = await Promise.all([open(), open(), open()]);

  expect(statuses.toSorted((left, right) => left - right)).toEqual([201, 422, 422]);
  expect(github.pulls(repository)).toHaveLength(1);
});
