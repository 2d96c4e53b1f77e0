import { createHash } from 'node:crypto';
import { type EpochMs, type Proposal, dayMs, epochMs } from '../../../src/domain/index.ts';
import { editField } from '../../../src/gitops/index.ts';
import {
  type GitHubPublished,
  type GitHubPublishOptions,
  type GitHubRepository,
  branchName,
  publishToGitHub,
} from '../../../src/pullrequest/index.ts';
import { aChange, aField, aFingerprint, aProposal, aWorkload, asOf } from '../../builders.ts';
import { type Fleet, aFleet, fleet, octokitOf } from '../../github/fleet.ts';
import { aContext } from '../worlds.ts';

export const manifest = (name: string, replicas: number | string = 6): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name} # served by team vision
spec:
  replicas: ${replicas}
`;

/** A fleet on GitHub, with a clock that tests move. */
export interface World extends Fleet {
  readonly clock: { now: EpochMs };
}

export async function aWorld(apps: readonly string[] = ['clip', 'whisper']): Promise<World> {
  const clock = { now: asOf };
  const files = Object.fromEntries(apps.map((app) => [`apps/${app}.yaml`, manifest(app)]));
  return { ...(await aFleet({ clock: () => clock.now, files })), clock };
}

export function passDays(world: World, days: number): void {
  world.clock.now = epochMs(world.clock.now + days * dayMs);
}

/** From a number of replicas to another, with a fingerprint that depends on both, as real ones do. */
export function scale(app: string, to: number, over: Partial<Proposal> & { readonly from?: number } = {}): Proposal {
  const { from = 6, ...rest } = over;
  const start = manifest(app).indexOf('replicas: ') + 'replicas: '.length;
  const digest = createHash('sha256').update(`${app} ${from} ${to}`).digest('hex').slice(0, 16);
  return aProposal({
    fingerprint: aFingerprint(digest),
    workload: aWorkload({ name: app, id: aWorkload({ name: app }).id }),
    changes: [aChange({ from, to, field: aField({ path: `apps/${app}.yaml`, line: 6, start, end: start + 1 }) })],
    ...rest,
  });
}

export const branchOf = (proposal: Proposal): string => branchName(proposal.workload, proposal.action);

/** With a token of now. */
export function repositoryOf({ github, installation }: World): GitHubRepository {
  return { octokit: octokitOf(github, installation), owner: fleet.owner, name: fleet.repo, login: 'flyball[bot]' };
}

type Over = Partial<GitHubPublishOptions> & { readonly data?: string; readonly commit?: string };

/** Publishes as a scan of the default branch's tip would. */
export async function publish(world: World, proposals: readonly Proposal[], over: Over = {}): Promise<GitHubPublished> {
  const { data: ref } = await world.anasOctokit.rest.git.getRef({ ...fleet, ref: 'heads/main' });
  const { data: dataDigest = 'd1', commit = ref.object.sha, ...rest } = over;
  const scanTime = rest.asOf ?? world.clock.now;
  const {
    diff: _,
    rendered: __,
    ...context
  } = aContext({
    repository: { name: 'fleet', branch: 'main', commit },
    dataDigest,
    asOf: scanTime,
  });
  return publishToGitHub({
    repository: repositoryOf(world),
    editField,
    prove: async () => ({ kind: 'proven', rendered: { changes: [], checkedBy: ['Flyball'], notRendered: [] } }),
    readText: async (path) => readText(world, path, commit),
    diff: async (files) => files.map(({ path }) => `--- a/${path}\n+++ b/${path}\n`).join(''),
    withValues: (proposal) => ({ kind: 'proposal', proposal }),
    proposals: proposals.map((proposal) => ({ proposal, context })),
    asOf: scanTime,
    now: world.clock.now,
    limits: { openPullRequestsMax: 20, newPullRequestsPerDayMax: 20 },
    labels: [],
    reviewers: { users: [], teams: [] },
    draftBelowConfidenceRatio: 0,
    openNow: new Set(),
    rebase: new Set(),
    ...rest,
  });
}

export async function readText(world: World, path: string, ref: string): Promise<string> {
  const { data } = await world.anasOctokit.rest.repos.getContent({ ...fleet, path, ref });
  return Buffer.from('content' in data ? data.content : '', 'base64').toString();
}

export const outcomes = ({ outcomes: all }: GitHubPublished): readonly string[] => all.map(({ outcome }) => outcome);

/** Requests that change something, since a mark. */
export function writes({ github }: World, since = 0): readonly string[] {
  return github.requests
    .slice(since)
    .filter(({ method }) => method !== 'GET')
    .flatMap(({ route = '' }) => (route.includes('access_tokens') ? [] : [route]));
}
