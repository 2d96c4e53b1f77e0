import type { ScanReason } from '../jobs/index.ts';

/** What a webhook asks for. Payloads are signed by GitHub, and still full of what strangers wrote. */
export type WantedByEvent =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'scan'; readonly repository: string; readonly reason: ScanReason; readonly delaySeconds: number }
  /** The App was installed on repositories, or taken from them. */
  | { readonly kind: 'repositories-changed' };

const nothing = { kind: 'nothing' } as const;
/** Several pushes in a row become one scan. */
const pushDelaySeconds = 10;
const repositoryName = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;

/** Reads the event and payload of a webhook; `login` is the account that writes for the App. */
export function readEvent(event: string, payload: unknown, login: string): WantedByEvent {
  if (event === 'installation' || event === 'installation_repositories') return { kind: 'repositories-changed' };
  const repository = textAt(payload, 'repository', 'full_name');
  if (repository === undefined || !repositoryName.test(repository)) return nothing;
  const reason = reasonOf(event, payload, login);
  if (reason === undefined) return nothing;
  return { kind: 'scan', repository, reason, delaySeconds: reason === 'push' ? pushDelaySeconds : 0 };
}

function reasonOf(event: string, payload: unknown, login: string): ScanReason | undefined {
  const action = textAt(payload, 'action');
  const isPerson = textAt(payload, 'sender', 'type') !== 'Bot';
  switch (event) {
    case 'push': {
      const branch = textAt(payload, 'repository', 'default_branch');
      return branch !== undefined && textAt(payload, 'ref') === `refs/heads/${branch}` ? 'push' : undefined;
    }
    case 'repository_dispatch':
      return action === 'flyball-scan' ? 'dispatch' : undefined;
    case 'issue_comment': {
      const isCommand = /^\s*\/flyball\b/m.test(textAt(payload, 'comment', 'body') ?? '');
      return action === 'created' && isPerson && isCommand ? 'command' : undefined;
    }
    case 'issues': {
      const isOurs = textAt(payload, 'issue', 'user', 'login') === login;
      return action === 'edited' && isPerson && isOurs ? 'dashboard' : undefined;
    }
    case 'pull_request': {
      const isOurs = textAt(payload, 'pull_request', 'user', 'login') === login;
      return isOurs && isPerson && (action === 'closed' || action === 'reopened') ? 'pull-request' : undefined;
    }
    default:
      return undefined;
  }
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return typeof at === 'string' ? at : undefined;
}
