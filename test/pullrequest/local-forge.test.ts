import { expect, test } from 'vitest';
import type { LeverValue, Proposal } from '../../src/domain/index.ts';
import { editField } from '../../src/gitops/index.ts';
import {
  type PublishableProposal,
  type FieldEditor,
  type RenderProver,
  branchName,
  publishLocally,
} from '../../src/pullrequest/index.ts';
import { aChange, aField, aFingerprint, aProposal, aWorkload } from '../builders.ts';
import { aRepository, commitFiles, git, gitStore } from './git-store.ts';
import { aContext } from './worlds.ts';

const manifest = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name} # served by team vision
spec:
  replicas: 6
`;

const paths = { clip: 'apps/clip.yaml', whisper: 'apps/whisper.yaml' } as const;

function proposalFor(app: keyof typeof paths, to: LeverValue, fingerprint: string): Proposal {
  const start = manifest(app).indexOf('replicas: ') + 'replicas: '.length;
  const field = aField({ path: paths[app], line: 6, start, end: start + 1 });
  return aProposal({
    fingerprint: aFingerprint(fingerprint),
    workload: aWorkload({ name: app }),
    changes: [aChange({ to, field })],
  });
}

const clipTo3 = proposalFor('clip', 3, 'aaaaaaaaaaaaaaaa');
const clipTo2 = proposalFor('clip', 2, 'bbbbbbbbbbbbbbbb');
const whisperTo4 = proposalFor('whisper', 4, 'cccccccccccccccc');
const clipBranch = branchName(clipTo3.workload, clipTo3.action);
const whisperBranch = branchName(whisperTo4.workload, whisperTo4.action);

function aFleet(): { directory: string; base: string } {
  const directory = aRepository({ [paths.clip]: manifest('clip'), [paths.whisper]: manifest('whisper') });
  return { directory, base: git(directory, ['rev-parse', 'HEAD']) };
}

async function publish(
  fleet: { directory: string; base: string },
  proposals: readonly Proposal[],
  over: { editField?: FieldEditor; prove?: RenderProver; dryRun?: boolean; dataDigest?: string } = {},
) {
  const {
    diff: _,
    rendered: __,
    ...context
  } = aContext({
    repository: { name: 'fleet', branch: 'main', commit: fleet.base },
    dataDigest: over.dataDigest ?? 'd1',
  });
  const publishable: readonly PublishableProposal[] = proposals.map((proposal) => ({ proposal, context }));
  return publishLocally({
    store: gitStore(fleet.directory),
    editField: over.editField ?? editField,
    prove:
      over.prove ??
      (async () => ({ kind: 'proven', rendered: { changes: [], checkedBy: ['Flyball'], notRendered: [] } })),
    proposals: publishable,
    dryRun: over.dryRun ?? false,
  });
}

const statuses = (result: Awaited<ReturnType<typeof publish>>): readonly string[] =>
  result.published.map(({ publication }) => publication.status);

test('each proposal gets a branch with exactly one commit, which changes exactly one line', async () => {
  const fleet = aFleet();

  const result = await publish(fleet, [clipTo3, whisperTo4]);

  expect(statuses(result)).toEqual(['created', 'created']);
  expect(git(fleet.directory, ['rev-list', `${fleet.base}..${clipBranch}`]).split('\n')).toHaveLength(1);
  expect(git(fleet.directory, ['diff', '--numstat', fleet.base, clipBranch])).toBe(`1\t1\t${paths.clip}`);
  expect(result.published[0]?.publication.diff).toContain('-  replicas: 6\n+  replicas: 3\n');
  expect(result.published[0]?.pullRequest.body).toContain('+  replicas: 3');
  expect(git(fleet.directory, ['log', '-1', '--format=%an <%ae> %aI', clipBranch])).toBe(
    'Flyball <flyball@localhost> 2026-11-01T00:00:00+00:00',
  );
  expect(
    git(fleet.directory, ['log', '-1', '--format=%(trailers:key=Flyball-Proposal,valueonly)', clipBranch]),
  ).toContain(clipTo3.fingerprint);
});

test('the same input gives the same commit in another clone', async () => {
  const [one, other] = [aFleet(), aFleet()];

  const first = await publish(one, [clipTo3]);
  const second = await publish(other, [clipTo3]);

  expect(second.published).toEqual(first.published);
});

test('the same change on the same commit leaves its branch alone, even when the data is newer', async () => {
  const fleet = aFleet();
  const first = await publish(fleet, [clipTo3]);

  const second = await publish(fleet, [clipTo3], { dataDigest: 'd2' });

  expect(statuses(second)).toEqual(['unchanged']);
  expect(second.published[0]?.publication.commit).toBe(first.published[0]?.publication.commit);
});

test('another value rebuilds the branch as one commit', async () => {
  const fleet = aFleet();
  await publish(fleet, [clipTo3]);

  const second = await publish(fleet, [clipTo2]);

  expect(statuses(second)).toEqual(['updated']);
  expect(git(fleet.directory, ['rev-list', '--count', `${fleet.base}..${clipBranch}`])).toBe('1');
  expect(git(fleet.directory, ['show', `${clipBranch}:${paths.clip}`])).toContain('replicas: 2');
});

test('a newer base commit rebuilds the branch on top of it', async () => {
  const fleet = aFleet();
  await publish(fleet, [clipTo3]);
  const base = commitFiles(fleet.directory, { 'README.md': 'fleet\n' }, 'Say what this is');

  const second = await publish({ ...fleet, base }, [clipTo3]);

  expect(statuses(second)).toEqual(['updated']);
  expect(git(fleet.directory, ['rev-parse', `${clipBranch}^`])).toBe(base);
});

test("a branch with a person's commit is left alone, also when its proposal is gone", async () => {
  const fleet = aFleet();
  await publish(fleet, [clipTo3]);
  git(fleet.directory, ['checkout', '--quiet', clipBranch]);
  const theirs = commitFiles(fleet.directory, { 'NOTES.md': 'four is enough\n' }, 'Explain');

  const second = await publish(fleet, [clipTo2]);
  const third = await publish(fleet, []);

  expect(statuses(second)).toEqual(['edited']);
  expect(second.published[0]?.publication.commit).toBe(theirs);
  expect(third).toEqual({ published: [], closedBranches: [], leftAloneBranches: [clipBranch] });
  expect(git(fleet.directory, ['rev-parse', clipBranch])).toBe(theirs);
});

test('a commit of ours that a person amended is theirs', async () => {
  const fleet = aFleet();
  await publish(fleet, [clipTo3]);
  git(fleet.directory, ['checkout', '--quiet', clipBranch]);
  git(fleet.directory, ['commit', '--quiet', '--amend', '--no-edit', '--date=2026-10-31T13:00:00Z']);

  expect(statuses(await publish(fleet, [clipTo2]))).toEqual(['edited']);
});

test('a branch that nobody proposes any more is removed, and branches of others stay', async () => {
  const fleet = aFleet();
  git(fleet.directory, ['branch', 'flyball/by-hand', fleet.base]);
  git(fleet.directory, ['branch', 'feature', fleet.base]);
  await publish(fleet, [clipTo3, whisperTo4]);

  const second = await publish(fleet, [whisperTo4]);

  expect(second.closedBranches).toEqual([clipBranch]);
  expect(second.leftAloneBranches).toEqual(['flyball/by-hand']);
  expect(git(fleet.directory, ['branch', '--format=%(refname:short)']).split('\n').toSorted()).toEqual(
    ['feature', 'flyball/by-hand', whisperBranch, 'main'].toSorted(),
  );
});

test('a change that the file already has makes no branch, and closes an old one', async () => {
  const fleet = aFleet();
  await publish(fleet, [clipTo3]);

  const second = await publish(fleet, [proposalFor('clip', 6, 'dddddddddddddddd')]);

  expect(statuses(second)).toEqual(['no-change']);
  expect(second.published[0]?.publication).toMatchObject({ commit: undefined, diff: '' });
  expect(second.closedBranches).toEqual([clipBranch]);
});

test('a field that cannot be edited makes no branch and says why, and the others go on', async () => {
  const fleet = aFleet();
  const refusing: FieldEditor = (text, field, value) =>
    field.path === paths.clip
      ? { kind: 'refused', reason: 'alias', detail: 'the value is an alias' }
      : editField(text, field, value);

  const result = await publish(fleet, [clipTo3, whisperTo4], { editField: refusing });

  expect(statuses(result)).toEqual(['refused', 'created']);
  expect(result.published[0]?.publication.detail).toBe('apps/clip.yaml:6: alias: the value is an alias');
});

test('a proposal whose render moves something else makes no branch and says what', async () => {
  const fleet = aFleet();
  const prove: RenderProver = async ({ workload }) =>
    workload.id === clipTo3.workload.id
      ? { kind: 'refused', detail: 'the edit would also change spec.paused of Deployment inference/whisper in prod' }
      : { kind: 'proven', rendered: { changes: [], checkedBy: ['Flyball'], notRendered: [] } };

  const result = await publish(fleet, [clipTo3, whisperTo4], { prove });

  expect(statuses(result)).toEqual(['refused', 'created']);
  expect(result.published[0]?.publication).toMatchObject({
    commit: undefined,
    detail: expect.stringContaining('would also change spec.paused'),
  });
});

test('two changes in one file are both made, whatever their order', async () => {
  const text = 'min: 2\nmax: 8\n';
  const directory = aRepository({ 'hpa.yaml': text });
  const base = git(directory, ['rev-parse', 'HEAD']);
  const field = (key: string, start: number) => aField({ path: 'hpa.yaml', yamlPath: [key], start, end: start + 1 });
  const proposal = aProposal({
    changes: [
      aChange({ from: 2, to: 10, field: field('min', 5) }),
      aChange({ from: 8, to: 4, field: field('max', 12) }),
    ],
  });

  await publish({ directory, base }, [proposal]);

  expect(git(directory, ['show', `${branchName(proposal.workload, proposal.action)}:hpa.yaml`])).toBe(
    'min: 10\nmax: 4',
  );
});

test('a dry run shows the diff and touches no branch', async () => {
  const fleet = aFleet();
  await publish(fleet, [whisperTo4]);

  const result = await publish(fleet, [clipTo3], { dryRun: true });

  expect(statuses(result)).toEqual(['dry-run']);
  expect(result.published[0]?.publication.diff).toContain('+  replicas: 3');
  expect(result.closedBranches).toEqual([whisperBranch]);
  expect(await gitStore(fleet.directory).listBranches('flyball/')).toEqual([whisperBranch]);
});
