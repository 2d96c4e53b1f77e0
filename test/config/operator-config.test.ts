import { mkdtemp, mkdir, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  loadOperatorConfig,
  operatorConfigSchema,
  parseOperatorConfig,
  type BackendPreference,
  type OperatorConfig,
} from '../../src/config/index.ts';
import { defaultAttributionTagKeys, formatProblem, usd } from '../../src/domain/index.ts';
import type { BackendName } from '../../src/scoring/index.ts';
import type { GuardSettings, RecommendSettings } from '../../src/recommend/index.ts';
import type { JsonSchema } from '../../src/schema/index.ts';

const smallest = 'billing: [{ path: exports }]\nmetrics: [{ path: dcgm }]\n';

/** Names every field, so that the type and the schema can be compared. */
const everything: OperatorConfig = {
  billing: [{ path: '/etc/flyball/exports', format: 'auto' }],
  opencost: { url: undefined, tokenFile: undefined, currency: usd, windowHours: 24, timeoutSeconds: 60 },
  objectStorage: {
    allow: false,
    extensionDirectory: undefined,
    installExtensions: false,
    s3: { region: undefined, endpoint: undefined, urlStyle: 'vhost', useSsl: true, credentials: 'environment' },
    gcs: { endpoint: undefined, credentials: 'environment' },
    azure: { accountName: undefined, credentials: 'environment' },
  },
  trino: undefined,
  metrics: [{ kind: 'files', path: '/etc/flyball/dcgm', format: 'auto', cluster: undefined }],
  ledger: {
    path: '/etc/flyball/.flyball/ledger.duckdb',
    memoryLimitMib: 2048,
    retention: { hourlyDays: undefined, dailyDays: undefined, billingDays: undefined },
  },
  currency: usd,
  attribution: { tagKeys: defaultAttributionTagKeys },
  clusters: { folderPattern: undefined, defaultName: 'default' },
  github: { apiUrl: undefined, app: undefined },
  server: {
    host: '0.0.0.0',
    port: 3000,
    webhookSecret: undefined,
    databaseUrlEnvironment: undefined,
    folder: '/etc/flyball/.flyball',
    stopGraceSeconds: 20,
  },
  catalogue: { prices: [] },
  kinds: [
    {
      group: 'serving.example.com',
      versions: ['v1'],
      kind: 'ModelServer',
      podSpec: ['spec.template.spec'],
      podLabels: 'spec.template.metadata.labels',
      replicas: 'spec.replicas',
      defaultReplicas: 1,
      podsPerReplica: 'spec.size',
      minReplicas: 'spec.min',
      maxReplicas: 'spec.max',
      suspend: 'spec.suspend',
      schedule: 'spec.schedule',
      pause: { lever: 'replicas', value: 0 },
    },
  ],
  recommend: {
    lookbackDays: 30,
    minimumHistoryDays: 7,
    targetUtilRatio: 0.7,
    idleDays: 7,
    productionMinReplicas: 2,
    productionSelector: { environment: 'production' },
  },
  guards: {
    minimumMonthlySavingUsd: 50,
    replicaReductionRatioMax: 0.5,
    openProposalsMax: 20,
    protectedLabels: { 'flyball.dev/protected': 'true' },
  },
  model: { path: undefined, backend: 'auto' },
};

function fieldsOfSchema(schema: JsonSchema, prefix = ''): readonly string[] {
  return Object.entries((schema.items ?? schema).properties ?? {}).flatMap(([field, child]) =>
    [`${prefix}${field}`].concat(fieldsOfSchema(child, `${prefix}${field}.`)),
  );
}

function fieldsOfValue(value: unknown, prefix = ''): readonly string[] {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'object' || first === null || /Selector|Labels/.test(prefix)) return [];
  return Object.entries(first).flatMap(([field, child]) =>
    [`${prefix}${field}`].concat(fieldsOfValue(child, `${prefix}${field}.`)),
  );
}

