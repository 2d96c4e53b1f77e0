import { type GitHubRepository, address, statusOf } from './repository.ts';

/** On a pull request that a person pushed to. */
export const editedLabel = 'flyball/edited';

const known: Readonly<Record<string, { readonly color: string; readonly description: string }>> = {
  flyball: { color: '5319e7', description: 'Opened by Flyball from bills and GPU metrics' },
  [editedLabel]: { color: 'c5def5', description: 'A person pushed to it; Flyball leaves it alone' },
  'cost/decrease': { color: '0e8a16', description: 'Costs less' },
  'cost/increase': { color: 'd93f0b', description: 'Costs more' },
  'risk/low': { color: 'c2e0c6', description: 'Little can go wrong' },
  'risk/medium': { color: 'fbca04', description: 'Read the risks' },
  'risk/high': { color: 'b60205', description: 'Read the risks twice' },
};
const plain = { color: 'ededed', description: 'Added by Flyball, as .github/flyball.yml says' };

/** Puts labels on a pull request, and makes those that the repository lacks. Labels that it has stay. */
export async function addLabels(
  repository: GitHubRepository,
  number: number,
  labels: readonly string[],
): Promise<void> {
  const { issues } = repository.octokit.rest;
  for (const name of labels) {
    try {
      await issues.getLabel({ ...address(repository), name });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      await createLabel(repository, name);
    }
  }
  await issues.addLabels({ ...address(repository), issue_number: number, labels: [...labels] });
}

async function createLabel(repository: GitHubRepository, name: string): Promise<void> {
  try {
    await repository.octokit.rest.issues.createLabel({ ...address(repository), name, ...(known[name] ?? plain) });
  } catch (error) {
    // 422: another run made it in between.
    if (statusOf(error) !== 422) throw error;
  }
}
