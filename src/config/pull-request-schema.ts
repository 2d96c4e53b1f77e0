import type { JsonSchema } from '../schema/index.ts';

const name = { type: 'string', minLength: 1, maxLength: 100 } as const satisfies JsonSchema;

/** How the pull requests of one repository are opened. */
export const pullRequestFields = {
  newPerDayMax: {
    description: 'Pull requests that may be opened within 24 hours.',
    type: 'integer',
    minimum: 0,
    maximum: 1000,
    default: 10,
    'x-unit': 'pull requests',
    examples: [3],
  },
  draftBelowConfidenceRatio: {
    description: 'A proposal with a lower confidence is opened as a draft. 0: none is.',
    type: 'number',
    minimum: 0,
    maximum: 1,
    default: 0,
    'x-unit': 'ratio, 1 is certain',
    examples: [0.5],
  },
  labels: {
    description: "Labels besides Flyball's own; those that the repository lacks are made.",
    type: 'array',
    maxItems: 20,
    default: [],
    items: { ...name, maxLength: 50, 'x-expected': 'the name of a label' },
    examples: [['team/platform']],
  },
  reviewers: {
    description: 'Logins of collaborators who are asked for a review.',
    type: 'array',
    maxItems: 15,
    default: [],
    items: { ...name, 'x-expected': 'a login, without @' },
    examples: [['ana']],
  },
  teamReviewers: {
    description: "Slugs of the organisation's teams that are asked for a review.",
    type: 'array',
    maxItems: 15,
    default: [],
    items: { ...name, 'x-expected': 'the slug of a team, without the organisation' },
    examples: [['platform']],
  },
  dashboard: {
    description: 'Whether one issue lists everything that is open, held back and wrong.',
    type: 'boolean',
    default: true,
    examples: [false],
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;
