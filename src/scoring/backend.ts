import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients that core alone does not have.
import '@tensorflow/tfjs-layers';
import { ProblemError } from '../domain/index.ts';
import { patchWasmMatMul } from './wasm-matmul.ts';

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

type Attempt =
  | { readonly kind: 'ready'; readonly device: string }
  | { readonly kind: 'unavailable'; readonly why: string };

/**
 * Sets the first backend that really works. A GPU backend counts only with a GPU: tfjs-node-gpu loads without CUDA and
 * then computes on the CPU, and WebGPU may offer a software adapter that is slower than WASM.
 * @throws ProblemError USAGE when the preferred backend cannot run here.
 */
export async function chooseBackend(options: { readonly preference?: BackendName } = {}): Promise<Backend> {
  const { preference } = options;
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
  throw new ProblemError({
    code: 'USAGE',
    severity: 'error',
    place: { kind: 'none' },
    message: `The backend ${preference ?? ''} cannot run here: ${passedOver.at(-1)?.why ?? 'unknown'}.`,
    remedy: 'Leave --backend out to take the best one that works, or see docs/models.md for what each one needs.',
  });
}

async function tryBackend(name: BackendName, isForced: boolean): Promise<Attempt> {
  try {
    switch (name) {
      case 'tfjs-node-gpu':
        return await tryTensorflow(['@tensorflow/tfjs-node-gpu'], true);
      case 'tfjs-node':
        return await tryTensorflow(['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'], false);
      case 'webgpu':
        return await tryWebGpu(isForced);
      case 'wasm':
        return await tryWasm();
      case 'cpu':
        await import('@tensorflow/tfjs-backend-cpu');
        return (await tf.setBackend('cpu'))
          ? { kind: 'ready', device: 'plain JavaScript' }
          : unavailable('it did not start');
    }
  } catch (error) {
    return unavailable(firstLine(error));
  }
}

function unavailable(why: string): Attempt {
  return { kind: 'unavailable', why };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 160);
}

/** Optional packages are imported by a computed name: they may be absent, and types must not need them. */
async function importOptional(packageName: string): Promise<unknown> {
  try {
    createRequire(import.meta.url).resolve(packageName);
  } catch {
    return undefined;
  }
  return import(packageName);
}

async function tryTensorflow(packages: readonly string[], needsGpu: boolean): Promise<Attempt> {
  shimRemovedUtil();
  for (const packageName of packages) {
    const loaded = await importOptional(packageName);
    if (loaded === undefined) continue;
    if (!(await tf.setBackend('tensorflow'))) return unavailable('its native library did not start');
    const isGpu = listsGpu(tf.backend());
    if (needsGpu && !isGpu) return unavailable('it loaded, and lists no GPU (no CUDA libraries or no device)');
    return { kind: 'ready', device: isGpu ? 'CUDA' : 'TensorFlow on the CPU' };
  }
  return unavailable('not installed');
}

function listsGpu(backend: unknown): boolean {
  const isGpu: unknown =
    typeof backend === 'object' && backend !== null && 'isGPUPackage' in backend ? backend.isGPUPackage : false;
  const usesGpu: unknown =
    typeof backend === 'object' && backend !== null && 'isUsingGpuDevice' in backend ? backend.isUsingGpuDevice : false;
  return isGpu === true && usesGpu === true;
}

/** tfjs-node 4.22 calls two functions that Node 23 removed (tensorflow/tfjs#8425 is merged and not released). */
function shimRemovedUtil(): void {
  const util: { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean } =
    createRequire(import.meta.url)('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= (value) => Array.isArray(value);
}

interface WebGpuModule {
  readonly create: (options: readonly string[]) => {
    requestAdapter(options: object): Promise<{
      readonly info: { readonly isFallbackAdapter?: boolean; readonly description?: string; readonly device?: string };
    } | null>;
  };
  readonly globals: object;
}

async function tryWebGpu(acceptsSoftware: boolean): Promise<Attempt> {
  const loaded = (await importOptional('webgpu')) as WebGpuModule | undefined;
  if (loaded === undefined) return unavailable('the package webgpu is not installed');
  Object.assign(globalThis, loaded.globals);
  const gpu = loaded.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return unavailable('no Vulkan adapter');
  const isSoftware = adapter.info.isFallbackAdapter === true;
  if (isSoftware && !acceptsSoftware) return unavailable('only a software adapter, slower than WASM');
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node' },
    configurable: true,
    writable: true,
  });
  await import('@tensorflow/tfjs-backend-webgpu');
  // Without an adapter setBackend falls to another backend in silence.
  if (!(await tf.setBackend('webgpu')) || tf.getBackend() !== 'webgpu') return unavailable('it did not start');
  await tf.ready();
  return { kind: 'ready', device: adapter.info.description || adapter.info.device || 'Vulkan' };
}

async function tryWasm(): Promise<Attempt> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${path.dirname(entry)}/`);
  if (!(await tf.setBackend('wasm'))) return unavailable('it did not start');
  await tf.ready();
  patchWasmMatMul();
  return { kind: 'ready', device: 'WebAssembly with SIMD, one thread' };
}
