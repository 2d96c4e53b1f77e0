import { compareProblems, type Place, type Problem } from '../domain/index.ts';
import { locate, parseYaml, placeAt, toProblem, validateParsed } from '../schema/index.ts';
import type { GuardConfig } from './operator-config.ts';
import { checkFields } from './check-schema.ts';
import { pullRequestFields } from './pull-request-schema.ts';
import { scheduleFields, whyNoSchedule } from './schedule-schema.ts';
import { repositoryConfigSchema } from './repository-config-schema.ts';

/** Where a repository keeps its configuration. */
export const repositoryConfigPath = '.github/flyball.yml';

type GuardOverrides = {
  readonly [Field in keyof GuardConfig]?: { readonly value: GuardConfig[Field]; readonly place: Place };
};

/** How pull requests are opened; docs/pull-requests.md. */
export interface PullRequestConfig {
  readonly newPerDayMax: number;
  /** 0..1 */
  readonly draftBelowConfidenceRatio: number;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly teamReviewers: readonly string[];
  readonly dashboard: boolean;
}

/** When a check of a pull request's cost speaks, and whom it asks; docs/cost-check.md. */
export interface CheckConfig {
  /** Whether pull requests on GitHub are checked. */
  readonly enabled: boolean;
  readonly minimumMonthlyUsd: number;
  readonly minimumPercent: number;
  readonly reviewAboveMonthlyUsd?: number;
  /** Logins, and teams as `organisation/team`. */
  readonly budgetOwners: readonly string[];
}

/** What the owners of a repository say to Flyball; docs/configuration.md. */
export interface RepositoryConfig {
  /** Folders that policies are read from, relative to the root; `.` is the whole repository. */
  readonly policies: readonly string[];
  /** Globs over `cluster/namespace/Kind/name`; see {@link findIgnoreGlob}. */
  readonly ignore: readonly string[];
  readonly guards: GuardOverrides;
  readonly pullRequests: PullRequestConfig;
  /** When `flyball serve` scans the repository. */
  readonly schedule: { readonly cron: string; readonly timeZone: string };
  readonly check: CheckConfig;
}

/** What holds for a repository without a configuration. */
export const defaultRepositoryConfig: RepositoryConfig = {
  policies: ['.'],
  ignore: [],
  guards: {},
  pullRequests: {
    newPerDayMax: pullRequestFields.newPerDayMax.default,
    draftBelowConfidenceRatio: pullRequestFields.draftBelowConfidenceRatio.default,
    labels: [],
    reviewers: [],
    teamReviewers: [],
    dashboard: pullRequestFields.dashboard.default,
  },
  schedule: { cron: scheduleFields.cron.default, timeZone: scheduleFields.timeZone.default },
  check: {
    enabled: checkFields.enabled.default,
    minimumMonthlyUsd: checkFields.minimumMonthlyUsd.default,
    minimumPercent: checkFields.minimumPercent.default,
    budgetOwners: [],
  },
};

interface ValidRepositoryFile {
  readonly policies: readonly string[];
  readonly ignore: readonly string[];
  readonly guards: Partial<GuardConfig>;
  readonly pullRequests: PullRequestConfig;
  readonly schedule: RepositoryConfig['schedule'];
  readonly check: CheckConfig;
}

/**
 * Checks the text of a repository's configuration. With an error in it the defaults are given, and nothing should be
 * proposed for the repository until it is corrected: what it wants ignored is unknown.
 */
export function parseRepositoryConfig(file: { readonly text: string; readonly path: string }): {
  readonly config: RepositoryConfig;
  readonly problems: readonly Problem[];
} {
  if (/^(?:\s|\ufeff|#.*)*$/.test(file.text)) return { config: defaultRepositoryConfig, problems: [] };
  const parsed = parseYaml({ ...file, code: 'CONFIG_INVALID' });
  const [yaml] = parsed.kind === 'parsed' ? parsed.documents : [];
  if (parsed.kind === 'unreadable' || yaml === undefined) {
    return { config: defaultRepositoryConfig, problems: parsed.kind === 'unreadable' ? parsed.problems : [] };
  }
  const checked = validateParsed<ValidRepositoryFile>(yaml, { schema: repositoryConfigSchema, code: 'CONFIG_INVALID' });
  if (checked.kind === 'invalid') {
    return { config: defaultRepositoryConfig, problems: checked.problems.toSorted(compareProblems) };
  }
  const { policies, ignore, guards, pullRequests, schedule, check } = checked.value;
  const wrong = whyNoSchedule(schedule);
  if (wrong !== undefined) {
    const problem = toProblem(yaml.source, {
      offset: locate(yaml.document, ['schedule']).valueOffset,
      code: 'CONFIG_INVALID',
      message: `schedule is no time that ever comes: ${wrong}`,
      remedy: 'Write cron as "0 6 * * 1-5" and timeZone as "Europe/Berlin". See docs/configuration.md, "schedule".',
    });
    return { config: defaultRepositoryConfig, problems: [problem] };
  }
  const placeOf = (field: string): Place => placeAt(yaml.source, locate(yaml.document, ['guards', field]).valueOffset);
  const overrides: GuardOverrides = {
    ...(guards.minimumMonthlySavingUsd !== undefined && {
      minimumMonthlySavingUsd: { value: guards.minimumMonthlySavingUsd, place: placeOf('minimumMonthlySavingUsd') },
    }),
    ...(guards.replicaReductionRatioMax !== undefined && {
      replicaReductionRatioMax: { value: guards.replicaReductionRatioMax, place: placeOf('replicaReductionRatioMax') },
    }),
    ...(guards.openProposalsMax !== undefined && {
      openProposalsMax: { value: guards.openProposalsMax, place: placeOf('openProposalsMax') },
    }),
    ...(guards.protectedLabels !== undefined && {
      protectedLabels: { value: guards.protectedLabels, place: placeOf('protectedLabels') },
    }),
  };
  return { config: { policies, ignore, guards: overrides, pullRequests, schedule, check }, problems: [] };
}

/** Whether policies are read from a file of the repository. */
export function isPolicyPath(config: RepositoryConfig, filePath: string): boolean {
  return config.policies.some((written) => {
    const folder = written.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
    return folder === '.' || folder === '' || filePath === folder || filePath.startsWith(`${folder}/`);
  });
}
