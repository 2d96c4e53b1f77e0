import type { AddedKind, AttributionTagKeys, BillingSourceFormat, CurrencyCode } from '../domain/index.ts';
import type { backendPreferences } from './operator-config-schema.ts';

interface BillingSourceConfig {
  /** File, folder or glob, absolute. */
  readonly path: string;
  readonly format: BillingSourceFormat;
}

/** Where a secret lies; the secret itself is never part of the configuration. */
type SecretPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly name: string };

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
  | {
      readonly kind: 'prometheus';
      readonly url: string;
      readonly cluster: string | undefined;
      readonly matchLabels: Readonly<Record<string, string>>;
      readonly authorization:
        | { readonly kind: 'none' }
        | { readonly kind: 'bearer'; readonly token: SecretPlace }
        | { readonly kind: 'basic'; readonly username: string; readonly password: SecretPlace };
      readonly headers: Readonly<Record<string, string>>;
      readonly secretHeaders: Readonly<Record<string, SecretPlace>>;
      readonly tls: {
        readonly caFile: string | undefined;
        readonly certFile: string | undefined;
        readonly keyFile: string | undefined;
        readonly serverName: string | undefined;
      };
      readonly timeoutSeconds: number;
      readonly concurrency: number;
    };

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
  readonly metrics: readonly MetricsSourceConfig[];
  readonly ledger: { readonly path: string; readonly memoryLimitMib: number };
  readonly currency: CurrencyCode;
  readonly attribution: { readonly tagKeys: AttributionTagKeys };
  readonly clusters: { readonly folderPattern: string | undefined; readonly defaultName: string };
  /** Kinds of workloads beside the built-in ones. */
  readonly kinds: readonly AddedKind[];
  readonly recommend: RecommendConfig;
  readonly guards: GuardConfig;
  readonly model: {
    /** Undefined: the model that comes with Flyball. */
    readonly path: string | undefined;
    readonly backend: BackendPreference;
  };
}
