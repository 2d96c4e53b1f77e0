import path from 'node:path';
import {
  compareProblems,
  currencyCode,
  type AddedKind,
  type AttributionTagKeys,
  type BillingSourceFormat,
  type Problem,
} from '../domain/index.ts';
import { locate, parseYaml, toProblem, validateParsed, type YamlDocument } from '../schema/index.ts';
import { readAddedKinds, type ValidAddedKind } from './added-kinds.ts';
import { checkGitHub, toGitHubConfig, type ValidGitHub } from './github-config.ts';
import { checkMetricsSources, toMetricsSource, type ValidMetricsSource } from './metrics-sources.ts';
import { checkObjectStorage, isAddress, toObjectStorage, type ValidObjectStorage } from './object-storage.ts';
import { operatorConfigSchema } from './operator-config-schema.ts';
import type { BackendPreference, GuardConfig, OperatorConfig, RecommendConfig } from './operator-config.ts';
import { readConfigFile } from './read-config-file.ts';
import { secretPlace } from './server-access.ts';
import { checkTrinoSource, toTrinoConfig, type ValidTrino } from './trino-source.ts';

/** What the schema lets through: defaults are filled in, paths are as written. */
interface ValidOperatorFile {
  readonly billing: readonly { readonly path: string; readonly format: BillingSourceFormat }[];
  readonly opencost: {
    readonly url?: string;
    readonly tokenFile?: string;
    readonly currency: string;
    readonly windowHours: number;
    readonly timeoutSeconds: number;
  };
  readonly objectStorage: ValidObjectStorage;
  readonly trino: ValidTrino;
  readonly metrics: readonly ValidMetricsSource[];
  readonly ledger: {
    readonly path: string;
    readonly memoryLimitMib: number;
    readonly retention: { readonly hourlyDays?: number; readonly dailyDays?: number; readonly billingDays?: number };
  };
  readonly currency: string;
  readonly attribution: { readonly tagKeys: AttributionTagKeys };
  readonly clusters: { readonly folderPattern?: string; readonly defaultName: string };
  readonly kinds: readonly ValidAddedKind[];
  readonly github: ValidGitHub;
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly webhookSecretFile?: string;
    readonly webhookSecretEnvironment?: string;
    readonly databaseUrlEnvironment?: string;
    readonly folder: string;
    readonly stopGraceSeconds: number;
  };
  readonly catalogue: { readonly prices: readonly string[] };
  readonly recommend: RecommendConfig;
  readonly guards: GuardConfig;
  readonly model: { readonly path?: string; readonly backend: BackendPreference };
}

export interface LoadedOperatorConfig {
  /** Absent when the file cannot be used. */
  readonly config?: OperatorConfig;
  readonly problems: readonly Problem[];
}

/** Reads and checks `flyball.yml`; never throws for what is in the file or for a file that is not there. */
export async function loadOperatorConfig(configPath: string): Promise<LoadedOperatorConfig> {
  const file = await readConfigFile(configPath);
  if (file.kind === 'unreadable') return { problems: [file.problem] };
  return parseOperatorConfig({ text: file.text, path: configPath });
}

/** As {@link loadOperatorConfig}, of a text; its paths are relative to the folder of `path`. */
export function parseOperatorConfig(file: { readonly text: string; readonly path: string }): LoadedOperatorConfig {
  const parsed = parseYaml({ ...file, code: 'CONFIG_INVALID' });
  if (parsed.kind === 'unreadable') return { problems: parsed.problems };
  const [first, second] = parsed.documents;
  if (first === undefined) return { problems: [] };
  const checked = validateParsed<ValidOperatorFile>(first, { schema: operatorConfigSchema, code: 'CONFIG_INVALID' });
  const surplus = second === undefined ? [] : [surplusDocument(second)];
  if (checked.kind === 'invalid') return { problems: [...checked.problems, ...surplus].toSorted(compareProblems) };
  const added = readAddedKinds(checked.value.kinds, first);
  const problems = [
    ...surplus,
    ...checkPeriods(checked.value.recommend, first),
    ...checkRetention(checked.value, first),
    ...checkObjectStorage(checked.value, first),
    ...checkGitHub(checked.value.github, first),
    ...checkTrinoSource(checked.value.trino, first),
    ...checkMetricsSources(checked.value.metrics, first),
    ...added.problems,
  ].toSorted(compareProblems);
  if (problems.length > 0) return { problems };
  return { config: toConfig(checked.value, { configPath: file.path, kinds: added.kinds }), problems };
}

