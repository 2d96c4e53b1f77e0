import path from 'node:path';
import { ProblemError } from '../../domain/index.ts';

/** Where a repository is: a folder of this machine, or an address that is cloned. */
export type RepositoryLocation =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly name: string };

const allowedSchemes = new Set(['https:', 'ssh:', 'file:']);

/** Tells a local path from an address. @throws ProblemError REPOSITORY_UNREADABLE for addresses that are not cloned. */
export function parseLocation(location: string): RepositoryLocation {
  const isScpLike = /^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:(?![-/]{0,1}-)[^\s]+$/.test(location);
  if (isScpLike) return { kind: 'url', url: location, name: repositoryName(location) };
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:(\/\/|:)/.test(location)) return { kind: 'folder', path: path.resolve(location) };
  const url = URL.canParse(location) ? new URL(location) : undefined;
  if (url === undefined || !allowedSchemes.has(url.protocol) || url.hostname.startsWith('-')) {
    throw repositoryUnreadable({
      place: redactUrl(location),
      message: 'This address is not one that Flyball clones.',
      remedy: 'Give the path of a git repository, or an address that begins with https://, ssh:// or file://.',
    });
  }
  if (url.password !== '' || (url.protocol === 'https:' && url.username !== '')) {
    throw repositoryUnreadable({
      place: redactUrl(location),
      message: 'The address holds a user name or a password, which would end up in logs and process lists.',
      remedy: 'Clone the repository yourself and give its path, or use an ssh:// address with an SSH agent.',
    });
  }
  return { kind: 'url', url: location, name: repositoryName(location) };
}

/** `owner/name` from an address, or as much of it as there is. */
export function repositoryName(location: string): string {
  const parts = location
    .replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*\//, '')
    .replace(/^[^/]*@[^/:]*:/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '');
  return parts.slice(-2).join('/');
}

/** An address without user name and password, cut to a length that fits a message. */
export function redactUrl(location: string): string {
  return location.replace(/\/\/[^/@]*@/, '//').slice(0, 200);
}

export function repositoryUnreadable(
  what: { readonly place: string; readonly message: string; readonly remedy: string },
  options?: ErrorOptions,
): ProblemError {
  return new ProblemError(
    {
      code: 'REPOSITORY_UNREADABLE',
      severity: 'error',
      place: { kind: 'file', path: what.place },
      message: what.message,
      remedy: what.remedy,
    },
    options,
  );
}
