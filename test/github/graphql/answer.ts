import type { Answer } from '../http/answer.ts';
import type { Actor } from '../http/exchange.ts';
import type { RestApi } from '../http/rest.ts';

export async function answerGraphql(_api: RestApi, _bytes: Buffer, _actor: Actor): Promise<Answer> {
  return { status: 200, body: { errors: [{ message: 'no GraphQL' }] } };
}
