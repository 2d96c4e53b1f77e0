import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { firstLine, importOptional, switchBackend, unavailable, type BackendAttempt } from './backend-attempt.ts';

/** Starts the first of the packages that loads. Without CUDA libraries tfjs-node-gpu computes on the CPU. */
export async function startTensorflow(packages: readonly string[], needsGpu: boolean): Promise<BackendAttempt> {
  shimRemovedUtil();
  const failures: string[] = [];
  for (const packageName of packages) {
    try {
      if ((await importOptional(packageName)) === undefined) {
        failures.push(`${packageName} is not installed`);
        continue;
      }
      await switchBackend('tensorflow');
      const isGpu = listsGpu(tf.backend());
      if (needsGpu && !isGpu) return unavailable('it loads, and lists no GPU (no CUDA libraries or no device)');
      return { kind: 'ready', device: isGpu ? 'CUDA' : 'TensorFlow on the CPU' };
    } catch (error) {
      failures.push(`${packageName} cannot be loaded: ${firstLine(error)}`);
    }
  }
  return unavailable(failures.join(', '));
}

function listsGpu(backend: unknown): boolean {
  return (
    typeof backend === 'object' &&
    backend !== null &&
    'isGPUPackage' in backend &&
    backend.isGPUPackage === true &&
    'isUsingGpuDevice' in backend &&
    backend.isUsingGpuDevice === true
  );
}

/** tfjs-node 4.22 calls two functions that Node 23 removed (tensorflow/tfjs#8425 is merged and not released). */
function shimRemovedUtil(): void {
  const util: { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean } =
    createRequire(import.meta.url)('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= (value) => Array.isArray(value);
}
