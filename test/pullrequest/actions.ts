import type { ProposalAction } from '../../src/domain/index.ts';

export const proposalActions = [
  'scale-down',
  'scale-up',
  'change-instance-type',
  'pause',
] as const satisfies readonly ProposalAction[];
