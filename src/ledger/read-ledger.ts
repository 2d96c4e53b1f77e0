import { stat } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ProblemError } from '../domain/index.ts';
import { openError } from './open-error.ts';

/** A ledger that can be asked and not changed. */
export interface ReadOnlyLedger {
  readonly connection: DuckDBConnection;
  readonly path: string;
  close(): void;
}

/**
 * Opens a ledger for questions. SQL reaches the ledger's tables and nothing else: no files, no network, no extensions.
 * @throws ProblemError LEDGER_LOCKED or LEDGER_UNREADABLE.
 */
export async function openLedgerForReading(options: {
  readonly path: string;
  readonly memoryLimitMib?: number;
}): Promise<ReadOnlyLedger> {
  const file = path.resolve(options.path);
  const exists = await stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (!exists) {
    throw new ProblemError({
      code: 'LEDGER_UNREADABLE',
      severity: 'error',
      place: { kind: 'file', path: file },
      message: 'There is no ledger of this name.',
      remedy: 'Name the folder that a scan wrote to with --out, or scan first.',
    });
  }
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(file, {
      access_mode: 'READ_ONLY',
      threads: '2',
      memory_limit: `${options.memoryLimitMib ?? 1024}MiB`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    const opened = instance;
    const connection = await opened.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return {
      connection,
      path: file,
      close: () => {
        connection.closeSync();
        opened.closeSync();
      },
    };
  } catch (error) {
    instance?.closeSync();
    throw openError(file, error);
  }
}
