import { compareProblems, type Place, type Problem } from '../domain/index.ts';
import { fieldName, quoted } from '../schema/index.ts';
import type { GuardConfig } from './operator-config.ts';
import type { RepositoryConfig } from './repository-config.ts';

/** The operator's guards with what a repository makes stricter; laxer values are reported and not used. */
export function mergeGuards(
  operator: GuardConfig,
  repository: RepositoryConfig,
): { readonly guards: GuardConfig; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const stricter = (
    field: 'minimumMonthlySavingUsd' | 'replicaReductionRatioMax' | 'openProposalsMax',
    choose: (left: number, right: number) => number,
  ): number => {
    const override = repository.guards[field];
    if (override === undefined) return operator[field];
    const chosen = choose(operator[field], override.value);
    if (chosen !== override.value) problems.push(tooLax(`guards.${field}`, override.value, chosen, override.place));
    return chosen;
  };
  const labels = new Map(Object.entries(operator.protectedLabels));
  const added = repository.guards.protectedLabels;
  for (const [key, value] of Object.entries(added?.value ?? {})) {
    const known = labels.get(key);
    if (known === undefined) labels.set(key, value);
    else if (known !== value && added !== undefined) {
      const field = fieldName(['guards', 'protectedLabels', key]);
      problems.push(tooLax(field, quoted(value), quoted(known), added.place));
    }
  }
  const guards: GuardConfig = {
    minimumMonthlySavingUsd: stricter('minimumMonthlySavingUsd', Math.max),
    replicaReductionRatioMax: stricter('replicaReductionRatioMax', Math.min),
    openProposalsMax: stricter('openProposalsMax', Math.min),
    protectedLabels: Object.fromEntries(labels),
  };
  return { guards, problems: problems.toSorted(compareProblems) };
}

function tooLax(field: string, written: number | string, used: number | string, place: Place): Problem {
  return {
    code: 'CONFIG_INVALID',
    severity: 'warning',
    place,
    message: `${field} is ${written}, laxer than the operator's ${used}, which is used.`,
    remedy: 'Remove it, or ask the operator. A repository may only make guards stricter: docs/configuration.md.',
  };
}
