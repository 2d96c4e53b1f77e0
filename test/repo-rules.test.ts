import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findLayerViolations, parseModule, readLayers } from '../scripts/layers.ts';
import { heldBackReasons, noVerdictReasons, notEditableReasons, problemCodes } from '../src/domain/index.ts';

async function sourceFiles(root: string): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.ts')).toSorted();
  return Promise.all(
    names.map(async (name) => ({ file: path.join(root, name), text: await readFile(path.join(root, name), 'utf8') })),
  );
}

describe('layers', () => {
  test('every import of src/ is read and none goes against the flow', async () => {
    const modules = await readLayers('src');

    expect(modules.length).toBeGreaterThan(30);
    expect(modules.reduce((sum, module) => sum + module.imports.length, 0)).toBeGreaterThan(100);
    expect(findLayerViolations(modules)).toEqual([]);
  });

  test.each([
    ["import type { Draft } from '../recommend/draft.ts';", 'domain may import nothing'],
    ["export { guard } from '../recommend/index.ts';", 'domain may import nothing'],
    ["const later = await import('../recommend/index.ts');", 'domain may import nothing'],
    ["import { main } from '../cli.ts';", 'a room may not import what composes it'],
  ])('%s is refused in the domain', (source, message) => {
    expect(findLayerViolations([parseModule('src/domain/example.ts', source)])).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test("another room's inside is refused even where the room itself is allowed", () => {
    const module = parseModule('src/recommend/example.ts', "import { usd } from '../domain/money.ts';");

    expect(findLayerViolations([module])).toEqual([expect.stringContaining('through its index.ts')]);
  });
});

describe('banned calls', () => {
  test.each([
    [/\bDate\.now\(|new Date\(\)/, 'take the clock as an argument', ['src/cli.ts']],
    [/\bMath\.random\(/, 'take a seeded generator as an argument', []],
    [/\bexecSync\(|\bexec\(['"`]|shell:\s*true/, 'never a shell: spawn the program with an argument list', []],
    [/\bTODO\b|\bFIXME\b|\bXXX\b/, 'do it, or write it into an issue', []],
  ] as const)('%s: %s', async (pattern, _, except) => {
    const offenders = (await sourceFiles('src'))
      .filter(({ file }) => !except.some((allowed) => path.normalize(allowed) === file))
      .filter(({ text }) => pattern.test(text))
      .map(({ file }) => file);

    expect(offenders).toEqual([]);
  });
});

describe('closed unions are documented member by member', () => {
  test.each([
    ['docs/errors.md', problemCodes],
    ['docs/recommendations.md', [...noVerdictReasons, ...heldBackReasons]],
    ['docs/gitops.md', notEditableReasons],
  ] as const)('%s', async (file, members) => {
    const headings = new Set(
      [...(await readFile(file, 'utf8')).matchAll(/^#{2,4} `?([\w-]+)`?\s*$/gm)].map((match) => match[1]),
    );

    expect(members.filter((member) => !headings.has(member))).toEqual([]);
  });
});
