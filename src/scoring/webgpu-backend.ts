import { importOptional, switchBackend, unavailable, type BackendAttempt } from './backend-attempt.ts';

/** What is used of the npm package `webgpu` (Dawn for Node). */
interface WebGpuModule {
  readonly create: (options: readonly string[]) => {
    requestAdapter(options: object): Promise<{
      readonly info: { readonly isFallbackAdapter?: boolean; readonly description?: string; readonly device?: string };
    } | null>;
  };
  readonly globals: object;
}

/** Starts WebGPU on a real adapter; on a software one, which is slower than WASM, only when that is accepted. */
export async function startWebGpu(acceptsSoftware: boolean): Promise<BackendAttempt> {
  const loaded = await importOptional('webgpu');
  if (loaded === undefined) return unavailable('webgpu is not installed');
  if (!isWebGpuModule(loaded)) return unavailable('the package webgpu has no `create` and `globals`; 0.6 has');
  Object.assign(globalThis, loaded.globals);
  const gpu = loaded.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return unavailable('there is no Vulkan adapter');
  const isSoftware = adapter.info.isFallbackAdapter === true;
  if (isSoftware && !acceptsSoftware) return unavailable('only a software adapter, slower than WASM');
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node' },
    configurable: true,
    writable: true,
  });
  await import('@tensorflow/tfjs-backend-webgpu');
  await switchBackend('webgpu');
  const description = adapter.info.description || adapter.info.device || 'Vulkan';
  return { kind: 'ready', device: isSoftware ? `${description} (software)` : description };
}

function isWebGpuModule(loaded: unknown): loaded is WebGpuModule {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'create' in loaded &&
    typeof loaded.create === 'function' &&
    'globals' in loaded &&
    typeof loaded.globals === 'object'
  );
}
