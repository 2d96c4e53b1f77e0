import { onRepository } from '../http/access.ts';
import { type Answer, noContent, notFound } from '../http/answer.ts';
import { type RepositoryExchange, type Route, accountOf } from '../http/exchange.ts';
import { pageOf } from '../http/pages.ts';
import { reactionJson } from '../json/issues.ts';
import type { Reaction } from '../state/world.ts';
import { findComment } from './comments.ts';
import { findIssue } from './issues.ts';

type Find = (exchange: RepositoryExchange) => { readonly reactions: Reaction[] };

const subjects: readonly (readonly [string, Find])[] = [
  ['/repos/{owner}/{repo}/issues/{issue_number}/reactions', findIssue],
  ['/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', (exchange) => findComment(exchange, 'issue')],
  ['/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions', (exchange) => findComment(exchange, 'review')],
];

export const reactionRoutes: readonly Route[] = subjects.flatMap(([path, find]) => {
  const kind = path.includes('/pulls/') ? 'pull_requests' : 'issues';
  const needs =
    kind === 'issues' ? (['issues:write', 'pull_requests:write'] as const) : (['pull_requests:write'] as const);
  return [
    onRepository(`GET ${path}`, `${kind}:read`, (exchange) => {
      const content = exchange.query.get('content');
      const reactions = find(exchange).reactions.filter((one) => content === null || one.content === content);
      return pageOf(exchange, reactions, { toJson: (reaction) => reactionJson(exchange.world, reaction) });
    }),
    onRepository(`POST ${path}`, { needs, role: 'read' }, (exchange) => react(exchange, find)),
    onRepository(`DELETE ${path}/{reaction_id}`, { needs, role: 'read' }, (exchange) => {
      const { reactions } = find(exchange);
      const at = reactions.findIndex(({ id }) => id === Number(exchange.params['reaction_id']));
      if (at < 0) throw notFound();
      reactions.splice(at, 1);
      return noContent;
    }),
  ];
});

// The same reaction of the same person again is no second one: 200 instead of 201.
function react(exchange: RepositoryExchange, find: Find): Answer {
  const { world, actor, body } = exchange;
  const { reactions } = find(exchange);
  const { content } = body as { readonly content: string };
  const user = accountOf(actor);
  const known = reactions.find((one) => one.user === user && one.content === content);
  if (known !== undefined) return { status: 200, body: reactionJson(world, known) };
  const reaction = { id: world.nextId(), user, content, createdAt: world.clock() };
  reactions.push(reaction);
  return { status: 201, body: reactionJson(world, reaction) };
}
