import { mergeGuards, parseRepositoryConfig, repositoryConfigPath, type OperatorConfig } from './config/index.ts';
import type { RepositorySnapshot } from './gitops/index.ts';
import type { HouseRules } from './publish.ts';

/** What the owners of the repository say to Flyball, from a commit that they merged. */
export async function readHouseRules(snapshot: RepositorySnapshot, config: OperatorConfig): Promise<HouseRules> {
  const exists = snapshot.files.some(({ path }) => path === repositoryConfigPath);
  const file = exists ? await snapshot.readText(repositoryConfigPath) : undefined;
  const parsed = parseRepositoryConfig({ text: file?.kind === 'text' ? file.text : '', path: repositoryConfigPath });
  const merged = mergeGuards(config.guards, parsed.config);
  return {
    config: parsed.config,
    guards: merged.guards,
    isUsable: parsed.problems.every(({ severity }) => severity !== 'error'),
    problems: [...parsed.problems, ...merged.problems],
  };
}
