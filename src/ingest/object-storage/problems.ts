import { ProblemError, type Problem } from '../../domain/index.ts';

/** Nothing of an address can be read. */
export class StorageUnreachable extends ProblemError {}

export function unreachable(address: string, what: string, remedy: string): StorageUnreachable {
  return new StorageUnreachable({
    code: 'SOURCE_UNREACHABLE',
    severity: 'error',
    place: { kind: 'file', path: address },
    message: `The object storage gives nothing: ${what}. What was fetched before still counts; what is newer is missing, so that the cost shown is too low.`,
    remedy,
  });
}

export function extensionMissing(address: string, name: string, what: string): StorageUnreachable {
  return unreachable(
    address,
    `DuckDB's extension ${name} cannot be loaded (${what})`,
    `Put ${name}.duckdb_extension of this DuckDB version into objectStorage.extensionDirectory, or set objectStorage.installExtensions.`,
  );
}

export function credentialMissing(address: string, variable: string): StorageUnreachable {
  return unreachable(
    address,
    `the environment variable ${variable}, which should hold its credentials, is not set`,
    'Set it, or choose other credentials in objectStorage of flyball.yml; docs/configuration.md lists them.',
  );
}

export function objectUnreadable(address: string, what: string): Problem {
  return {
    code: 'BILLING_FILE_UNREADABLE',
    severity: 'error',
    place: { kind: 'file', path: address },
    message: `The object cannot be fetched: ${what}. What was fetched of it before still counts.`,
    remedy: 'Check that it is whole and that the credentials may read it.',
  };
}

export function objectTooLarge(address: string, mebibytes: number, mebibytesMax: number): Problem {
  return {
    code: 'BILLING_FILE_UNREADABLE',
    severity: 'error',
    place: { kind: 'file', path: address },
    message: `The object has ${mebibytes} MiB; of objects that are not Parquet at most ${mebibytesMax} MiB (a quarter of ledger.memoryLimitMib) are fetched, as they come in one piece. Nothing of it is read.`,
    remedy: 'Export Parquet, which has no such limit, or smaller files; or raise ledger.memoryLimitMib.',
  };
}

export function nothingFound(address: string): Problem {
  return {
    code: 'BILLING_FILE_UNREADABLE',
    severity: 'error',
    place: { kind: 'file', path: address },
    message: 'No object lies under this address, so nothing is read from it.',
    remedy: 'Check the bucket, the prefix and the pattern in billing.path.',
  };
}
