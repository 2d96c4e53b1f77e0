import { describe, expect, test } from 'vitest';
import { parseOperatorConfig } from '../../src/config/index.ts';

const url = 'https://trino.example.com:8443';

function parse(trino: string): ReturnType<typeof parseOperatorConfig> {
  return parseOperatorConfig({ text: `trino: ${trino}\n`, path: '/etc/flyball/flyball.yml' });
}

describe('Trino in flyball.yml', () => {
  test('the smallest entry gets every default', () => {
    expect(parse(`{ url: '${url}', tables: [hive.billing.focus] }`).config?.trino).toEqual({
      url,
      user: 'flyball',
      tables: ['hive.billing.focus'],
      granularity: 'hour',
      authorization: { kind: 'none' },
      headers: {},
      secretHeaders: {},
      tls: { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined },
      timeoutSeconds: 60,
      concurrency: 1,
      queryTimeoutMinutes: 30,
    });
  });

  test('a password is that of the user, in a file beside flyball.yml', () => {
    const { config } = parse(`{ url: '${url}', user: finops, tables: [a.b.c], passwordFile: secrets/trino }`);

    expect(config?.trino?.authorization).toEqual({
      kind: 'basic',
      username: 'finops',
      password: { kind: 'file', path: '/etc/flyball/secrets/trino' },
    });
  });

  test.each([
    [`{ url: '${url}' }`, 'trino.url is set, and trino.tables names no table'],
    ['{ tables: [a.b.c] }', 'trino.tables is set, and trino.url is not'],
    [
      `{ url: '${url}', tables: [a.b.c], passwordFile: p, bearerTokenFile: t }`,
      'trino has both passwordFile and bearerTokenFile',
    ],
    [
      "{ url: 'http://trino', tables: [a.b.c], passwordFile: p }",
      'trino.passwordFile would be sent without encryption',
    ],
    [`{ url: '${url}', tables: [a.b.c], tls: { certFile: c } }`, 'trino.tls has only one of certFile and keyFile'],
    [`{ url: '${url}', tables: ['a.b.c; DROP TABLE x'] }`, 'trino.tables[0] is "a.b.c; DROP TABLE x", expected'],
    [`{ url: '${url}', tables: [focus] }`, 'catalog.schema.table'],
    [`{ url: 'https://me:secret@trino', tables: [a.b.c] }`, 'trino.url is'],
  ])('%s is told: %s', (trino, message) => {
    expect(parse(trino).problems.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
  });
});
