import { type Answer, ok } from './answer.ts';
import type { Exchange } from './exchange.ts';

interface PageOptions<T> {
  readonly toJson: (item: T) => unknown;
  /** Puts the rows of the page into an object, for lists that say `total_count`. */
  readonly wrap?: (rows: readonly unknown[], total: number) => unknown;
}

/** One page of a list, with the `Link` header to the others. */
export function pageOf<T>(exchange: Exchange, items: readonly T[], { toJson, wrap }: PageOptions<T>): Answer {
  const size = Math.min(100, Math.max(1, Number(exchange.query.get('per_page') ?? 30)));
  const page = Math.max(1, Number(exchange.query.get('page') ?? 1));
  const rows = items.slice((page - 1) * size, page * size).map((item) => toJson(item));
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = linkHeader(exchange.url, page, last);
  return ok(wrap === undefined ? rows : wrap(rows, items.length), link === '' ? undefined : { link });
}

function linkHeader(url: URL, page: number, last: number): string {
  const relations: readonly (readonly [string, number, boolean])[] = [
    ['prev', page - 1, page > 1],
    ['next', page + 1, page < last],
    ['last', last, page < last],
    ['first', 1, page > 1],
  ];
  return relations
    .filter(([, , isThere]) => isThere)
    .map(([relation, number]) => {
      const target = new URL(url);
      target.searchParams.set('page', String(number));
      return `<${target.href}>; rel="${relation}"`;
    })
    .join(', ');
}
