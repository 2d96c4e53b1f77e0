import type { Account, Installation, InstallationToken, PermissionLevel, Repository, Role } from './world.ts';

const roles: readonly Role[] = ['read', 'triage', 'write', 'maintain', 'admin'];

export function hasRole(role: Role | undefined, wanted: Role): boolean {
  return role !== undefined && roles.indexOf(role) >= roles.indexOf(wanted);
}

/** What a person may do in a repository: the most that ownership, membership, teams and invitations give. */
export function roleOf(repository: Repository, account: Account): Role | undefined {
  const given: (Role | undefined)[] = [repository.collaborators.get(account.login)];
  if (repository.owner === account) given.push('admin');
  const membership = repository.owner.members.get(account.login);
  if (membership !== undefined) given.push(membership === 'admin' ? 'admin' : 'read');
  for (const [slug, role] of repository.teams) {
    if (repository.owner.teams.get(slug)?.members.has(account.login) === true) given.push(role);
  }
  if (!repository.isPrivate) given.push('read');
  return roles.findLast((role) => given.includes(role));
}

export function authorAssociation(repository: Repository, account: Account): string {
  if (repository.owner === account) return 'OWNER';
  if (repository.owner.members.has(account.login)) return 'MEMBER';
  return repository.collaborators.has(account.login) ? 'COLLABORATOR' : 'NONE';
}

/** Whether an installation, or a token of it that was restricted, reaches a repository. */
export function reaches(
  { account, repositories }: Pick<Installation, 'account' | 'repositories'>,
  repository: Repository,
): boolean {
  return repository.owner === account && (repositories === undefined || repositories.has(repository.id));
}

export function tokenReaches(token: InstallationToken, repository: Repository): boolean {
  return (
    reaches(token.installation, repository) &&
    (token.repositories === undefined || token.repositories.has(repository.id))
  );
}

const levels: readonly PermissionLevel[] = ['read', 'write', 'admin'];

export function hasPermission(given: PermissionLevel | undefined, wanted: PermissionLevel): boolean {
  return given !== undefined && levels.indexOf(given) >= levels.indexOf(wanted);
}
