import { credentialMissing } from './problems.ts';
import { storeOf, type ObjectStorageSettings } from './settings.ts';

type Find = (variable: string) => string | undefined;

/**
 * The SQL that gives DuckDB the credentials of an address, from the variables that each provider's own tools read;
 * undefined where none are needed. Holds secrets: never print it. @throws StorageUnreachable when a variable is not set.
 */
export function secretSql(address: string, settings: ObjectStorageSettings, find: Find): string | undefined {
  const need = (variable: string): string => {
    const value = find(variable);
    if (value === undefined) throw credentialMissing(address, variable);
    return value;
  };
  switch (storeOf(address)) {
    case 's3':
      return create('s3', s3Fields(settings.s3, need, find));
    case 'gcs':
      return create('gcs', {
        ...(settings.gcs.credentials === 'environment'
          ? { KEY_ID: need('GCS_ACCESS_KEY_ID'), SECRET: need('GCS_SECRET_ACCESS_KEY') }
          : {}),
        ENDPOINT: settings.gcs.endpoint,
      });
    case 'azure':
      return azureSql(settings.azure, need);
    case undefined:
      return undefined;
  }
}

/** https://duckdb.org/docs/stable/core_extensions/httpfs/s3api */
function s3Fields(s3: ObjectStorageSettings['s3'], need: (variable: string) => string, find: Find): Fields {
  const server = {
    REGION: s3.region ?? find('AWS_REGION'),
    ENDPOINT: s3.endpoint,
    URL_STYLE: s3.urlStyle,
    USE_SSL: s3.useSsl,
  };
  switch (s3.credentials) {
    case 'environment':
      return {
        KEY_ID: need('AWS_ACCESS_KEY_ID'),
        SECRET: need('AWS_SECRET_ACCESS_KEY'),
        SESSION_TOKEN: find('AWS_SESSION_TOKEN'),
        ...server,
      };
    case 'chain':
      return { PROVIDER: 'credential_chain', ...server };
    case 'none':
      return server;
  }
}

/** https://duckdb.org/docs/stable/core_extensions/azure */
function azureSql(azure: ObjectStorageSettings['azure'], need: (variable: string) => string): string | undefined {
  switch (azure.credentials) {
    case 'environment':
      return create('azure', { CONNECTION_STRING: need('AZURE_STORAGE_CONNECTION_STRING') });
    case 'chain':
      return create('azure', { PROVIDER: 'credential_chain', ACCOUNT_NAME: azure.accountName });
    case 'none':
      return azure.accountName === undefined
        ? undefined
        : create('azure', { PROVIDER: 'config', ACCOUNT_NAME: azure.accountName });
  }
}

type Fields = Readonly<Record<string, string | boolean | undefined>>;

function create(type: string, fields: Fields): string {
  const given = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [`${name} ${typeof value === 'string' ? literal(value) : String(value)}`];
  });
  return `CREATE SECRET storage (${[`TYPE ${type}`, ...given].join(', ')})`;
}

export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
