import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

/** What came of starting a backend. */
export type BackendAttempt =
  | { readonly kind: 'ready'; readonly device: string }
  | { readonly kind: 'unavailable'; readonly why: string };

export function unavailable(why: string): BackendAttempt {
  return { kind: 'unavailable', why };
}

/** An error as one short line. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 160);
}

/**
 * Makes a registered backend the current one.
 * @throws Error with the reason when it cannot start: `tf.setBackend` says only that it did not, and may take another.
 */
export async function switchBackend(name: string): Promise<void> {
  if ((await tf.setBackend(name)) && tf.getBackend() === name) return tf.ready();
  await tf.findBackendFactory(name)?.();
  throw new Error('it did not start');
}

/**
 * Imports a package that may be absent, by a computed name, so that types do not need it; undefined when it is not
 * installed.
 */
export async function importOptional(packageName: string): Promise<unknown> {
  try {
    createRequire(import.meta.url).resolve(packageName);
  } catch (error) {
    // A package for `import` alone cannot be resolved for `require`, and is there.
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
  }
  return import(packageName);
}
