import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { expect, test } from 'vitest';
import { startGitHub } from './start-github.ts';

test('an App commits through the git data API, and the commit is verified', async () => {
  const github = await startGitHub();
  const owner = github.organization('acme');
  const files = { 'apps/clip.yaml': 'replicas: 6\n', 'README.md': '# Fleet\n' };
  const repository = await github.repository({ owner, name: 'fleet', isPrivate: true, files });
  const app = github.app({ slug: 'flyball', owner, permissions: { contents: 'write' } });
  const { id } = github.install(app, owner, { repositories: [repository] });
  const auth = { appId: app.id, privateKey: app.privateKey, installationId: id };
  const octokit = new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth });
  const fleet = { owner: 'acme', repo: 'fleet' };

  const main = await octokit.rest.git.getRef({ ...fleet, ref: 'heads/main' });
  const tree = await octokit.rest.git.createTree({
    ...fleet,
    base_tree: main.data.object.sha,
    tree: [
      { path: 'apps/clip.yaml', mode: '100644', type: 'blob', content: 'replicas: 4\n' },
      { path: 'README.md', mode: '100644', type: 'blob', sha: null },
    ],
  });
  const commit = await octokit.rest.git.createCommit({
    ...fleet,
    tree: tree.data.sha,
    parents: [main.data.object.sha],
    message: 'Scale clip',
  });
  await octokit.rest.git.createRef({ ...fleet, ref: 'refs/heads/flyball/clip', sha: commit.data.sha });

  const top = await octokit.rest.repos.getContent({ ...fleet, path: '', ref: 'flyball/clip' });
  expect(commit.data.verification.verified).toBe(true);
  expect(top.data).toMatchObject([{ path: 'apps', type: 'dir' }]);
  await github.close();
});
