/** How DuckDB gets at object storage; only what the operator allows. */
export interface ObjectStorageSettings {
  /** Where `httpfs.duckdb_extension` and so on lie; undefined: DuckDB's own folder. */
  readonly extensionDirectory: string | undefined;
  /** Whether DuckDB may download extensions that are not there. */
  readonly installExtensions: boolean;
  readonly s3: {
    readonly region: string | undefined;
    /** Host and port of a server that is not Amazon's. */
    readonly endpoint: string | undefined;
    readonly urlStyle: 'vhost' | 'path';
    readonly useSsl: boolean;
    readonly credentials: Credentials;
  };
  readonly gcs: { readonly endpoint: string | undefined; readonly credentials: Exclude<Credentials, 'chain'> };
  readonly azure: { readonly accountName: string | undefined; readonly credentials: Credentials };
}

/** `environment`: the provider's usual variables; `chain`: the machine's own role, a profile and so on. */
export type Credentials = 'environment' | 'chain' | 'none';

type Store = 's3' | 'gcs' | 'azure';

const stores: Readonly<Record<string, Store>> = { 's3:': 's3', 'gs:': 'gcs', 'az:': 'azure', 'abfss:': 'azure' };

/** Which kind of storage an address names; undefined for a path on this machine. */
export function storeOf(address: string): Store | undefined {
  const scheme = /^[a-z0-9]+:(?=\/\/)/.exec(address)?.[0];
  return scheme === undefined ? undefined : stores[scheme];
}
