import { ProbotOctokit, createNodeMiddleware, createProbot } from 'probot';
import { expect, test } from 'vitest';
import { aBranch, aFleet, aPull, appOctokit, clipPath, fleet } from './fleet.ts';
import { aReceiver, listen } from './receiver.ts';

test('what happens is told in order, signed, and as GitHub describes it', async () => {
  const fleetOf = await aFleet();
  const { github, acme, ana, repository, app, installation, octokit, anasOctokit } = fleetOf;
  const { url, received } = await aReceiver(app.webhookSecret);
  app.webhookUrl = url;
  const { pulls, issues, checks, repos, git } = anasOctokit.rest;
  const number = await aPull(fleetOf);
  const pull = { ...fleet, pull_number: number };
  await aBranch(fleetOf, 'flyball/clip', 3);
  await pulls.update({ ...pull, body: 'Why' });
  await issues.addLabels({ ...fleet, issue_number: number, labels: ['flyball'] });
  await pulls.update({ ...pull, state: 'closed' });
  await pulls.update({ ...pull, state: 'open' });
  const { data: comment } = await issues.createComment({ ...fleet, issue_number: number, body: '/flyball help' });
  await issues.updateComment({ ...fleet, comment_id: comment.id, body: '/flyball why' });
  const head_sha = (await pulls.get(pull)).data.head.sha;
  const { data: run } = await octokit.rest.checks.create({ ...fleet, name: 'Cost', head_sha });
  await checks.rerequestRun({ ...fleet, check_run_id: run.id });
  await checks.rerequestSuite({ ...fleet, check_suite_id: run.check_suite?.id ?? 0 });
  await repos.createDispatchEvent({ ...fleet, event_type: 'flyball-scan', client_payload: { day: 1 } });
  await pulls.merge(pull);
  await git.deleteRef({ ...fleet, ref: 'heads/flyball/clip' });
  const { data: issue } = await octokit.rest.issues.create({ ...fleet, title: 'Dashboard', body: '- [ ] rescan' });
  await issues.update({ ...fleet, issue_number: issue.number, body: '- [x] rescan' });
  await issues.update({ ...fleet, issue_number: issue.number, state: 'closed' });
  const other = await github.repository({ owner: acme, name: 'other' });
  github.changeRepositories(installation, { add: [other], remove: [repository], sender: ana });
  github.suspend(installation, ana);
  github.uninstall(installation, ana);
  await github.webhooks(app).settled();

  expect(received.map(({ name }) => name)).toEqual(
    [
      ['push', 'check_suite.requested', 'pull_request.opened'],
      ['push', 'pull_request.synchronize', 'check_suite.requested'],
      ['pull_request.edited', 'pull_request.labeled', 'pull_request.closed', 'pull_request.reopened'],
      ['issue_comment.created', 'issue_comment.edited'],
      ['check_run.created', 'check_run.rerequested', 'check_suite.rerequested'],
      ['repository_dispatch.flyball-scan'],
      ['push', 'check_suite.requested', 'pull_request.closed', 'push'],
      ['issues.opened', 'issues.edited', 'issues.closed'],
      ['installation_repositories.added', 'installation_repositories.removed'],
      ['installation.suspend', 'installation.deleted'],
    ].flat(),
  );
  expect(received.every(({ isSignatureGood }) => isSignatureGood)).toBe(true);
  expect(received.find(({ name }) => name === 'issues.edited')?.payload).toMatchObject({
    changes: { body: { from: '- [ ] rescan' } },
    issue: { body: '- [x] rescan' },
    sender: { login: 'ana', type: 'User' },
    installation: { id: installation.id },
  });
});

