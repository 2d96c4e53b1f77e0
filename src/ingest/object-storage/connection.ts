import { existsSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { extensionMissing, unreachable } from './problems.ts';
import { literal, secretSql } from './secret-sql.ts';
import { storeOf, type ObjectStorageSettings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A DuckDB of its own that can reach the network, and holds nothing but secrets: the ledger's never can. */
export interface StorageConnection {
  readonly connection: DuckDBConnection;
  /** One line of an error, without secrets. */
  describe(error: unknown): string;
  close(): void;
}

/** Opens the storage of an address. @throws StorageUnreachable without its extension or its credentials. */
export async function openStorage(
  address: string,
  settings: ObjectStorageSettings,
  options: {
    readonly environment: Environment;
    readonly temporaryDirectory: string;
    readonly memoryLimitMib: number;
  },
): Promise<StorageConnection> {
  const secrets: string[] = [];
  const describe = (error: unknown): string => {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line).slice(0, 400);
  };
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: `${options.memoryLimitMib}MiB`,
    temp_directory: options.temporaryDirectory,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(settings.extensionDirectory === undefined ? {} : { extension_directory: settings.extensionDirectory }),
  });
  const connection = await instance.connect();
  const close = (): void => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    await connection.run(`SET TimeZone = 'UTC'`);
    for (const name of extensionsOf(address, settings)) {
      await load(connection, name, settings).catch((error: unknown) => {
        throw extensionMissing(address, name, describe(error));
      });
    }
    const find = (variable: string): string | undefined => {
      const value = options.environment[variable]?.trim() ?? '';
      if (value === '') return undefined;
      secrets.push(value);
      return value;
    };
    const secret = secretSql(address, settings, find);
    if (secret !== undefined) {
      await connection.run(secret).catch((error: unknown) => {
        throw unreachable(
          address,
          `the credentials are refused (${describe(error)})`,
          'Check objectStorage in flyball.yml, and the role or the variables that it names.',
        );
      });
    }
    return { connection, describe, close };
  } catch (error) {
    close();
    throw error;
  }
}

function extensionsOf(address: string, { s3 }: ObjectStorageSettings): readonly string[] {
  switch (storeOf(address)) {
    case 's3':
      return s3.credentials === 'chain' ? ['httpfs', 'aws'] : ['httpfs'];
    case 'gcs':
      return ['httpfs'];
    case 'azure':
      return ['azure'];
    case undefined:
      return [];
  }
}

async function load(
  connection: DuckDBConnection,
  name: string,
  { extensionDirectory, installExtensions }: ObjectStorageSettings,
): Promise<void> {
  const file = path.join(extensionDirectory ?? '', `${name}.duckdb_extension`);
  if (extensionDirectory !== undefined && existsSync(file)) {
    await connection.run(`LOAD ${literal(file)}`);
    return;
  }
  if (installExtensions) await connection.run(`INSTALL ${name}`);
  await connection.run(`LOAD ${name}`);
}
