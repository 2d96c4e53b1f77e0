import { describe, expect, test } from 'vitest';
import {
  defaultRepositoryConfig,
  findIgnoreGlob,
  isPolicyPath,
  mergeGuards,
  operatorConfigSchema,
  parseRepositoryConfig,
  repositoryConfigPath,
  type OperatorConfig,
} from '../../src/config/index.ts';
import { aWorkload } from '../builders.ts';

function parse(text: string): ReturnType<typeof parseRepositoryConfig> {
  return parseRepositoryConfig({ text, path: repositoryConfigPath });
}

const operatorGuards: OperatorConfig['guards'] = {
  minimumMonthlySavingUsd: 50,
  replicaReductionRatioMax: 0.5,
  openProposalsMax: 20,
  protectedLabels: { 'flyball.dev/protected': 'true' },
};

describe('reading', () => {
  test.each(['', '\n', '# nothing yet\n', '\ufeff# nothing yet', '{}'])(
    '%j says nothing, and the defaults hold',
    (text) => {
      expect(parse(text)).toEqual({ config: defaultRepositoryConfig, problems: [] });
    },
  );

  test('folders, ignored workloads and guards are read with the places of the guards', () => {
    const { config, problems } = parse(
      'policies: [policies]\nignore: ["prod/*/*/*"]\nguards:\n  openProposalsMax: 3\n  protectedLabels: { tier: critical }\n',
    );

    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      policies: ['policies'],
      ignore: ['prod/*/*/*'],
      guards: { openProposalsMax: { value: 3, place: { path: '.github/flyball.yml', line: 4, column: 21 } } },
    });
    expect(Object.keys(config.guards)).toEqual(['openProposalsMax', 'protectedLabels']);
  });

  test("every field of the operator's file is refused as the operator's", () => {
    for (const field of [...Object.keys(operatorConfigSchema.properties ?? {}), 'token', 'url']) {
      if (field === 'guards') continue;

      const { config, problems } = parse(`${field}: [{ path: /etc/passwd }]\n`);

      expect(config).toEqual(defaultRepositoryConfig);
      expect(problems).toMatchObject([{ code: 'CONFIG_INVALID', severity: 'error', place: { line: 1, column: 1 } }]);
      expect(problems[0]?.message).toBe(
        `${field} belongs to the operator's configuration (flyball.yml) and is not read here.`,
      );
      expect(problems[0]?.excerpt ?? '').toContain(field);
    }
  });

  test.each(['/etc', '../other', 'a/../../b', 'a\\b', 'policies/*'])('%s is no folder of the repository', (folder) => {
    expect(parse(`policies: ['${folder}']\n`).problems).toHaveLength(1);
  });

  test.each(['notebook-*', 'prod/research/notebook', 'a/b/c/d/e', '/b/c/d'])('%s names no workload', (glob) => {
    expect(parse(`ignore: ['${glob}']\n`).problems).toMatchObject([{ place: { line: 1, column: 10 } }]);
  });
});

describe('policy folders', () => {
  test.each([
    ['.', 'any/where.yaml', true],
    ['policies', 'policies/cap.yaml', true],
    ['policies/', 'policies/deep/cap.yaml', true],
    ['./policies', 'policies/cap.yaml', true],
    ['policies', 'policies-old/cap.yaml', false],
    ['policies', 'apps/policies/cap.yaml', false],
    ['policies/cap.yaml', 'policies/cap.yaml', true],
  ])('%s and %s: %s', (folder, file, expected) => {
    expect(isPolicyPath({ ...defaultRepositoryConfig, policies: [folder] }, file)).toBe(expected);
  });
});

describe('ignored workloads', () => {
  const workload = aWorkload({ cluster: 'prod', namespace: 'research', kind: 'Notebook', name: 'notebook-7' });

  test.each([
    ['prod/research/Notebook/notebook-7', true],
    ['*/*/*/*', true],
    ['prod/research/*/notebook-*', true],
    ['prod/res*ch/*/note*-?', true],
    ['prod/research/Notebook/notebook', false],
    ['prod/research/notebook/notebook-7', false],
    ['prod/*/notebook-7/*', false],
    ['pro?d/*/*/*', false],
  ])('%s: %s', (glob, expected) => {
    expect(findIgnoreGlob({ ...defaultRepositoryConfig, ignore: [glob] }, workload)).toBe(expected ? glob : undefined);
  });

  test('a star never reaches into the next part, whatever a name holds', () => {
    const forged = aWorkload({ cluster: 'prod', namespace: 'a/Notebook/b', kind: 'Notebook', name: 'x' });

    expect(findIgnoreGlob({ ...defaultRepositoryConfig, ignore: ['prod/a/Notebook/b'] }, forged)).toBeUndefined();
  });

  test('a glob of a thousand stars is no longer to match than to read', () => {
    const long = aWorkload({ name: `${'a'.repeat(250)}b` });
    const glob = `*/*/*/${'*a'.repeat(500)}*c`;

    expect(findIgnoreGlob({ ...defaultRepositoryConfig, ignore: [glob] }, long)).toBeUndefined();
  });
});

describe('guards', () => {
  test('stricter values of the repository are used', () => {
    const { config } = parse(
      'guards:\n  minimumMonthlySavingUsd: 500\n  replicaReductionRatioMax: 0.1\n  openProposalsMax: 0\n  protectedLabels: { tier: critical }\n',
    );

    expect(mergeGuards(operatorGuards, config)).toEqual({
      guards: {
        minimumMonthlySavingUsd: 500,
        replicaReductionRatioMax: 0.1,
        openProposalsMax: 0,
        protectedLabels: { 'flyball.dev/protected': 'true', tier: 'critical' },
      },
      problems: [],
    });
  });

  test("laxer values are reported at their place, and the operator's are used", () => {
    const { config } = parse(
      "guards:\n  minimumMonthlySavingUsd: 0\n  replicaReductionRatioMax: 1\n  openProposalsMax: 21\n  protectedLabels: { flyball.dev/protected: 'false' }\n",
    );

    const { guards, problems } = mergeGuards(operatorGuards, config);

    expect(guards).toEqual(operatorGuards);
    expect(problems).toMatchObject(
      [2, 3, 4, 5].map((line) => ({ code: 'CONFIG_INVALID', severity: 'warning', place: { line } })),
    );
  });

  test("without overrides the operator's guards hold", () => {
    expect(mergeGuards(operatorGuards, defaultRepositoryConfig)).toEqual({ guards: operatorGuards, problems: [] });
  });
});

describe('the schedule of a repository', () => {
  test('is at five each morning in UTC, unless its owners say otherwise', () => {
    const read = (text: string) => parseRepositoryConfig({ text, path: '.github/flyball.yml' });
    expect(read('').config.schedule).toEqual({ cron: '0 5 * * *', timeZone: 'UTC' });
    expect(read('schedule: { cron: "30 7 * * 1-5", timeZone: Europe/Berlin }\n').config.schedule).toEqual({
      cron: '30 7 * * 1-5',
      timeZone: 'Europe/Berlin',
    });
  });

  test.each(['{ cron: "0 25 * * *" }', '{ cron: "0 5 31 2 *" }', '{ timeZone: Mars/Olympus }', '{ cron: "daily" }'])(
    '%s is a problem at its place',
    (schedule) => {
      const { problems } = parseRepositoryConfig({ text: `ignore: []\nschedule: ${schedule}\n`, path: 'a.yml' });
      expect(problems.map(({ code, place }) => [code, place])).toEqual([
        ['CONFIG_INVALID', expect.objectContaining({ path: 'a.yml', line: 2 })],
      ]);
    },
  );
});
