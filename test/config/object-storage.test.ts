import { describe, expect, test } from 'vitest';
import { parseOperatorConfig } from '../../src/config/index.ts';

function parse(billing: string, more = ''): ReturnType<typeof parseOperatorConfig> {
  return parseOperatorConfig({ text: `billing: [${billing}]\n${more}\n`, path: '/etc/flyball/flyball.yml' });
}

describe('an address in object storage', () => {
  test('is refused at its place until the operator allows it', () => {
    const { config, problems } = parse('{ path: s3://exports/focus }');

    expect(config).toBeUndefined();
    expect(problems).toMatchObject([
      {
        code: 'CONFIG_INVALID',
        place: { line: 1, column: 19 },
        message: 'billing[0].path is an address in object storage, which Flyball may not read.',
        remedy: expect.stringContaining('objectStorage: { allow: true }'),
      },
    ]);
  });

  test.each(['s3://exports', 'gs://exports/focus/*.parquet', 'az://container/BILLING_PERIOD=2026-10/', 'abfss://c/x'])(
    '%s stays as it is written',
    (path) => {
      expect(parse(`{ path: '${path}' }`, 'objectStorage: { allow: true }').config?.billing).toEqual([
        { path, format: 'auto' },
      ]);
    },
  );

  test('holds no rate card', () => {
    expect(
      parse('{ path: s3://exports/rates.yml, format: rate-card }', 'objectStorage: { allow: true }').problems,
    ).toMatchObject([{ message: expect.stringContaining('a rate card is not read from there') }]);
  });

  test('is read with the extensions of a folder beside flyball.yml', () => {
    const { config } = parse('', 'objectStorage: { allow: true, extensionDirectory: ext, s3: { urlStyle: path } }');

    expect(config?.objectStorage).toMatchObject({
      extensionDirectory: '/etc/flyball/ext',
      installExtensions: false,
      s3: { urlStyle: 'path', useSsl: true, credentials: 'environment' },
    });
  });
});
