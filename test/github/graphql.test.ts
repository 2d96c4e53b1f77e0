import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFleet, aPull, fleet } from './fleet.ts';
import { type Field, parseGraphql } from './graphql/parse.ts';

const name = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,8}$/).filter((word) => word !== 'on');
const value = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string());
const { field } = fc.letrec<{ field: Field }>((tie) => ({
  field: fc.record({
    name,
    key: name,
    args: fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }),
    fields: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('field'), { minLength: 1, maxLength: 3 })),
    onType: fc.constant(undefined),
  }),
}));

function print({ name, key, args, fields }: Field): string {
  const pairs = Object.entries(args).map(([argument, one]) => `${argument}: ${JSON.stringify(one)}`);
  const list = pairs.length === 0 ? '' : `(${pairs.join(', ')})`;
  const inner = fields.length === 0 ? '' : ` { ${fields.map(print).join(' ')} }`;
  return `${key}: ${name}${list}${inner}`;
}

test('a query is read as it was written', () => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 3 }), (fields) => {
      const text = `query Some($a: Int = 1) {\n  # a comment\n  ${fields.map(print).join('\n  ')}\n}`;

      expect(parseGraphql(text, {})).toEqual({ kind: 'query', fields });
    }),
  );
});

test('any other text is refused with an error', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '(', ')', '"', 'a', ':', '$', '...', ' ', '\\') }),
      (text) => {
        let refusal: unknown;
        try {
          parseGraphql(text, {});
        } catch (error) {
          refusal = error;
        }
        expect(refusal === undefined || refusal instanceof Error).toBe(true);
      },
    ),
  );
});

test('a query asks for a pull request with aliases, variables and fragments', async () => {
  const fleetOf = await aFleet();
  const number = await aPull(fleetOf);
  const query = `query ($owner: String!, $repo: String!, $number: Int!) {
    viewer { login __typename }
    fleet: repository(owner: $owner, name: $repo) {
      nameWithOwner
      defaultBranchRef { name target { ... on Commit { messageHeadline } ... on Tag { name } } }
      pullRequest(number: $number) { isDraft headRefName mergeable author { login } }
      missing: pullRequest(number: 99) { title }
    }
  }`;

  expect(await fleetOf.octokit.graphql(query, { ...fleet, number })).toEqual({
    viewer: { login: 'flyball', __typename: 'Bot' },
    fleet: {
      nameWithOwner: 'acme/fleet',
      defaultBranchRef: { name: 'main', target: { messageHeadline: 'Initial commit' } },
      pullRequest: {
        isDraft: false,
        headRefName: 'flyball/clip',
        mergeable: 'UNKNOWN',
        author: { login: 'flyball' },
      },
      missing: null,
    },
  });
});

test('GraphQL hides what the token may not see, and refuses what it may not do', async () => {
  const fleetOf = await aFleet({ permissions: { contents: 'read', pull_requests: 'write' } });
  const { github, acme, octokit, anasOctokit, repository } = fleetOf;
  await github.repository({ owner: acme, name: 'secret', isPrivate: true });
  await github.push(repository, { by: fleetOf.ana, branch: 'feature', files: { 'a.txt': 'a' } });
  const { data: pull } = await anasOctokit.rest.pulls.create({ ...fleet, title: 'A', head: 'feature', base: 'main' });
  const input = {
    branch: { repositoryNameWithOwner: 'acme/fleet', branchName: 'main' },
    message: { headline: 'Change' },
    expectedHeadOid: pull.base.sha,
  };

  await expect(octokit.graphql('{ repository(owner: "acme", name: "secret") { id } }')).rejects.toMatchObject({
    errors: [{ type: 'NOT_FOUND', path: ['repository'] }],
  });
  await expect(
    octokit.graphql('mutation ($input: X!) { createCommitOnBranch(input: $input) { clientMutationId } }', { input }),
  ).rejects.toMatchObject({ errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }] });
  await octokit.graphql(
    'mutation ($id: ID!) { convertPullRequestToDraft(input: { pullRequestId: $id }) { clientMutationId } }',
    {
      id: pull.node_id,
    },
  );
  expect(repository.issues.get(pull.number)?.pull?.isDraft).toBe(true);
});

test('references move together, and only from where they were said to be', async () => {
  const world = await aFleet();
  const { octokit, anasOctokit, github, repository, ana } = world;
  const { data } = await octokit.rest.repos.get(fleet);
  const tip = async (branch: string) =>
    (await anasOctokit.rest.git.listMatchingRefs({ ...fleet, ref: `heads/${branch}` })).data[0]?.object.sha;
  const first = await github.push(repository, { by: ana, branch: 'first', files: { 'a.yaml': 'a: 1' } });
  const second = await github.push(repository, { by: ana, branch: 'second', files: { 'a.yaml': 'a: 2' } });
  const none = '0'.repeat(40);
  const move = async (secondIsAt: string) =>
    octokit.graphql('mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }', {
      input: {
        repositoryId: data.node_id,
        refUpdates: [
          { name: 'refs/heads/first', beforeOid: first, afterOid: second, force: true },
          { name: 'refs/heads/second', beforeOid: secondIsAt, afterOid: none },
        ],
      },
    });

  await expect(move(first)).rejects.toThrow(/is not at/);
  expect(await tip('first')).toBe(first);
  await move(second);

  expect([await tip('first'), await tip('second')]).toEqual([second, undefined]);
});
