import type { JobReason, JobSubject } from '../jobs/index.ts';

/** A scan or a check that a webhook asks for. */
export type WantedJob = JobSubject & { readonly reason: JobReason; readonly delaySeconds: number };

/** What a webhook asks for. Payloads are signed by GitHub, and still full of what strangers wrote. */
export type WantedByEvent =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'jobs'; readonly jobs: readonly WantedJob[] }
  /** The App was installed on repositories, or taken from them. */
  | { readonly kind: 'repositories-changed' };

const nothing = { kind: 'nothing' } as const;
/** Several pushes in a row become one scan. */
const pushDelaySeconds = 10;
const repositoryName = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
/** What may change the cost of a pull request, or whether it is looked at. */
const checkedActions = new Set(['opened', 'reopened', 'synchronize', 'ready_for_review']);

/** Reads the event and payload of a webhook; `login` is the account that writes for the App. */
export function readEvent(event: string, payload: unknown, login: string): WantedByEvent {
  if (event === 'installation' || event === 'installation_repositories') return { kind: 'repositories-changed' };
  const repository = textAt(payload, 'repository', 'full_name');
  if (repository === undefined || !repositoryName.test(repository)) return nothing;
  const reason = scanReason(event, payload, login);
  const scans =
    reason === undefined
      ? []
      : [{ repository, pull: undefined, reason, delaySeconds: reason === 'push' ? pushDelaySeconds : 0 }];
  const checks = pullsToCheck(event, payload, login).map(({ pull, why }) => ({
    repository,
    pull,
    reason: why,
    delaySeconds: 0,
  }));
  const jobs = [...scans, ...checks];
  return jobs.length === 0 ? nothing : { kind: 'jobs', jobs };
}

function scanReason(event: string, payload: unknown, login: string): JobReason | undefined {
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

interface WantedCheck {
  readonly pull: number;
  readonly why: JobReason;
}

/** Pull requests of others whose cost may have changed, and those whose check somebody wants again. */
function pullsToCheck(event: string, payload: unknown, login: string): readonly WantedCheck[] {
  const action = textAt(payload, 'action') ?? '';
  switch (event) {
    case 'pull_request': {
      const isOurs = textAt(payload, 'pull_request', 'user', 'login') === login;
      const isOtherBase = action === 'edited' && valueAt(payload, 'changes', 'base') !== undefined;
      if (isOurs || !(checkedActions.has(action) || isOtherBase)) return [];
      return wanted([valueAt(payload, 'pull_request', 'number')], 'pull-request');
    }
    case 'check_run': {
      const isOurs = `${textAt(payload, 'check_run', 'app', 'slug')}[bot]` === login;
      if (action !== 'rerequested' || !isOurs) return [];
      // GitHub lists no pull requests of forks here; the check itself remembers its own.
      return wanted([Number(textAt(payload, 'check_run', 'external_id'))], 'rerun');
    }
    case 'check_suite': {
      const isOurs = `${textAt(payload, 'check_suite', 'app', 'slug')}[bot]` === login;
      const pulls = valueAt(payload, 'check_suite', 'pull_requests');
      if (action !== 'rerequested' || !isOurs || !Array.isArray(pulls)) return [];
      return wanted(
        pulls.map((pull: unknown) => valueAt(pull, 'number')),
        'rerun',
      );
    }
    default:
      return [];
  }
}

function wanted(numbers: readonly unknown[], why: JobReason): readonly WantedCheck[] {
  return numbers.flatMap((pull) =>
    typeof pull === 'number' && Number.isSafeInteger(pull) && pull > 0 && pull < 2 ** 31 ? [{ pull, why }] : [],
  );
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}
