/** Everything the server knows but git's objects: plain data, changed only by the rooms beside this one. */

export type Role = 'read' | 'triage' | 'write' | 'maintain' | 'admin';

export type PermissionLevel = 'read' | 'write' | 'admin';

/** `{ contents: 'write', metadata: 'read' }`, in GitHub's names. */
export type Permissions = Readonly<Record<string, PermissionLevel>>;

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Organization' | 'Bot';
  /** A personal access token with every scope; only people have one. */
  readonly token: string | undefined;
  /** Organisations only: logins, and what they are in it. */
  readonly members: Map<string, 'admin' | 'member'>;
  readonly teams: Map<string, Team>;
}

export interface Team {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly members: Set<string>;
}

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly clientId: string;
  readonly owner: Account;
  readonly bot: Account;
  /** PKCS#1 PEM, as GitHub hands it out. */
  readonly privateKey: string;
  readonly publicKey: string;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly createdAt: number;
  webhookSecret: string;
  /** Where deliveries go; without one they wait, and can be looked at. */
  webhookUrl: string | undefined;
}

export interface Installation {
  readonly id: number;
  readonly app: App;
  readonly account: Account;
  readonly createdAt: number;
  permissions: Permissions;
  /** Undefined: every repository of the account. */
  repositories: Set<number> | undefined;
  isSuspended: boolean;
}

export interface InstallationToken {
  readonly token: string;
  readonly installation: Installation;
  readonly expiresAt: number;
  readonly permissions: Permissions;
  readonly repositories: ReadonlySet<number> | undefined;
}

export interface Label {
  readonly id: number;
  name: string;
  color: string;
  description: string | null;
}

export interface Repository {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  /** The bare repository of git. */
  readonly directory: string;
  readonly parent: Repository | undefined;
  readonly createdAt: number;
  isPrivate: boolean;
  isArchived: boolean;
  defaultBranch: string;
  pushedAt: number;
  readonly collaborators: Map<string, Role>;
  readonly teams: Map<string, Role>;
  readonly labels: Map<string, Label>;
  readonly issues: Map<number, Issue>;
  readonly comments: Map<number, Comment>;
  readonly checkRuns: Map<number, CheckRun>;
  readonly checkSuites: Map<number, CheckSuite>;
  readonly statuses: CommitStatus[];
  /** Commits that GitHub signed itself. */
  readonly verifiedCommits: Set<string>;
}

export interface Reaction {
  readonly id: number;
  readonly user: Account;
  readonly content: string;
  readonly createdAt: number;
}

/** An issue, or the half of a pull request that is one. */
export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly author: Account;
  readonly createdAt: number;
  readonly viaApp: App | undefined;
  readonly pull: PullRequest | undefined;
  readonly reactions: Reaction[];
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'reopened' | null;
  labels: Label[];
  assignees: Account[];
  lockReason: string | null;
  isLocked: boolean;
  updatedAt: number;
  closedAt: number | null;
  closedBy: Account | null;
}

export interface PullRequest {
  readonly head: { readonly repository: Repository; readonly ref: string; sha: string };
  base: { readonly ref: string; sha: string };
  isDraft: boolean;
  maintainerCanModify: boolean;
  merged: { readonly at: number; readonly by: Account; readonly sha: string } | undefined;
  /** Undefined until asked for the first time after a change, as GitHub finds it in the background. */
  mergeable: { readonly head: string; readonly base: string; readonly isMergeable: boolean } | undefined;
  requestedReviewers: Account[];
  requestedTeams: Team[];
}

/** A comment on an issue or pull request; one with `review` stands at a line of a file. */
export interface Comment {
  readonly id: number;
  readonly issue: Issue;
  readonly author: Account;
  readonly viaApp: App | undefined;
  readonly createdAt: number;
  readonly reactions: Reaction[];
  readonly review: ReviewPlace | undefined;
  body: string;
  updatedAt: number;
  minimizedReason: string | undefined;
}

export interface ReviewPlace {
  readonly reviewId: number;
  readonly path: string;
  readonly commitId: string;
  readonly line: number | null;
  readonly startLine: number | null;
  readonly side: 'LEFT' | 'RIGHT';
  readonly inReplyTo: number | undefined;
  readonly diffHunk: string;
}

export interface CheckSuite {
  readonly id: number;
  readonly app: App;
  readonly headSha: string;
  readonly headBranch: string | null;
  readonly createdAt: number;
}

export interface CheckRun {
  readonly id: number;
  readonly suite: CheckSuite;
  readonly annotations: Readonly<Record<string, unknown>>[];
  name: string;
  status: string;
  conclusion: string | null;
  startedAt: number;
  completedAt: number | null;
  externalId: string;
  detailsUrl: string;
  title: string | null;
  summary: string | null;
  text: string | null;
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: Account;
  readonly createdAt: number;
}

/** What webhooks tell of: the payload without repository, organisation, installation and sender. */
export interface WorldEvent {
  readonly event: string;
  readonly action: string | undefined;
  readonly repository: Repository;
  readonly sender: Account;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Only this App gets it; otherwise every App that is installed on the repository and asked for the event. */
  readonly onlyApp?: App;
}

export interface World {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** The folder of the bare repositories. */
  readonly root: string;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** `http://127.0.0.1:PORT/api/v3`, as GitHub Enterprise Server has it. */
  readonly apiUrl: string;
  readonly accounts: Map<string, Account>;
  readonly apps: Map<number, App>;
  readonly installations: Map<number, Installation>;
  readonly tokens: Map<string, InstallationToken>;
  readonly repositories: Map<string, Repository>;
  readonly nextId: () => number;
  readonly notify: (event: WorldEvent) => void;
  /** Called after branches or tags moved, by whatever way. */
  readonly refsMoved: (repository: Repository, moves: readonly RefMove[], sender: Account) => Promise<void>;
}

export interface RefMove {
  /** `refs/heads/main` */
  readonly ref: string;
  /** Forty zeros: did not exist. */
  readonly before: string;
  /** Forty zeros: exists no more. */
  readonly after: string;
}

/** Epoch milliseconds as GitHub writes times: `2026-11-01T00:00:00Z`. */
export function timestamp(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** GitHub's second, opaque name of a thing; here its kind and number. */
export function nodeId(kind: string, id: number): string {
  return `${kind}_${id}`;
}
