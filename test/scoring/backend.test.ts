import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** Runs a module in its own process, because backends belong to the process; the exit code does not matter. */
async function run(source: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const program = `import { chooseBackend } from './src/scoring/index.ts';\n${source}`;
  const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env;
  const command = ['--import', 'tsx', '--input-type=module', '--eval', program];
  return promisify(execFile)(process.execPath, command, { cwd: root, env }).catch(
    (failure: { readonly stdout: string; readonly stderr: string }) => failure,
  );
}

describe('a process that chose a backend', () => {
  test('prints nothing of its own accord', async () => {
    const { stdout, stderr } = await run(`
      await chooseBackend({ preference: 'cpu' });
      await chooseBackend();
      console.log('done');`);

    expect({ stdout, stderr }).toEqual({ stdout: 'done\n', stderr: '' });
  }, 60_000);

  test('shows the place of a later crash, not the minified source of the wasm module', async () => {
    const { stderr } = await run(`
      await chooseBackend({ preference: 'wasm' });
      setTimeout(() => { throw new Error('planted crash'); }, 0);`);

    expect(stderr).toContain('planted crash');
    expect(stderr.length).toBeLessThan(2000);
  }, 60_000);

  test('says which package an absent backend needs', async () => {
    const { stdout } = await run(`
      await chooseBackend({ preference: 'webgpu' }).then(
        () => console.log('ran'),
        ({ problem }) => console.log(problem.code, problem.message),
      );`);

    expect(stdout).toMatch(/^ran|^USAGE The backend webgpu cannot run here: .+/);
  }, 60_000);
});
