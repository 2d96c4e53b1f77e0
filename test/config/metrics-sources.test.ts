import { describe, expect, test } from 'vitest';
import { parseOperatorConfig } from '../../src/config/index.ts';

const url = 'https://prometheus.example.com/prometheus';

function parse(metrics: string): ReturnType<typeof parseOperatorConfig> {
  return parseOperatorConfig({ text: `metrics:\n  - ${metrics}\n`, path: '/etc/flyball/flyball.yml' });
}

function faults(metrics: string): readonly string[] {
  return parse(metrics).problems.map(({ message }) => message);
}

describe('a metrics server in flyball.yml', () => {
  test('the smallest entry gets every default', () => {
    expect(parse(`{ kind: prometheus, url: '${url}' }`).config?.metrics).toEqual([
      {
        kind: 'prometheus',
        url,
        cluster: undefined,
        matchLabels: {},
        authorization: { kind: 'none' },
        headers: {},
        secretHeaders: {},
        tls: { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined },
        timeoutSeconds: 60,
        concurrency: 2,
      },
    ]);
  });

  test('secrets are named by file, relative to flyball.yml, or by environment variable', () => {
    const bearer = parse(`{ kind: prometheus, url: '${url}', bearerTokenFile: secrets/token }`);
    const basic = parse(
      `{ kind: prometheus, url: '${url}', basicAuth: { username: me, passwordEnvironment: PASSWORD }, headerFiles: { X-Api-Key: k } }`,
    );
    const tls = parse(`{ kind: prometheus, url: '${url}', tls: { caFile: ca.crt, certFile: c.crt, keyFile: /k.key } }`);

    expect(bearer.config?.metrics).toMatchObject([
      { authorization: { kind: 'bearer', token: { kind: 'file', path: '/etc/flyball/secrets/token' } } },
    ]);
    expect(basic.config?.metrics).toMatchObject([
      {
        authorization: { kind: 'basic', username: 'me', password: { kind: 'environment', name: 'PASSWORD' } },
        secretHeaders: { 'X-Api-Key': { kind: 'file', path: '/etc/flyball/k' } },
      },
    ]);
    expect(tls.config?.metrics).toMatchObject([
      { tls: { caFile: '/etc/flyball/ca.crt', certFile: '/etc/flyball/c.crt', keyFile: '/k.key' } },
    ]);
  });

  test.each([
    ['{ kind: prometheus }', 'metrics.url is missing'],
    ['{ path: data/dcgm, url: "http://a" }', 'metrics.url does not belong to kind: files'],
    ['{}', 'metrics.path is missing'],
    [`{ kind: prometheus, url: '${url}', path: data }`, 'metrics.path does not belong to kind: prometheus'],
    [`{ kind: prometheus, url: '${url}', tls: { certFile: a } }`, 'metrics.tls has only one of certFile and keyFile'],
    [`{ kind: prometheus, url: 'http://a', tls: { caFile: a } }`, 'metrics.tls is set, and the URL is not https'],
    [
      `{ kind: prometheus, url: '${url}', basicAuth: { username: me } }`,
      'metrics.basicAuth needs exactly one of passwordFile and passwordEnvironment',
    ],
    [
      `{ kind: prometheus, url: '${url}', bearerTokenFile: a, bearerTokenEnvironment: B }`,
      'metrics has more than one of bearerTokenFile, bearerTokenEnvironment and basicAuth',
    ],
    [
      `{ kind: prometheus, url: '${url}', headers: { X-Key: a }, headerEnvironment: { x-key: B } }`,
      'metrics names a header twice in headers, headerFiles and headerEnvironment',
    ],
  ])('%s is refused: %s', (metrics, message) => {
    expect(faults(metrics)).toEqual([`${message}.`]);
  });

  test.each([
    `{ kind: prometheus, url: 'https://user:secret@prometheus.example.com' }`,
    `{ kind: prometheus, url: 'ftp://prometheus.example.com' }`,
    `{ kind: prometheus, url: '${url}?token=a' }`,
    `{ kind: prometheus, url: '${url}', headers: { Authorization: Bearer a } }`,
    `{ kind: prometheus, url: '${url}', headers: { 'X-A': "a\\r\\nHost: b" } }`,
    `{ kind: prometheus, url: '${url}', matchLabels: { 'a"b': c } }`,
    `{ kind: prometheus, url: '${url}', timeoutSeconds: 0 }`,
  ])('%s is refused', (metrics) => {
    expect(faults(metrics)).toHaveLength(1);
  });
});
