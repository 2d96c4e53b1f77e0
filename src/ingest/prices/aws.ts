import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { PriceKind } from '../../catalogue/index.ts';
import { ProblemError, type Progress } from '../../domain/index.ts';
import { readRows } from '../../ledger/index.ts';
import { priceListUnreachable, type AskOptions, type PriceList } from './ask.ts';
import type { PriceRow } from './price-rows.ts';

/** Lines of metadata before the header of a price list file. */
const metadataLines = 5;

/**
 * Linux prices of AWS's bulk price list, region by region: on demand, and standard reservations without upfront payment.
 * A region's file has some hundred MiB; it is streamed to disk and read there by DuckDB. Spot prices are not in it.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
 * @throws ProblemError SOURCE_UNREACHABLE.
 */
export async function awsPrices(
  list: PriceList,
  asked: { readonly instanceTypes: readonly string[]; readonly regions: readonly string[] },
  options: AskOptions & { readonly progress: Progress; readonly temporaryDirectory: string },
): Promise<readonly PriceRow[]> {
  const scratch = await mkdtemp(path.join(options.temporaryDirectory, 'prices-'));
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '512MiB', temp_directory: scratch });
  const connection = await instance.connect();
  try {
    const rows: PriceRow[] = [];
    for (const [index, region] of asked.regions.entries()) {
      const address = `/offers/v1.0/aws/AmazonEC2/current/${region}/index.csv`;
      const file = path.join(scratch, 'index.csv');
      await download({ url: list.url, path: address, file }, (mebibytes) =>
        options.progress.step(index, asked.regions.length, `${region}: ${mebibytes} MiB`),
      );
      const found = await readRows(connection, priceSql, { file, types: asked.instanceTypes.join(' ') }).catch(
        (error: unknown) => {
          const [what = ''] = String(error instanceof Error ? error.message : error).split('\n');
          throw priceListUnreachable(list.url, address, `it is no price list (${what.slice(0, 200)})`);
        },
      );
      for (const row of found) {
        rows.push({
          instanceType: row.text('instance_type'),
          region,
          kind: row.text('kind') as PriceKind,
          usdPerHour: row.number('usd_per_hour'),
        });
      }
    }
    return rows;
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(scratch, { recursive: true, force: true });
  }
}

const priceSql = `
  SELECT "Instance Type" AS instance_type, CAST("PricePerUnit" AS DOUBLE) AS usd_per_hour,
    CASE WHEN "TermType" = 'OnDemand' THEN 'on-demand'
      WHEN "LeaseContractLength" = '1yr' THEN 'reserved-1y' ELSE 'reserved-3y' END AS kind
  FROM read_csv($file, skip = ${metadataLines}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
    max_line_size = 4194304)
  WHERE list_contains(string_split($types, ' '), "Instance Type")
    AND "Tenancy" = 'Shared' AND "Operating System" = 'Linux' AND "Pre Installed S/W" = 'NA'
    AND "CapacityStatus" = 'Used' AND "Currency" = 'USD' AND "Unit" = 'Hrs'
    AND CAST("PricePerUnit" AS DOUBLE) > 0
    AND ("TermType" = 'OnDemand' OR ("TermType" = 'Reserved' AND "OfferingClass" = 'standard'
      AND "PurchaseOption" = 'No Upfront' AND "LeaseContractLength" IN ('1yr', '3yr')))`;

const stalledAfterMs = 60_000;

/** Ends when nothing has come for a minute. */
async function download(
  source: { readonly url: string; readonly path: string; readonly file: string },
  tell: (mebibytes: number) => void,
): Promise<void> {
  const stalled = new AbortController();
  const watch = setTimeout(() => stalled.abort(), stalledAfterMs);
  let bytes = 0;
  try {
    const answer = await fetch(`${source.url}${source.path}`, { redirect: 'error', signal: stalled.signal });
    if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status}`);
    const counting = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        watch.refresh();
        const before = bytes >> 20;
        bytes += chunk.length;
        if (bytes >> 20 > before) tell(bytes >> 20);
        done(null, chunk);
      },
    });
    await pipeline(answer.body, counting, createWriteStream(source.file));
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const what = stalled.signal.aborted ? 'nothing came for a minute' : reasonOf(error);
    throw priceListUnreachable(source.url, source.path, what);
  } finally {
    clearTimeout(watch);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