function toConfig(
  valid: ValidOperatorFile,
  { configPath, kinds }: { readonly configPath: string; readonly kinds: readonly AddedKind[] },
): OperatorConfig {
  const folder = path.dirname(path.resolve(configPath));
  const absolute = (written: string): string => path.resolve(folder, written);
  return {
    billing: valid.billing.map((source) => ({
      ...source,
      path: isAddress(source.path) ? source.path : absolute(source.path),
    })),
    opencost: {
      ...valid.opencost,
      url: valid.opencost.url,
      tokenFile: valid.opencost.tokenFile === undefined ? undefined : absolute(valid.opencost.tokenFile),
      currency: currencyCode(valid.opencost.currency),
    },
    objectStorage: toObjectStorage(valid.objectStorage, absolute),
    trino: toTrinoConfig(valid.trino, absolute),
    metrics: valid.metrics.map((source) => toMetricsSource(source, absolute)),
    ledger: {
      ...valid.ledger,
      path: absolute(valid.ledger.path),
      retention: {
        hourlyDays: valid.ledger.retention.hourlyDays,
        dailyDays: valid.ledger.retention.dailyDays,
        billingDays: valid.ledger.retention.billingDays,
      },
    },
    currency: currencyCode(valid.currency),
    attribution: valid.attribution,
    clusters: { folderPattern: valid.clusters.folderPattern, defaultName: valid.clusters.defaultName },
    kinds,
    github: toGitHubConfig(valid.github, absolute),
    server: {
      host: valid.server.host,
      port: valid.server.port,
      webhookSecret: secretPlace(valid.server.webhookSecretFile, valid.server.webhookSecretEnvironment, absolute),
      databaseUrlEnvironment: valid.server.databaseUrlEnvironment,
      folder: absolute(valid.server.folder),
      stopGraceSeconds: valid.server.stopGraceSeconds,
    },
    catalogue: { prices: valid.catalogue.prices.map(absolute) },
    recommend: valid.recommend,
    guards: valid.guards,
    model: {
      path: valid.model.path === undefined ? undefined : absolute(valid.model.path),
      backend: valid.model.backend,
    },
  };
}

/** A period inside the look-back window cannot be longer than the window. */
function checkPeriods(recommend: RecommendConfig, yaml: YamlDocument): readonly Problem[] {
  return (['minimumHistoryDays', 'idleDays'] as const).flatMap((field) => {
    if (recommend[field] <= recommend.lookbackDays) return [];
    const { valueOffset } = locate(yaml.document, ['recommend', field]);
    return [
      toProblem(yaml.source, {
        offset: valueOffset,
        code: 'CONFIG_INVALID',
        message: `recommend.${field} is ${recommend[field]}, more than the ${recommend.lookbackDays} days of recommend.lookbackDays, so it could never be reached`,
        remedy: `Write at most ${recommend.lookbackDays}, or look further back. See docs/configuration.md, "recommend.${field}".`,
      }),
    ];
  });
}

/** A scan reads its whole window from the ledger. */
function checkRetention({ ledger, recommend }: ValidOperatorFile, yaml: YamlDocument): readonly Problem[] {
  const daysMin = recommend.lookbackDays + 1;
  return (['hourlyDays', 'dailyDays', 'billingDays'] as const).flatMap((field) => {
    const days = ledger.retention[field];
    if (days === undefined || days >= daysMin) return [];
    return [
      toProblem(yaml.source, {
        offset: locate(yaml.document, ['ledger', 'retention', field]).valueOffset,
        code: 'CONFIG_INVALID',
        message: `ledger.retention.${field} is ${days}, less than the ${daysMin} days that a scan looks back (recommend.lookbackDays and a day)`,
        remedy: `Write at least ${daysMin}. See docs/configuration.md, "ledger.retention.${field}".`,
      }),
    ];
  });
}

function surplusDocument(yaml: YamlDocument): Problem {
  return toProblem(yaml.source, {
    offset: yaml.document.contents?.range[0] ?? yaml.document.range[0],
    code: 'CONFIG_INVALID',
    message: 'A second YAML document begins here; a configuration has one',
    remedy: 'Remove it, and the --- above it.',
  });
}
