import { readdir, readFile } from 'node:fs/promises';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { parseOperatorConfig, parseRepositoryConfig } from '../../src/config/index.ts';
import type { Problem } from '../../src/domain/index.ts';
import { loadCostPolicies } from '../../src/policy/index.ts';
import { parseYaml } from '../../src/schema/index.ts';

interface Example {
  readonly where: string;
  readonly text: string;
}

async function yamlExamples(): Promise<readonly Example[]> {
  const pages = (await readdir('docs')).filter((name) => name.endsWith('.md')).toSorted();
  const examples = await Promise.all(
    pages.map(async (page) =>
      new MarkdownIt()
        .parse(await readFile(`docs/${page}`, 'utf8'), {})
        .filter((token) => token.type === 'fence' && token.info.trim() === 'yaml')
        .map((token): Example => ({ where: `docs/${page}:${(token.map?.[0] ?? 0) + 1}`, text: token.content })),
    ),
  );
  return examples.flat();
}

/** What the reader is shown as ours: a file named in the first line, or a document of our policy group. */
function problemsOf({ text }: Example): readonly Problem[] | undefined {
  const [first] = text.split('\n');
  if (first === '# flyball.yml') return parseOperatorConfig({ text, path: '/etc/flyball/flyball.yml' }).problems;
  if (first === '# .github/flyball.yml') return parseRepositoryConfig({ text, path: '.github/flyball.yml' }).problems;
  if (!text.includes('finops.apexlogic.com/')) return undefined;
  const file = parseYaml({ text, path: 'policy.yaml', code: 'POLICY_INVALID' });
  const count = file.kind === 'parsed' ? file.documents.length : 1;
  return loadCostPolicies(
    Array.from({ length: count }, (_, documentIndex) => ({ path: 'policy.yaml', text, documentIndex })),
  ).problems;
}

const examples = await yamlExamples();

describe('every YAML example of ours in docs/ is valid as it stands', () => {
  test('the pages have examples of all three kinds', () => {
    const texts = examples.map(({ text }) => text);

    expect(texts.filter((text) => text.startsWith('# flyball.yml\n')).length).toBeGreaterThanOrEqual(2);
    expect(texts.filter((text) => text.startsWith('# .github/flyball.yml\n')).length).toBeGreaterThanOrEqual(1);
    expect(texts.filter((text) => text.includes('kind: CostPolicy')).length).toBeGreaterThanOrEqual(1);
  });

  test.each(examples.filter((example) => problemsOf(example) !== undefined))('$where', (example) => {
    expect(problemsOf(example)).toEqual([]);
  });
});
