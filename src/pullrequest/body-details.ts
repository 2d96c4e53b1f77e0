import { type Proposal, formatUtc } from '../domain/index.ts';
import type { BodyBudget } from './body-budget.ts';
import type { PullRequestContext } from './context.ts';
import { codeSpan, fencedBlock, proseText } from './escape.ts';

const queriesMax = 20;

/** Where everything came from, folded away: digests, window, queries. */
export function detailsSection(proposal: Proposal, context: PullRequestContext, budget: BodyBudget): string {
  if (!budget.withDetails) return '';
  const { repository, model, dataDigest, asOf, windowStart, windowEnd } = context;
  const facts = [
    `Proposal: ${codeSpan(proposal.fingerprint)}`,
    `Repository: ${codeSpan(repository.name)}, branch ${codeSpan(repository.branch)}, commit ${codeSpan(repository.commit)}`,
    `As of ${formatUtc(asOf)}, window ${formatUtc(windowStart)} to ${formatUtc(windowEnd)}`,
    `Data: ${codeSpan(`sha256:${dataDigest}`)}`,
    model === undefined ? 'Model: none' : `Model: ${codeSpan(model.name)}, ${codeSpan(model.digest)}`,
  ];
  const queries = budget.withQueries
    ? context.queries
        .slice(0, queriesMax)
        .map(({ label, text }) => `${proseText(label)}:\n\n${fencedBlock('text', text)}`)
    : [];
  return [
    '<details>\n<summary>Data, model and queries</summary>',
    facts.map((fact) => `- ${fact}`).join('\n'),
    ...queries,
    '</details>',
  ].join('\n\n');
}
