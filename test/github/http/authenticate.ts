import { createVerify } from 'node:crypto';
import type { App, World } from '../state/world.ts';
import { ApiError } from './answer.ts';
import type { Actor } from './exchange.ts';

/** Who an `Authorization` header stands for. Throws 401 for what is wrong or has expired, 403 for the suspended. */
export function authenticate(world: World, header: string | undefined): Actor {
  if (header === undefined || header === '') return { kind: 'anonymous' };
  const [, scheme = '', value = ''] = /^(\S+)\s+(.+)$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'token':
      return value.split('.').length === 3 ? { kind: 'app', app: verifyAppToken(world, value) } : bearer(world, value);
    case 'basic':
      return bearer(
        world,
        Buffer.from(value, 'base64')
          .toString()
          .replace(/^[^:]*:/, ''),
      );
    default:
      throw badCredentials();
  }
}

function bearer(world: World, value: string): Actor {
  const token = world.tokens.get(value);
  if (token !== undefined) {
    if (token.expiresAt <= world.clock()) throw badCredentials();
    if (!world.installations.has(token.installation.id)) throw badCredentials();
    if (token.installation.isSuspended) throw new ApiError(403, 'This installation has been suspended');
    return { kind: 'installation', token };
  }
  const user = [...world.accounts.values()].find((account) => account.token === value);
  if (user === undefined) throw badCredentials();
  return { kind: 'user', user };
}

function badCredentials(): ApiError {
  return new ApiError(401, 'Bad credentials');
}

/** The App that signed a JSON web token (RS256), at most ten minutes long and not from the future. */
function verifyAppToken(world: World, jwt: string): App {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const claims = parsePart(payload);
  const app = [...world.apps.values()].find(
    ({ id, clientId }) => String(claims['iss']) === String(id) || claims['iss'] === clientId,
  );
  if (parsePart(header)['alg'] !== 'RS256') throw undecodable();
  if (app === undefined) throw new ApiError(404, 'Integration not found');
  const isSigned = createVerify('RSA-SHA256')
    .update(`${header}.${payload}`)
    .verify(app.publicKey, Buffer.from(signature, 'base64url'));
  if (!isSigned) throw undecodable();
  const now = world.clock() / 1000;
  const { exp, iat } = claims;
  if (typeof exp !== 'number' || exp <= now) {
    throw claim(
      'Expiration time',
      'exp',
      'must be a numeric value representing the future time at which the assertion expires',
    );
  }
  if (exp > now + 600) throw claim('Expiration time', 'exp', 'is too far in the future');
  if (typeof iat !== 'number' || iat > now + 5) {
    throw claim('Issued at', 'iat', 'must be an Integer representing the time that the assertion was issued');
  }
  return app;
}

function parsePart(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    throw undecodable();
  }
}

function undecodable(): ApiError {
  return new ApiError(401, 'A JSON web token could not be decoded');
}

function claim(name: string, key: string, problem: string): ApiError {
  return new ApiError(401, `'${name}' claim ('${key}') ${problem}`);
}
