import type { AddedKind, AttributionTagKeys, BillingSourceFormat, CurrencyCode } from '../domain/index.ts';
import type { ObjectStorageConfig } from './object-storage.ts';
import type { backendPreferences } from './operator-config-schema.ts';
import type { SecretPlace, ServerAccess } from './server-access.ts';
import type { TrinoConfig } from './trino-source.ts';

interface BillingSourceConfig {
  /** File, folder or glob, absolute; or an address in object storage. */
  readonly path: string;
  readonly format: BillingSourceFormat;
}

/** Every path is absolute. */
export type MetricsSourceConfig =
  | {
      readonly kind: 'files';
      /** File, folder or glob. */
      readonly path: string;
      readonly format: 'auto' | 'openmetrics' | 'parquet';
      /** Cluster of samples that carry no cluster label. */
      readonly cluster: string | undefined;
    }
  | (ServerAccess & {
      readonly kind: 'prometheus';
      readonly cluster: string | undefined;
      readonly matchLabels: Readonly<Record<string, string>>;
    });

export interface RecommendConfig {
  readonly lookbackDays: number;
  readonly minimumHistoryDays: number;
  readonly targetUtilRatio: number;
  readonly idleDays: number;
  readonly productionMinReplicas: number;
  readonly productionSelector: Readonly<Record<string, string>>;
}

export interface GuardConfig {
  readonly minimumMonthlySavingUsd: number;
  readonly replicaReductionRatioMax: number;
  readonly openProposalsMax: number;
  readonly protectedLabels: Readonly<Record<string, string>>;
}

export type BackendPreference = (typeof backendPreferences)[number];

/** The operator's configuration with every default filled in and every path absolute; docs/configuration.md. */
export interface OperatorConfig {
  readonly billing: readonly BillingSourceConfig[];
  readonly opencost: {
    /** Undefined: no server is asked. */
    readonly url: string | undefined;
    readonly tokenFile: string | undefined;
    readonly currency: CurrencyCode;
    readonly windowHours: number;
    readonly timeoutSeconds: number;
  };
  readonly objectStorage: ObjectStorageConfig;
  /** Undefined: none is asked. */
  readonly trino: TrinoConfig | undefined;
  readonly metrics: readonly MetricsSourceConfig[];
  readonly ledger: {
    readonly path: string;
    readonly memoryLimitMib: number;
    /** Days; undefined keeps it for good. */
    readonly retention: {
      readonly hourlyDays: number | undefined;
      readonly dailyDays: number | undefined;
      readonly billingDays: number | undefined;
    };
  };
  readonly currency: CurrencyCode;
  readonly attribution: { readonly tagKeys: AttributionTagKeys };
  readonly clusters: { readonly folderPattern: string | undefined; readonly defaultName: string };
  /** Kinds of workloads beside the built-in ones. */
  readonly kinds: readonly AddedKind[];
  /** Whom Flyball writes as on GitHub. */
  readonly github: {
    readonly apiUrl: string | undefined;
    /** Undefined: the token of the environment is used. */
    readonly app: { readonly id: number; readonly privateKey: SecretPlace } | undefined;
  };
  /** How `flyball serve` runs. */
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** Undefined: the server refuses to start. */
    readonly webhookSecret: SecretPlace | undefined;
    /** Name of the variable that holds it; undefined: the embedded database. */
    readonly databaseUrlEnvironment: string | undefined;
    readonly folder: string;
    readonly stopGraceSeconds: number;
  };
  /** Price files, laid over the shipped catalogue in this order. */
  readonly catalogue: { readonly prices: readonly string[] };
  readonly recommend: RecommendConfig;
  readonly guards: GuardConfig;
  readonly model: {
    /** Undefined: the model that comes with Flyball. */
    readonly path: string | undefined;
    readonly backend: BackendPreference;
  };
}
