import type { JsonSchema } from '../schema/index.ts';

/** When a check of a pull request's cost speaks, and whom it asks. */
export const checkFields = {
  enabled: {
    description: 'Whether pull requests on GitHub are checked. `flyball check` in a clone is not asked.',
    type: 'boolean',
    default: true,
    examples: [false],
  },
  minimumMonthlyUsd: {
    description: 'A change that moves less than this is not spoken of.',
    type: 'number',
    minimum: 0,
    maximum: 1_000_000_000,
    default: 50,
    'x-unit': 'USD a month',
    examples: [200],
  },
  minimumPercent: {
    description: 'Nor is one that moves less than this of what the changed workloads cost before.',
    type: 'number',
    minimum: 0,
    maximum: 100,
    default: 1,
    'x-unit': 'per cent',
    examples: [5],
  },
  reviewAboveMonthlyUsd: {
    description: 'A change that adds more than this asks the owners of the budget for a review. Left out: none does.',
    type: 'number',
    minimum: 0,
    maximum: 1_000_000_000,
    'x-unit': 'USD a month',
    examples: [5000],
  },
  budgetOwners: {
    description: 'Who is asked: logins of collaborators, and teams as organisation/team.',
    type: 'array',
    maxItems: 15,
    default: [],
    items: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      pattern: '^[A-Za-z0-9_-]+(/[A-Za-z0-9_.-]+)?$',
      'x-expected': 'a login such as ana, or a team such as acme/finops, without @',
    },
    examples: [['ana', 'acme/finops']],
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;
