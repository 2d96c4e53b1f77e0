import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients that core alone does not have.
import '@tensorflow/tfjs-layers';
import { ProblemError } from '../domain/index.ts';
import { firstLine, switchBackend, unavailable, type BackendAttempt } from './backend-attempt.ts';
import { startTensorflow } from './tensorflow-backend.ts';
import { startWasm } from './wasm-backend.ts';
import { startWebGpu } from './webgpu-backend.ts';

/** The order in which backends are tried. */
export const backendNames = ['tfjs-node-gpu', 'tfjs-node', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** Where tensors are computed, and why there. */
export interface Backend {
  readonly name: BackendName;
  readonly device: string;
  readonly reason: string;
  readonly passedOver: readonly { readonly name: BackendName; readonly why: string }[];
}

/**
 * Sets the first backend that really works. A GPU backend counts only with a GPU: tfjs-node-gpu loads without CUDA and
 * then computes on the CPU, and WebGPU may offer a software adapter that is slower than WASM.
 * @throws ProblemError USAGE when the preferred backend cannot run here.
 */
export async function chooseBackend(options: { readonly preference?: BackendName } = {}): Promise<Backend> {
  const { preference } = options;
  // Keeps tfjs's advertisements and warnings off the terminal. Its errors are thrown all the same.
  tf.enableProdMode();
  const passedOver: { readonly name: BackendName; readonly why: string }[] = [];
  for (const name of preference === undefined ? backendNames : [preference]) {
    const attempt = await tryBackend(name, preference !== undefined);
    if (attempt.kind === 'ready') {
      const better = passedOver.map((over) => `${over.name}: ${over.why}`).join('; ');
      const reason =
        preference === undefined ? (better === '' ? 'the first choice' : `passed over ${better}`) : 'as asked';
      return { name, device: attempt.device, reason, passedOver };
    }
    passedOver.push({ name, why: attempt.why });
  }
  throw cannotRun(
    preference,
    passedOver.map(({ name, why }) => (name === preference ? why : `${name}: ${why}`)),
  );
}

function cannotRun(preference: BackendName | undefined, reasons: readonly string[]): ProblemError {
  return new ProblemError({
    code: 'USAGE',
    severity: 'error',
    place: { kind: 'none' },
    message: `${preference === undefined ? 'No backend can' : `The backend ${preference} cannot`} run here: ${reasons.join('; ')}.`,
    remedy: 'Leave --backend out to take the best one that works, or see docs/models.md for what each one needs.',
  });
}

async function tryBackend(name: BackendName, isForced: boolean): Promise<BackendAttempt> {
  try {
    const attempt = await start(name, isForced);
    if (attempt.kind === 'unavailable' || (await computes())) return attempt;
    return unavailable('it starts, and computes wrong numbers');
  } catch (error) {
    return unavailable(firstLine(error));
  }
}

async function start(name: BackendName, isForced: boolean): Promise<BackendAttempt> {
  switch (name) {
    case 'tfjs-node-gpu':
      return startTensorflow(['@tensorflow/tfjs-node-gpu'], true);
    case 'tfjs-node':
      return startTensorflow(['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'], false);
    case 'webgpu':
      return startWebGpu(isForced);
    case 'wasm':
      return startWasm();
    case 'cpu':
      await import('@tensorflow/tfjs-backend-cpu');
      await switchBackend('cpu');
      return { kind: 'ready', device: 'plain JavaScript' };
  }
}

/** Tries a small product whose result is known: a driver can start and then compute nonsense. */
async function computes(): Promise<boolean> {
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([1, 1, 1, 1], [2, 2])));
  const values = await product.data();
  product.dispose();
  return Array.from(values).join() === '3,3,7,7';
}
