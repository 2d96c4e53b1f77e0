import { expect, test } from 'vitest';
import { aBranch, aFleet, aPull, clipPath, fleet, personOctokit } from './fleet.ts';

test('a dashboard issue is opened, found by its label, edited and locked', async () => {
  const { octokit } = await aFleet();
  const { issues } = octokit.rest;

  const { data: issue } = await issues.create({ ...fleet, title: 'Dashboard', body: '- [ ] one', labels: ['flyball'] });
  await issues.create({ ...fleet, title: 'Another' });
  await issues.update({ ...fleet, issue_number: issue.number, body: '- [x] one' });
  await issues.lock({ ...fleet, issue_number: issue.number, lock_reason: 'resolved' });
  const found = await issues.listForRepo({ ...fleet, labels: 'flyball', state: 'all' });

  expect(found.data).toMatchObject([{ number: 1, body: '- [x] one', locked: true, active_lock_reason: 'resolved' }]);
  expect(found.data[0]?.performed_via_github_app?.slug).toBe('flyball');
});

test('who may only read comments, but not on a locked issue, and labels nothing', async () => {
  const { github, repository, octokit } = await aFleet();
  const bo = github.user('bo');
  repository.collaborators.set('bo', 'read');
  const bos = personOctokit(github, bo).rest.issues;
  const { data: issue } = await octokit.rest.issues.create({ ...fleet, title: 'Dashboard' });
  const comment = { ...fleet, issue_number: issue.number, body: '/flyball help' };

  await bos.createComment(comment);
  await octokit.rest.issues.lock({ ...fleet, issue_number: issue.number });

  await expect(bos.createComment(comment)).rejects.toMatchObject({ status: 403, message: /locked/ });
  await expect(bos.addLabels({ ...fleet, issue_number: issue.number, labels: ['x'] })).rejects.toMatchObject({
    status: 403,
  });
  await octokit.rest.issues.createComment({ ...comment, body: 'An App may.' });
});

test('a comment is written, edited, reacted to once for each kind, hidden, and deleted', async () => {
  const fleetOf = await aFleet();
  const { octokit, github, repository } = fleetOf;
  const { issues, reactions } = octokit.rest;
  const number = await aPull(fleetOf);

  const { data: comment } = await issues.createComment({ ...fleet, issue_number: number, body: 'Working' });
  await issues.updateComment({ ...fleet, comment_id: comment.id, body: 'Done' });
  const first = await reactions.createForIssueComment({ ...fleet, comment_id: comment.id, content: 'eyes' });
  const second = await reactions.createForIssueComment({ ...fleet, comment_id: comment.id, content: 'eyes' });
  const hidden = await octokit.graphql(
    `mutation ($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized minimizedReason } } }`,
    { id: comment.node_id },
  );
  const { data: read } = await issues.getComment({ ...fleet, comment_id: comment.id });

  expect([first.status, second.status]).toEqual([201, 200]);
  expect(read).toMatchObject({ body: 'Done', reactions: { total_count: 1, eyes: 1 } });
  expect(hidden).toEqual({ minimizeComment: { minimizedComment: { isMinimized: true, minimizedReason: 'outdated' } } });
  expect(github.comments(repository, number).map(({ body }) => body)).toEqual(['Done']);
  await issues.deleteComment({ ...fleet, comment_id: comment.id });
  await expect(issues.getComment({ ...fleet, comment_id: comment.id })).rejects.toMatchObject({ status: 404 });
});

test('a comment of 65,536 characters is taken, one more is not', async () => {
  const { octokit } = await aFleet();
  const { data: issue } = await octokit.rest.issues.create({ ...fleet, title: 'Dashboard' });
  const comment = async (length: number) =>
    octokit.rest.issues.createComment({ ...fleet, issue_number: issue.number, body: '€'.repeat(length) });

  expect((await comment(65_536)).status).toBe(201);
  await expect(comment(65_537)).rejects.toMatchObject({
    status: 422,
    message: /Body is too long \(maximum is 65536 characters\)/,
  });
});

test('a suggestion stands at a line that the pull request shows, and nowhere else', async () => {
  const fleetOf = await aFleet();
  const { pulls, reactions } = fleetOf.octokit.rest;
  const number = await aPull(fleetOf);
  const { data: pull } = await pulls.get({ ...fleet, pull_number: number });
  const place = { ...fleet, pull_number: number, commit_id: pull.head.sha, path: clipPath };
  const body = '```suggestion\nreplicas: 5\n```';

  const { data: comment } = await pulls.createReviewComment({ ...place, line: 1, side: 'RIGHT', body });
  const reply = await pulls.createReplyForReviewComment({
    ...fleet,
    pull_number: number,
    comment_id: comment.id,
    body: 'Or 5.',
  });
  await reactions.createForPullRequestReviewComment({ ...fleet, comment_id: comment.id, content: '+1' });
  const all = await pulls.listReviewComments({ ...fleet, pull_number: number });

  expect(all.data).toMatchObject([{ path: clipPath, line: 1, body }, { in_reply_to_id: comment.id }]);
  expect(reply.data.in_reply_to_id).toBe(comment.id);
  await expect(pulls.createReviewComment({ ...place, line: 40, side: 'RIGHT', body })).rejects.toMatchObject({
    status: 422,
  });
  await expect(
    pulls.createReviewComment({ ...place, path: 'README.md', line: 1, side: 'RIGHT', body }),
  ).rejects.toMatchObject({ status: 422 });
});

