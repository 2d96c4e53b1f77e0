import type { Problem } from '../domain/index.ts';
import { locate, toProblem, type YamlDocument } from '../schema/index.ts';

type Credentials = 'environment' | 'chain' | 'none';

/** `objectStorage` as the schema lets it through. */
export interface ValidObjectStorage {
  readonly allow: boolean;
  readonly extensionDirectory?: string;
  readonly installExtensions: boolean;
  readonly s3: {
    readonly region?: string;
    readonly endpoint?: string;
    readonly urlStyle: 'vhost' | 'path';
    readonly useSsl: boolean;
    readonly credentials: Credentials;
  };
  readonly gcs: { readonly endpoint?: string; readonly credentials: 'environment' | 'none' };
  readonly azure: { readonly accountName?: string; readonly credentials: Credentials };
}

/** How object storage is read; every path is absolute. */
export interface ObjectStorageConfig {
  readonly allow: boolean;
  readonly extensionDirectory: string | undefined;
  readonly installExtensions: boolean;
  readonly s3: {
    readonly region: string | undefined;
    readonly endpoint: string | undefined;
    readonly urlStyle: 'vhost' | 'path';
    readonly useSsl: boolean;
    readonly credentials: Credentials;
  };
  readonly gcs: { readonly endpoint: string | undefined; readonly credentials: 'environment' | 'none' };
  readonly azure: { readonly accountName: string | undefined; readonly credentials: Credentials };
}

export function isAddress(written: string): boolean {
  return /^[a-z0-9]+:\/\//.test(written);
}

/** Addresses that the operator did not allow, or in a form that is not read from there. */
export function checkObjectStorage(
  valid: {
    readonly billing: readonly { readonly path: string; readonly format: string }[];
    readonly objectStorage: ValidObjectStorage;
  },
  yaml: YamlDocument,
): readonly Problem[] {
  return valid.billing.flatMap(({ path, format }, index) => {
    if (!isAddress(path)) return [];
    const fault = (message: string, remedy: string): Problem =>
      toProblem(yaml.source, {
        offset: locate(yaml.document, ['billing', index, 'path']).valueOffset,
        code: 'CONFIG_INVALID',
        message: `billing[${index}].path is an address in object storage, ${message}`,
        remedy: `${remedy} See docs/billing.md, "Object storage".`,
      });
    if (!valid.objectStorage.allow) {
      return [
        fault(
          'which Flyball may not read',
          'Write objectStorage: { allow: true }, or copy the export to this machine.',
        ),
      ];
    }
    return format === 'rate-card'
      ? [fault('and a rate card is not read from there', 'Keep it beside flyball.yml.')]
      : [];
  });
}

export function toObjectStorage(
  { allow, installExtensions, extensionDirectory, s3, gcs, azure }: ValidObjectStorage,
  absolute: (written: string) => string,
): ObjectStorageConfig {
  return {
    allow,
    installExtensions,
    extensionDirectory: extensionDirectory === undefined ? undefined : absolute(extensionDirectory),
    s3: { ...s3, region: s3.region, endpoint: s3.endpoint },
    gcs: { ...gcs, endpoint: gcs.endpoint },
    azure: { ...azure, accountName: azure.accountName },
  };
}
