import type { JsonSchema } from '../schema/index.ts';

const labelMap: JsonSchema = {
  type: 'object',
  maxProperties: 64,
  additionalProperties: { type: 'string', maxLength: 256 },
};

/** Labels of which a workload must carry every one. */
export function labelMapField(description: string, example: Readonly<Record<string, string>>): JsonSchema {
  return { ...labelMap, description, examples: [example] };
}

/** The guards, without defaults: the operator's file has them, a repository's file only overrides. */
export const guardFields = {
  minimumMonthlySavingUsd: {
    description: 'A proposal that likely saves less than this is held back.',
    type: 'number',
    minimum: 0,
    maximum: 1_000_000_000,
    'x-unit': 'USD a month',
    examples: [50],
  },
  replicaReductionRatioMax: {
    description: 'Largest share of the replicas that one proposal may take away.',
    type: 'number',
    minimum: 0.01,
    maximum: 1,
    'x-unit': 'ratio, 1 is all',
    examples: [0.5],
  },
  openProposalsMax: {
    description: 'Proposals that may be open in one repository at a time. Those that add cost do not count.',
    type: 'integer',
    minimum: 0,
    maximum: 1000,
    'x-unit': 'proposals',
    examples: [20],
  },
  protectedLabels: labelMapField('A workload that carries any of these as a label or an annotation is never changed.', {
    'flyball.dev/protected': 'true',
  }),
} as const satisfies Readonly<Record<string, JsonSchema>>;