test('labels are made with a colour, put on, taken off and changed', async () => {
  const { octokit } = await aFleet();
  const { issues } = octokit.rest;
  await issues.createLabel({ ...fleet, name: 'flyball', color: '0e8a16', description: 'By Flyball' });
  const { data: issue } = await issues.create({ ...fleet, title: 'Dashboard' });
  const one = { ...fleet, issue_number: issue.number };

  await issues.addLabels({ ...one, labels: ['flyball', 'gpu'] });
  await issues.removeLabel({ ...one, name: 'gpu' });
  await issues.updateLabel({ ...fleet, name: 'flyball', new_name: 'cost' });
  const labels = await issues.listLabelsOnIssue(one);

  expect(labels.data.map(({ name }) => name)).toEqual(['cost']);
  await expect(issues.createLabel({ ...fleet, name: 'COST', color: '0e8a16' })).rejects.toMatchObject({
    status: 422,
    response: { data: { errors: [{ code: 'already_exists' }] } },
  });
  await expect(issues.addLabels({ ...one, labels: ['x'.repeat(51)] })).rejects.toMatchObject({ status: 422 });
});

test('search finds pull requests by repository, state, label, author and words', async () => {
  const fleetOf = await aFleet();
  const { octokit } = fleetOf;
  const number = await aPull(fleetOf);
  await octokit.rest.issues.addLabels({ ...fleet, issue_number: number, labels: ['flyball'] });
  await octokit.rest.issues.create({ ...fleet, title: 'Scale clip by hand' });
  const search = async (q: string) => {
    const { data } = await octokit.rest.search.issuesAndPullRequests({ q: `repo:acme/fleet ${q}` });
    return data.items.map((item) => item.number);
  };

  expect(await search('is:pr is:open label:flyball author:app/flyball')).toEqual([number]);
  expect(await search('"scale clip" is:issue')).toEqual([2]);
  expect(await search('is:merged')).toEqual([]);
});

test('checks report with annotations, fifty a request, and only for commits that are there', async () => {
  const fleetOf = await aFleet();
  const { checks } = fleetOf.octokit.rest;
  const head_sha = await aBranch(fleetOf, 'feature');
  const annotations = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      path: clipPath,
      start_line: index + 1,
      end_line: index + 1,
      annotation_level: 'warning' as const,
      message: `Line ${index + 1}`,
    }));
  const output = { title: 'Cost', summary: 'More', annotations: annotations(50) };

  const { data: run } = await checks.create({ ...fleet, name: 'Cost', head_sha, status: 'in_progress', output });
  const { data: done } = await checks.update({
    ...fleet,
    check_run_id: run.id,
    conclusion: 'neutral',
    output: { ...output, annotations: annotations(1) },
  });
  const listed = await checks.listForRef({ ...fleet, ref: 'feature' });
  const page = await checks.listAnnotations({ ...fleet, check_run_id: run.id, per_page: 100 });

  expect(done).toMatchObject({ status: 'completed', conclusion: 'neutral', output: { annotations_count: 51 } });
  expect(listed.data).toMatchObject({ total_count: 1, check_runs: [{ id: run.id, conclusion: 'neutral' }] });
  expect(page.data).toHaveLength(51);
  await expect(checks.create({ ...fleet, name: 'Cost', head_sha: '0'.repeat(40) })).rejects.toMatchObject({
    status: 422,
  });
  fleetOf.github.assertNoViolations();
  await expect(
    checks.update({ ...fleet, check_run_id: run.id, output: { ...output, annotations: annotations(51) } }),
  ).rejects.toMatchObject({ status: 422 });
  expect(fleetOf.github.takeViolations()).toMatchObject([{ kind: 'request' }]);
});

test('statuses of a commit add up to one', async () => {
  const fleetOf = await aFleet({ permissions: { contents: 'write', statuses: 'write' } });
  const { repos } = fleetOf.octokit.rest;
  const sha = await aBranch(fleetOf, 'feature');

  await repos.createCommitStatus({ ...fleet, sha, state: 'pending', context: 'cost' });
  await repos.createCommitStatus({ ...fleet, sha, state: 'success', context: 'cost' });
  await repos.createCommitStatus({ ...fleet, sha, state: 'failure', context: 'tests' });
  const { data } = await repos.getCombinedStatusForRef({ ...fleet, ref: 'feature' });

  expect(data).toMatchObject({ state: 'failure', total_count: 2 });
});
