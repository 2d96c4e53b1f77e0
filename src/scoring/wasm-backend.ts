import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { switchBackend, type BackendAttempt } from './backend-attempt.ts';
import { patchWasmMatMul } from './wasm-matmul.ts';

/** Starts the WASM backend, which every machine has. */
export async function startWasm(): Promise<BackendAttempt> {
  const { getThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${path.dirname(entry)}/`);
  await withoutNewCrashHandlers(() => switchBackend('wasm'));
  patchWasmMatMul();
  const hasSimd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true;
  const threads = getThreadsCount();
  return {
    kind: 'ready',
    device: `WebAssembly ${hasSimd ? 'with' : 'without'} SIMD, ${threads === 1 ? 'one thread' : `${threads} threads`}`,
  };
}

/**
 * Emscripten's start-up code adds handlers of uncaught exceptions and rejections that throw them again from inside its
 * own minified file: any later crash would print 20 kB of that file instead of the place of the mistake.
 */
async function withoutNewCrashHandlers(work: () => Promise<void>): Promise<void> {
  const exceptions = process.listeners('uncaughtException');
  const rejections = process.listeners('unhandledRejection');
  try {
    await work();
  } finally {
    for (const added of process.listeners('uncaughtException'))
      if (!exceptions.includes(added)) process.off('uncaughtException', added);
    for (const added of process.listeners('unhandledRejection'))
      if (!rejections.includes(added)) process.off('unhandledRejection', added);
  }
}