test('an App built on Probot hears a command, answers through the API, and refuses another secret', async () => {
  const fleetOf = await aFleet();
  const { github, app, repository, octokit, anasOctokit } = fleetOf;
  const { data: issue } = await octokit.rest.issues.create({ ...fleet, title: 'Dashboard' });
  const probot = createProbot({
    env: {},
    overrides: {
      appId: app.id,
      privateKey: app.privateKey,
      secret: app.webhookSecret,
      baseUrl: github.apiUrl,
      logLevel: 'fatal',
      Octokit: ProbotOctokit.defaults({ throttle: { enabled: false }, retry: { enabled: false } }),
    },
  });
  const middleware = await createNodeMiddleware(
    (probotApp) => {
      probotApp.on('issue_comment.created', async (context) => {
        if (context.payload.comment.user?.type === 'Bot') return;
        const { comment } = context.payload;
        await context.octokit.rest.reactions.createForIssueComment(
          context.repo({ comment_id: comment.id, content: 'eyes' }),
        );
        await context.octokit.rest.issues.createComment(context.issue({ body: 'Here is help.' }));
      });
    },
    { probot, webhooksPath: '/hooks' },
  );
  const url = await listen((request, response) => void middleware(request, response));
  app.webhookUrl = `${url}/hooks`;

  await anasOctokit.rest.issues.createComment({ ...fleet, issue_number: issue.number, body: '/flyball help' });
  await github.webhooks(app).settled();
  app.webhookSecret = 'not the secret that the App has';
  await anasOctokit.rest.issues.createComment({ ...fleet, issue_number: issue.number, body: '/flyball again' });
  await github.webhooks(app).settled();

  const comments = github.comments(repository, issue.number);
  expect(comments.map(({ author, body }) => `${author.login}: ${body}`)).toEqual([
    'ana: /flyball help',
    'flyball[bot]: Here is help.',
    'ana: /flyball again',
  ]);
  expect(comments[0]?.reactions.map(({ content }) => content)).toEqual(['eyes']);
  expect(github.webhooks(app).deliveries.at(-1)?.result?.status).toBe(400);
});

test('a delivery that failed is found and delivered again, with the same guid', async () => {
  const fleetOf = await aFleet();
  const { github, app, octokit } = fleetOf;
  const { url, received, statuses } = await aReceiver(app.webhookSecret);
  app.webhookUrl = url;
  statuses.push(500);
  const { apps } = appOctokit(github, app).rest;
  await octokit.rest.issues.create({ ...fleet, title: 'Dashboard' });
  await github.webhooks(app).settled();

  const { data: failed } = await apps.listWebhookDeliveries();
  await apps.redeliverWebhookDelivery({ delivery_id: failed[0]?.id ?? 0 });
  await github.webhooks(app).settled();
  const { data: all } = await apps.listWebhookDeliveries();
  const { data: one } = await apps.getWebhookDelivery({ delivery_id: all[0]?.id ?? 0 });

  expect(failed).toMatchObject([{ status_code: 500, redelivery: false, event: 'issues', action: 'opened' }]);
  expect(all.map(({ status_code, redelivery }) => ({ status_code, redelivery }))).toEqual([
    { status_code: 200, redelivery: true },
    { status_code: 500, redelivery: false },
  ]);
  expect(new Set(received.map(({ guid }) => guid)).size).toBe(1);
  expect(one.request.headers).toMatchObject({ 'x-github-event': 'issues' });
});

test('nobody listening is a delivery that failed', async () => {
  const { github, app, octokit } = await aFleet({ webhookUrl: 'http://127.0.0.1:9/' });

  await octokit.rest.issues.create({ ...fleet, title: 'Dashboard' });
  await github.webhooks(app).settled();

  expect(github.webhooks(app).deliveries.at(-1)?.result).toMatchObject({ status: 0 });
});

test('deliveries wait, come twice and out of order, as a test wishes', async () => {
  const { github, app, octokit } = await aFleet();
  const { url, received } = await aReceiver(app.webhookSecret);
  app.webhookUrl = url;
  const webhooks = github.webhooks(app);
  Object.assign(webhooks.habits, { isPaused: true, copies: 2, choose: (waiting: number) => waiting - 1 });
  await octokit.rest.issues.create({ ...fleet, title: 'First' });
  await octokit.rest.issues.create({ ...fleet, title: 'Second' });
  expect(received).toEqual([]);

  await webhooks.flush();

  expect(received.map(({ payload }) => payload['issue'])).toMatchObject([
    { title: 'Second' },
    { title: 'Second' },
    { title: 'First' },
    { title: 'First' },
  ]);
  expect(new Set(received.map(({ guid }) => guid)).size).toBe(2);
});

test('a push to the default branch names what was added, changed and removed', async () => {
  const { github, ana, app, repository } = await aFleet();
  const before = github.webhooks(app).deliveries.length;

  await github.push(repository, {
    by: ana,
    files: { [clipPath]: 'replicas: 1\n', 'new.yaml': 'a: 1\n', 'README.md': null },
  });

  expect(github.webhooks(app).deliveries[before]).toMatchObject({
    event: 'push',
    payload: {
      ref: 'refs/heads/main',
      forced: false,
      commits: [{ added: ['new.yaml'], modified: [clipPath], removed: ['README.md'] }],
      pusher: { name: 'ana' },
    },
  });
});
