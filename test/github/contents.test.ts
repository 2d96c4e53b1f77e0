import { expect, test } from 'vitest';
import { aBranch, aFleet, clipPath, fleet } from './fleet.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('files, folders and symbolic links are read as GitHub shows them', async () => {
  const files = {
    [clipPath]: 'replicas: 6\n',
    'apps/link.yaml': { link: 'clip.yaml' },
    'run.sh': { executable: '#!' },
  };
  const { octokit } = await aFleet({ files });
  const get = async (path: string) => (await octokit.rest.repos.getContent({ ...fleet, path })).data;
  const raw = { mediaType: { format: 'raw' } };

  expect(await get('')).toMatchObject([
    { path: 'apps', type: 'dir' },
    { path: 'run.sh', type: 'file' },
  ]);
  expect(await get('apps')).toMatchObject([
    { path: clipPath, type: 'file' },
    { path: 'apps/link.yaml', type: 'symlink' },
  ]);
  expect(await get(clipPath)).toMatchObject({ type: 'file', content: `${base64('replicas: 6\n')}\n`, size: 12 });
  expect(await get('apps/link.yaml')).toMatchObject({ type: 'symlink', target: 'clip.yaml' });
  expect((await octokit.rest.repos.getContent({ ...fleet, path: clipPath, ...raw })).data).toBe('replicas: 6\n');
  await expect(get('apps/none.yaml')).rejects.toMatchObject({ status: 404 });
});

test('a file is written, changed with its sha, and refused without it or with another', async () => {
  const { octokit } = await aFleet();
  const write = octokit.rest.repos.createOrUpdateFileContents;
  const wanted = { ...fleet, path: 'apps/new.yaml', message: 'Add' };

  const made = await write({ ...wanted, content: base64('a: 1\n') });
  const sha = made.data.content?.sha ?? '';

  expect(made.status).toBe(201);
  expect(made.data.commit.verification?.verified).toBe(true);
  await expect(write({ ...wanted, content: base64('a: 2\n') })).rejects.toMatchObject({ status: 422 });
  await expect(write({ ...wanted, content: base64('a: 2\n'), sha: '0'.repeat(40) })).rejects.toMatchObject({
    status: 409,
  });
  expect((await write({ ...wanted, content: base64('a: 2\n'), sha })).status).toBe(200);
});

test('an App commits through the git data API, and the commit is verified when it names no author', async () => {
  const { octokit } = await aFleet();
  const { git } = octokit.rest;
  const main = (await git.getRef({ ...fleet, ref: 'heads/main' })).data.object.sha;
  const tree = await git.createTree({
    ...fleet,
    base_tree: main,
    tree: [
      { path: clipPath, mode: '100644', type: 'blob', content: 'replicas: 4\n' },
      { path: 'README.md', mode: '100644', type: 'blob', sha: null },
    ],
  });
  const wanted = { ...fleet, tree: tree.data.sha, parents: [main], message: 'Scale clip' };
  const commit = await git.createCommit(wanted);
  const signedByNobody = await git.createCommit({ ...wanted, author: { name: 'Bot', email: 'bot@example.com' } });
  await git.createRef({ ...fleet, ref: 'refs/heads/flyball/clip', sha: commit.data.sha });

  const { data: files } = await octokit.rest.repos.compareCommitsWithBasehead({
    ...fleet,
    basehead: 'main...flyball/clip',
  });

  expect(commit.data.verification).toMatchObject({ verified: true, reason: 'valid' });
  expect(signedByNobody.data.verification).toMatchObject({ verified: false, reason: 'unsigned' });
  expect(files).toMatchObject({ status: 'ahead', ahead_by: 1, behind_by: 0 });
  expect(files.files).toMatchObject([
    { filename: 'README.md', status: 'removed', deletions: 1 },
    { filename: clipPath, status: 'modified', patch: '@@ -1 +1 @@\n-replicas: 6\n+replicas: 4' },
  ]);
});

test.each([['../out.yaml'], ['.git/config'], ['a/../../b']])('a tree with the path %s is refused', async (path) => {
  const { octokit } = await aFleet();
  const tree = [{ path, mode: '100644', type: 'blob', content: 'x' }] as const;

  await expect(octokit.rest.git.createTree({ ...fleet, tree: [...tree] })).rejects.toMatchObject({ status: 422 });
});