describe('what the file may leave out', () => {
  test('the smallest file gets every default, and its paths are relative to the file', () => {
    expect(parseOperatorConfig({ text: smallest, path: '/etc/flyball/flyball.yml' })).toEqual({
      config: { ...everything, kinds: [] },
      problems: [],
    });
  });

  test('an empty mapping is a configuration without sources', () => {
    expect(parseOperatorConfig({ text: '{}', path: '/etc/flyball/flyball.yml' })).toEqual({
      config: { ...everything, billing: [], metrics: [], kinds: [] },
      problems: [],
    });
  });

  test('the type has the fields of the schema, no more and no fewer', () => {
    // What servers are reached by is read into other forms, which have tests of their own.
    const isCompared = (field: string): boolean =>
      !/^(?:metrics|trino|github)\.|^server\.webhookSecret/.test(field) ||
      ['metrics.kind', 'metrics.path', 'metrics.format', 'metrics.cluster'].includes(field);
    expect(fieldsOfValue(everything).filter(isCompared).toSorted()).toEqual(
      fieldsOfSchema(operatorConfigSchema).filter(isCompared).toSorted(),
    );
  });

  test('the settings fit what recommendations are made with', () => {
    expectTypeOf<OperatorConfig['recommend']>().toEqualTypeOf<RecommendSettings>();
    expectTypeOf<OperatorConfig['guards']>().toEqualTypeOf<GuardSettings>();
    expectTypeOf<BackendPreference>().toEqualTypeOf<BackendName | 'auto'>();
  });

  test('every field of the schema has a description, and every number a range and a unit', () => {
    const lacking = (schema: JsonSchema, name: string): readonly string[] => {
      const isNumber = schema.type === 'integer' || schema.type === 'number';
      const facts = isNumber ? [schema.minimum, schema.maximum, schema['x-unit']] : [];
      const isTold = schema.description?.endsWith('.') === true && !facts.includes(undefined);
      const fields = Object.entries((schema.items ?? schema).properties ?? {});
      return (isTold ? [] : [name]).concat(fields.flatMap(([field, child]) => lacking(child, `${name}.${field}`)));
    };

    expect(lacking(operatorConfigSchema, 'flyball.yml')).toEqual([]);
  });

  test('a field that is written replaces its default whole', () => {
    const text = `${smallest}recommend: { productionSelector: { tier: gold } }\nattribution: { tagKeys: { cluster: [my-cluster] } }\n`;

    const { config } = parseOperatorConfig({ text, path: '/etc/flyball.yml' });

    expect(config?.recommend.productionSelector).toEqual({ tier: 'gold' });
    expect(config?.attribution.tagKeys).toEqual({ ...defaultAttributionTagKeys, cluster: ['my-cluster'] });
  });

  test('globs and absolute paths stay what they are', () => {
    const text = 'billing: [{ path: /srv/*.parquet }, { path: ../up/**/*.csv }]\nmetrics: [{ path: ./m }]\n';

    const { config } = parseOperatorConfig({ text, path: '/etc/flyball/flyball.yml' });

    expect(config?.billing.map((source) => source.path)).toEqual(['/srv/*.parquet', '/etc/up/**/*.csv']);
    expect(config?.metrics).toMatchObject([{ path: '/etc/flyball/m' }]);
  });

  test('JSON is read as well', () => {
    const text = '{\n\t"billing": [{ "path": "a" }],\n\t"metrics": [{ "path": "b" }]\n}';

    expect(parseOperatorConfig({ text, path: '/flyball.json' }).problems).toEqual([]);
  });
});

describe('what is wrong with a file', () => {
  test('every mistake is listed at once, as reviewed', async () => {
    const text = await readFile('test/fixtures/config/many-mistakes.yml', 'utf8');

    const { config, problems } = parseOperatorConfig({ text, path: 'flyball.yml' });

    expect(config).toBeUndefined();
    await expect(`${problems.map(formatProblem).join('\n\n')}\n`).toMatchFileSnapshot(
      '../fixtures/config/many-mistakes.txt',
    );
  });

  test('a period longer than the look-back is told at its value', () => {
    const { config, problems } = parseOperatorConfig({
      text: `${smallest}recommend:\n  lookbackDays: 10\n  idleDays: 14\n`,
      path: 'flyball.yml',
    });

    expect(config).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'CONFIG_INVALID', place: { line: 5, column: 13 } }]);
  });

  test('a second document is told, not ignored', () => {
    const { config, problems } = parseOperatorConfig({ text: `${smallest}---\n${smallest}`, path: 'flyball.yml' });

    expect(config).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'CONFIG_INVALID', place: { line: 4, column: 1 } }]);
  });

  test.each(['https://prometheus:9090', 's3://user:secret@bucket/focus', 's3://', '~/exports'])(
    '%s is no path, and no address of object storage',
    (written) => {
      const { problems } = parseOperatorConfig({
        text: `billing: [{ path: "${written}" }]\nmetrics: [{ path: b }]\n`,
        path: 'flyball.yml',
      });

      expect(problems.map(({ message }) => message)).toEqual([
        `billing[0].path is "${written}", expected a path on this machine (no ~), or an s3://, gs://, az:// or abfss:// address.`,
      ]);
    },
  );

  test.each(['clusters/{cluster}', '{cluster}', 'a/{cluster}/b/'])('%s is a folder pattern', (pattern) => {
    expect(
      parseOperatorConfig({ text: `${smallest}clusters: { folderPattern: "${pattern}" }`, path: 'f.yml' }).problems,
    ).toEqual([]);
  });

  test.each(['clusters/*', '../{cluster}', 'a/../{cluster}', '/{cluster}', '{cluster}/{cluster}', 'x-{cluster}'])(
    '%s is none',
    (pattern) => {
      expect(
        parseOperatorConfig({ text: `${smallest}clusters: { folderPattern: "${pattern}" }`, path: 'f.yml' }).problems,
      ).toHaveLength(1);
    },
  );
});

describe('files that cannot be read', () => {
  test('a file on disk is loaded; a missing one, a folder, one too large and one not UTF-8 each say so', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'flyball-config-'));
    const write = async (name: string, content: string | Buffer): Promise<string> => {
      await writeFile(path.join(folder, name), content);
      return path.join(folder, name);
    };
    const good = await write('flyball.yml', `\ufeff${smallest}`);
    const large = await write('large.yml', '#'.repeat(2_000_000));
    const latin1 = await write('latin1.yml', Buffer.from('currency: \xdcSD', 'latin1'));
    await mkdir(path.join(folder, 'folder.yml'));

    expect((await loadOperatorConfig(good)).config?.billing[0]?.path).toBe(path.join(folder, 'exports'));
    for (const [file, words] of [
      [path.join(folder, 'missing.yml'), 'does not exist'],
      [path.join(good, 'below'), 'does not exist'],
      [path.join(folder, 'folder.yml'), 'is a folder'],
      [large, 'more than the 1 MiB'],
      [latin1, 'not UTF-8'],
    ] as const) {
      const { config, problems } = await loadOperatorConfig(file);
      expect(config).toBeUndefined();
      expect(problems).toMatchObject([{ code: 'CONFIG_UNREADABLE', place: { kind: 'file', path: file } }]);
      expect(problems[0]?.message).toContain(words);
    }
  });
});
