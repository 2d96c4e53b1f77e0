import { generateKeyPairSync } from 'node:crypto';
import type { Account, App, Installation, Permissions, Repository, Team, World } from './world.ts';

export function createAccount(world: World, login: string, type: Account['type']): Account {
  if (world.accounts.has(login.toLowerCase())) throw new Error(`there is already an account ${login}`);
  const id = world.nextId();
  const account: Account = {
    id,
    login,
    type,
    token: type === 'User' ? `ghp_${String(id).padStart(36, '0')}` : undefined,
    members: new Map(),
    teams: new Map(),
  };
  world.accounts.set(login.toLowerCase(), account);
  return account;
}

export function createTeam(world: World, organization: Account, slug: string, members: readonly Account[]): Team {
  const team = { id: world.nextId(), slug, name: slug, members: new Set(members.map(({ login }) => login)) };
  for (const { login } of members) {
    if (!organization.members.has(login)) organization.members.set(login, 'member');
  }
  organization.teams.set(slug, team);
  return team;
}

export interface AppOptions {
  readonly slug: string;
  readonly owner: Account;
  readonly permissions: Permissions;
  /** The events that it asked for. `installation` and `installation_repositories` come always. */
  readonly events?: readonly string[];
  readonly webhookSecret?: string;
  readonly webhookUrl?: string;
}

// Making a key takes longer than everything else here; Apps of one test process may share one.
let keys: { readonly privateKey: string; readonly publicKey: string } | undefined;

function appKeys(): { readonly privateKey: string; readonly publicKey: string } {
  keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return keys;
}

export function createApp(world: World, options: AppOptions): App {
  const id = world.nextId();
  const app: App = {
    id,
    slug: options.slug,
    name: options.slug,
    clientId: `Iv1.${String(id).padStart(16, '0')}`,
    owner: options.owner,
    bot: createAccount(world, `${options.slug}[bot]`, 'Bot'),
    ...appKeys(),
    permissions: { metadata: 'read', ...options.permissions },
    events: options.events ?? [],
    createdAt: world.clock(),
    webhookSecret: options.webhookSecret ?? 'a secret for the webhooks of a test',
    webhookUrl: options.webhookUrl,
  };
  world.apps.set(id, app);
  return app;
}

export function createInstallation(
  world: World,
  app: App,
  account: Account,
  options: { readonly permissions?: Permissions; readonly repositories?: readonly Repository[] },
): Installation {
  const installation: Installation = {
    id: world.nextId(),
    app,
    account,
    createdAt: world.clock(),
    permissions: { metadata: 'read', ...(options.permissions ?? app.permissions) },
    repositories: options.repositories === undefined ? undefined : new Set(options.repositories.map(({ id }) => id)),
    isSuspended: false,
  };
  world.installations.set(installation.id, installation);
  return installation;
}