test('a branch is made once, moved forward, moved back only by force, and deleted', async () => {
  const fleetOf = await aFleet();
  const { git } = fleetOf.octokit.rest;
  const main = (await git.getRef({ ...fleet, ref: 'heads/main' })).data.object.sha;
  const next = await aBranch(fleetOf, 'next');
  const ref = 'heads/flyball/clip';

  await git.createRef({ ...fleet, ref: `refs/${ref}`, sha: main });
  await expect(git.createRef({ ...fleet, ref: `refs/${ref}`, sha: main })).rejects.toMatchObject({
    status: 422,
    message: /Reference already exists/,
  });
  await expect(git.createRef({ ...fleet, ref: `refs/${ref}/below`, sha: main })).rejects.toMatchObject({ status: 422 });
  await git.updateRef({ ...fleet, ref, sha: next });
  await expect(git.updateRef({ ...fleet, ref, sha: main })).rejects.toMatchObject({
    status: 422,
    message: /Update is not a fast forward/,
  });
  await git.updateRef({ ...fleet, ref, sha: main, force: true });
  const matching = await git.listMatchingRefs({ ...fleet, ref: 'heads/flyball' });
  await git.deleteRef({ ...fleet, ref });

  expect(matching.data.map((one) => one.ref)).toEqual([`refs/${ref}`]);
  await expect(git.getRef({ ...fleet, ref })).rejects.toMatchObject({ status: 404 });
  await expect(git.deleteRef({ ...fleet, ref })).rejects.toMatchObject({ status: 422 });
});

const createCommit = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid url signature { isValid } } ref { target { ... on Commit { oid } } } }
}`;

test('createCommitOnBranch makes a verified commit, once: a branch that moved on is stale', async () => {
  const { octokit, repository } = await aFleet();
  const { git } = octokit.rest;
  const main = (await git.getRef({ ...fleet, ref: 'heads/main' })).data.object.sha;
  await git.createRef({ ...fleet, ref: 'refs/heads/flyball/clip', sha: main });
  const input = {
    branch: { repositoryNameWithOwner: 'acme/fleet', branchName: 'flyball/clip' },
    message: { headline: 'Scale clip', body: 'Flyball-Proposal: a' },
    expectedHeadOid: main,
    fileChanges: {
      additions: [{ path: clipPath, contents: base64('replicas: 4\n') }],
      deletions: [{ path: 'README.md' }],
    },
  };

  const made = await octokit.graphql<{
    createCommitOnBranch: { commit: { oid: string; signature: object }; ref: { target: { oid: string } } };
  }>(createCommit, { input });
  const { commit, ref } = made.createCommitOnBranch;
  const read = await octokit.rest.repos.getCommit({ ...fleet, ref: commit.oid });

  expect(commit.signature).toEqual({ isValid: true });
  expect(ref.target.oid).toBe(commit.oid);
  expect(read.data.commit).toMatchObject({
    message: 'Scale clip\n\nFlyball-Proposal: a',
    verification: { verified: true },
  });
  expect(read.data.author?.login).toBe('flyball[bot]');
  expect(read.data.stats).toEqual({ additions: 1, deletions: 2, total: 3 });
  expect(repository.verifiedCommits.has(commit.oid)).toBe(true);
  await expect(octokit.graphql(createCommit, { input })).rejects.toMatchObject({
    name: 'GraphqlResponseError',
    errors: [{ type: 'STALE_DATA', path: ['createCommitOnBranch'] }],
  });
});

test('createCommitOnBranch refuses a branch that is not there, a file to delete that is not there, and a bad input', async () => {
  const { octokit } = await aFleet();
  const head = (await octokit.rest.git.getRef({ ...fleet, ref: 'heads/main' })).data.object.sha;
  const branch = { repositoryNameWithOwner: 'acme/fleet', branchName: 'main' };
  const message = { headline: 'Scale clip' };
  const send = async (input: object) => octokit.graphql(createCommit, { input });

  await expect(
    send({ branch: { ...branch, branchName: 'none' }, message, expectedHeadOid: head }),
  ).rejects.toMatchObject({ errors: [{ type: 'NOT_FOUND' }] });
  await expect(
    send({ branch, message, expectedHeadOid: head, fileChanges: { deletions: [{ path: 'none' }] } }),
  ).rejects.toMatchObject({ errors: [{ type: 'UNPROCESSABLE' }] });
  await expect(send({ branch, message, expectedHead: head })).rejects.toMatchObject({
    errors: [{ type: 'INVALID_VALUE' }],
  });
});

test('GraphQL refuses fields, mutations and syntax that it does not know', async () => {
  const { octokit } = await aFleet();

  await expect(octokit.graphql('{ viewer { login shoeSize } }')).rejects.toMatchObject({
    errors: [{ message: "Field 'shoeSize' doesn't exist on type 'Bot'" }],
  });
  await expect(octokit.graphql('mutation { deleteEverything(input: {}) { clientMutationId } }')).rejects.toMatchObject({
    errors: [{ message: "Field 'deleteEverything' doesn't exist on type 'Mutation'" }],
  });
  await expect(octokit.graphql('query {')).rejects.toMatchObject({
    errors: [{ message: 'Unexpected end of document' }],
  });
});

test('an App without the permission for workflows may not change one', async () => {
  const { octokit } = await aFleet();
  const path = '.github/workflows/ci.yml';

  await expect(
    octokit.rest.repos.createOrUpdateFileContents({ ...fleet, path, message: 'Run', content: base64('on: push\n') }),
  ).rejects.toMatchObject({ status: 403, message: /without `workflows` permission/ });
});
