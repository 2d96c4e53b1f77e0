import { createReadStream } from 'node:fs';
import readline from 'node:readline';
import { firstBytes, lastBytes, listedProblemsMax } from '../source-files/index.ts';

/** How much of a file is looked at to find the keys of its objects. */
const sampleBytes = 2 ** 20;

/** The keys of the first objects of a JSON file, or of all objects in one document; undefined when the text is no JSON. */
export async function jsonKeys(file: string): Promise<readonly string[] | undefined> {
  const bytes = await firstBytes(file, sampleBytes);
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (!/^\s*\{/.test(text)) return undefined;
  const lines = text.split('\n');
  const whole = bytes.length < sampleBytes ? lines : lines.slice(0, -1);
  const objects = whole.flatMap((line) => parseObject(line) ?? []);
  if (objects.length > 1) return [...new Set(objects.flatMap((object) => Object.keys(object)))];
  // One object over many lines, or on one line that is too long: every key in it, at whatever depth.
  const nested = [...text.matchAll(/"(\w{1,64})"\s*:/g)].map((match) => match[1] ?? '');
  return [...new Set(objects.length === 1 ? [...Object.keys(objects[0] ?? {}), ...nested] : nested)];
}

export interface BadLines {
  readonly count: number;
  /** The first ones, from 1. */
  readonly listed: readonly number[];
  /** The last line is one of them and has no line end: the file was cut. */
  readonly endsInMidLine: boolean;
}

/** Finds the lines that hold no JSON object; blank ones are none. Reads the whole file. */
export async function findBadLines(file: string): Promise<BadLines> {
  const listed: number[] = [];
  let count = 0;
  let line = 0;
  let lastIsBad = false;
  for await (const text of readline.createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line += 1;
    lastIsBad = text.trim() !== '' && parseObject(text) === undefined;
    if (!lastIsBad) continue;
    count += 1;
    if (listed.length < listedProblemsMax) listed.push(line);
  }
  return { count, listed, endsInMidLine: lastIsBad && (await lastBytes(file, 1)).toString() !== '\n' };
}

function parseObject(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
