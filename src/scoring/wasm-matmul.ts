import * as tf from '@tensorflow/tfjs-core';

interface MatMulArguments {
  readonly inputs: { readonly a: tf.TensorInfo; readonly b: tf.TensorInfo };
  readonly backend: { disposeData(dataId: object): unknown };
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}

/**
 * Makes the wasm backend's gradients fast: its BatchMatMul takes a scalar loop when an operand is transposed, which every
 * dense gradient is. Transposing first lets both go through the SIMD path: about twice as fast to train, same numbers.
 * Relies on tfjs 4.22's kernel registry; a test compares the gradients with the cpu backend's.
 */
export function patchWasmMatMul(): void {
  const matMul = tf.getKernel('BatchMatMul', 'wasm');
  const transpose = tf.getKernel('Transpose', 'wasm');
  if (matMul === undefined || transpose === undefined || isPatched) return;
  isPatched = true;
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    ...matMul,
    kernelFunc: (call) => {
      const { inputs, backend, attrs } = call as unknown as MatMulArguments;
      const temporary: tf.TensorInfo[] = [];
      const transposed = (x: tf.TensorInfo): tf.TensorInfo => {
        const perm = x.shape.map((_, axis) => axis);
        const last = perm.length - 1;
        [perm[last], perm[last - 1]] = [last - 1, last];
        const result = transpose.kernelFunc({ inputs: { x }, backend, attrs: { perm } });
        const tensor = Array.isArray(result) ? result[0] : result;
        if (tensor === undefined) throw new Error('Transpose gave no tensor');
        temporary.push(tensor);
        return tensor;
      };
      const product = matMul.kernelFunc({
        inputs: {
          a: attrs.transposeA ? transposed(inputs.a) : inputs.a,
          b: attrs.transposeB ? transposed(inputs.b) : inputs.b,
        },
        backend,
        attrs: { transposeA: false, transposeB: false },
      });
      for (const tensor of temporary) backend.disposeData(tensor.dataId);
      return product;
    },
  });
}

let isPatched = false;
