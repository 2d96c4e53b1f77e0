import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSync } from 'oxc-parser';

/** Which rooms a room may import from; the files directly in src/ compose and may import any. */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  schema: ['domain'],
  config: ['domain', 'schema'],
  catalogue: ['domain', 'schema'],
  policy: ['domain', 'schema'],
  ledger: ['domain'],
  ingest: ['domain', 'ledger', 'schema', 'catalogue'],
  gitops: ['domain'],
  scoring: ['domain'],
  recommend: ['domain', 'scoring', 'catalogue'],
  github: [],
  pullrequest: ['domain', 'gitops'],
  commands: ['domain', 'pullrequest'],
  report: ['domain', 'ledger', 'pullrequest'],
  check: ['domain', 'catalogue', 'gitops', 'policy', 'pullrequest', 'recommend', 'report'],
  jobs: ['domain'],
  server: ['domain', 'jobs'],
};

export interface LayerModule {
  /** Relative to the repository's root, such as `src/domain/money.ts`. */
  readonly file: string;
  readonly imports: readonly { readonly specifier: string; readonly line: number }[];
}

/** Parses every module below a folder and lists what it imports, type-only and dynamic imports included. */
export async function readLayers(root: string): Promise<readonly LayerModule[]> {
  const names = await readdir(root, { recursive: true });
  const files = names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(root, name.split(path.sep).join('/')));
  return Promise.all(files.toSorted().map(async (file) => parseModule(file, await readFile(file, 'utf8'))));
}

export function parseModule(file: string, source: string): LayerModule {
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  const lineOf = (offset: number): number => source.slice(0, offset).split('\n').length;
  const imports = [
    ...module.staticImports.map((item) => ({ specifier: item.moduleRequest.value, line: lineOf(item.start) })),
    ...module.staticExports.flatMap((item) =>
      item.entries.flatMap((entry) =>
        entry.moduleRequest === null ? [] : [{ specifier: entry.moduleRequest.value, line: lineOf(item.start) }],
      ),
    ),
    ...module.dynamicImports.map((item) => ({
      specifier: source.slice(item.moduleRequest.start, item.moduleRequest.end).replaceAll(/^['"`]|['"`]$/g, ''),
      line: lineOf(item.start),
    })),
  ];
  return { file, imports };
}

/** One line for each forbidden import: `src/domain/x.ts:3 imports ../gitops/index.ts: domain may import nothing`. */
export function findLayerViolations(modules: readonly LayerModule[]): readonly string[] {
  return modules.flatMap((module) =>
    module.imports.flatMap(({ specifier, line }) => {
      if (!specifier.startsWith('.')) return [];
      const target = path.posix.join(path.posix.dirname(module.file), specifier);
      const from = roomOf(module.file);
      const to = roomOf(target);
      if (from === undefined || from === to) return [];
      const place = `${module.file}:${line} imports ${specifier}`;
      if (to === undefined) return [`${place}: a room may not import what composes it`];
      const allowed = allowedImports[from];
      if (allowed === undefined) return [`${place}: the room ${from} is not in scripts/layers.ts`];
      if (!allowed.includes(to)) return [`${place}: ${from} may import ${allowed.join(', ') || 'nothing'}`];
      const isIndex = /^src\/(ingest\/)?[^/]+\/index\.ts$/.test(target);
      return isIndex ? [] : [`${place}: import ${to} through its index.ts`];
    }),
  );
}

function roomOf(file: string): string | undefined {
  const parts = file.split('/');
  return parts[0] === 'src' && parts.length > 2 ? parts[1] : undefined;
}
