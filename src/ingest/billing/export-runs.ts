import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Problem } from '../../domain/index.ts';
import { periodFolder } from './export-folder.ts';
import { readManifests, type RunManifest } from './export-manifest.ts';
import { runIncomplete } from './problems.ts';

/** The files of one export and period, run by run; the newest run comes first and replaces the others. */
export type PeriodRuns = readonly (readonly string[])[];

interface Run {
  readonly files: readonly string[];
  readonly isCurrent: boolean;
  readonly writtenAtMs: number;
  readonly missing: readonly string[];
}

/**
 * Providers write a period anew every day, each run into a folder (or a file) of its own. Which is the newest is told by
 * the manifest that names the current one, else by the time in the manifest or the folder's name, else by the files'
 * time of change. A run that lacks files of its manifest comes after the whole ones.
 */
export async function groupRuns(
  files: readonly string[],
): Promise<{ readonly periods: readonly PeriodRuns[]; readonly problems: readonly Problem[] }> {
  const periods = new Map<string, Map<string, string[]>>();
  const single: PeriodRuns[] = [];
  for (const file of files) {
    const place = runOf(file);
    if (place === undefined) {
      single.push([[file]]);
      continue;
    }
    const runs = periods.get(place.period) ?? new Map<string, string[]>();
    periods.set(place.period, runs);
    runs.set(place.run, [...(runs.get(place.run) ?? []), file]);
  }
  const grouped: PeriodRuns[] = [];
  const problems: Problem[] = [];
  for (const [period, runs] of periods) {
    const described = await Promise.all([...runs].map(([run, members]) => describeRun(period, run, members)));
    const ranked = described.toSorted(
      (left, right) =>
        Number(left.missing.length > 0) - Number(right.missing.length > 0) ||
        Number(right.isCurrent) - Number(left.isCurrent) ||
        right.writtenAtMs - left.writtenAtMs,
    );
    grouped.push(ranked.map((run) => run.files));
    const newest = ranked.toSorted((left, right) => right.writtenAtMs - left.writtenAtMs)[0];
    if (newest !== undefined && newest.missing.length > 0) {
      problems.push(
        runIncomplete(path.dirname(newest.files[0] ?? period), {
          missing: newest.missing,
          hasOlder: ranked[0] !== newest,
        }),
      );
    }
  }
  return { periods: [...single, ...grouped], problems };
}

/** An older layout of Azure: each run is one file beside the others. */
const runFile = /_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.(?:csv|csv\.gz|parquet)$/i;

/** A run's folder is named by its id or its time; any other folder, such as `account=1`, is a part of one run. */
const runFolder =
  /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|\d{4}-\d{2}-\d{2}T\d{2}|^\d{12,14}$/i;

/** The folder of the period, and what tells its runs apart. */
function runOf(file: string): { readonly period: string; readonly run: string } | undefined {
  const parts = file.split(path.sep);
  const at = parts.slice(0, -1).findLastIndex((part) => periodFolder.test(part));
  if (at === -1) return undefined;
  const folders = parts.slice(at + 1, -1).filter((part) => runFolder.test(part));
  const name = parts.at(-1) ?? '';
  const run = folders.length === 0 && runFile.test(name) ? name : folders.join(path.sep);
  return { period: parts.slice(0, at + 1).join(path.sep), run };
}

async function describeRun(period: string, run: string, files: readonly string[]): Promise<Run> {
  const manifests = await readManifests(period, path.join(period, run));
  const isNamed = (manifest: RunManifest): boolean => manifest.runId !== '' && run.includes(manifest.runId);
  const own = manifests.find((manifest) => !manifest.isBesideRuns || isNamed(manifest));
  const names = new Set(files.map((file) => path.basename(file)));
  const times = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0));
  return {
    files,
    isCurrent: manifests.some((manifest) => manifest.isBesideRuns && isNamed(manifest)),
    writtenAtMs: own?.submittedAtMs ?? timeInName(run) ?? Math.max(0, ...times),
    missing: (own?.fileNames ?? []).filter((name) => !names.has(name)),
  };
}

/** `2026-10-05T07:00:00.000Z-…` of AWS Data Exports, `202610050700` of Azure; undefined when a name holds no time. */
function timeInName(run: string): number | undefined {
  const iso = /(\d{4}-\d{2}-\d{2})T(\d{2})[:_-]?(\d{2})[:_-]?(\d{2})/.exec(run);
  const compact = /(?:^|[\\/])(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(?:$|[\\/])/.exec(run);
  const text =
    iso === null
      ? compact === null
        ? ''
        : `${compact[1] ?? ''}-${compact[2] ?? ''}-${compact[3] ?? ''}T${compact[4] ?? ''}:${compact[5] ?? ''}:00Z`
      : `${iso[1] ?? ''}T${iso[2] ?? ''}:${iso[3] ?? ''}:${iso[4] ?? ''}Z`;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
