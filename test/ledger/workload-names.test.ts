import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { podPattern } from '../../src/ledger/attribution/pod-shapes.ts';
import { WorkloadNames } from '../../src/ledger/attribution/workload-names.ts';
import { aWorkload } from './worlds.ts';

const place = { cluster: 'prod', namespace: 'inference' };

function owner(kind: string, name: string, pod: string): boolean {
  return new WorkloadNames([aWorkload({ kind, name })]).find({ ...place, name: pod, kind: '' }) === 0;
}

test.each([
  ['Deployment', 'clip', 'clip-6d4f9c7b8-x7k2p'],
  ['Rollout', 'clip', 'clip-6d4f9c7b8-x7k2p'],
  ['StatefulSet', 'vector-db', 'vector-db-11'],
  ['DaemonSet', 'agent', 'agent-x7k2p'],
  ['Job', 'train', 'train-x7k2p'],
  ['Job', 'train', 'train-12-x7k2p'],
  ['CronJob', 'nightly', 'nightly-29021760-x7k2p'],
  ['CronJob', 'nightly', 'nightly-29021760-0-x7k2p'],
  ['InferenceService', 'llama', 'llama-predictor-00001-deployment-6d4f9c7b8-x7k2p'],
  ['PyTorchJob', 'bert', 'bert-master-0'],
  ['PyTorchJob', 'bert', 'bert-worker-3'],
  ['RayCluster', 'ray', 'ray-head-x7k2p'],
  ['RayCluster', 'ray', 'ray-gpu-group-worker-x7k2p'],
  ['RayService', 'serve', 'serve-raycluster-x7k2p-gpu-group-worker-kz4x7'],
  ['RayJob', 'tune', 'tune-x7k2p'],
  ['LeaderWorkerSet', 'vllm', 'vllm-0-1'],
  ['JobSet', 'sweep', 'sweep-workers-0-1-x7k2p'],
  ['HelmRelease', 'triton', 'triton-inference-server-6d4f9c7b8-x7k2p'],
  ['Application', 'triton', 'triton-0'],
  ['Pod', 'debug', 'debug'],
  ['SeldonDeployment', 'iris', 'iris-0-6d4f9c7b8-x7k2p'],
])('a %s named %s owns the pod %s', (kind, name, pod) => {
  expect(owner(kind, name, pod)).toBe(true);
});

test.each([
  ['Deployment', 'clip', 'clip-server-6d4f9c7b8-x7k2p'],
  ['Deployment', 'clip', 'clip-server-x7k2p'],
  ['Deployment', 'clip', 'clipper-6d4f9c7b8-x7k2p'],
  ['StatefulSet', 'db', 'db-main-0'],
  ['Job', 'train', 'train-model'],
  ['CronJob', 'nightly', 'nightly-x7k2p'],
  ['InferenceService', 'llama', 'llama-6d4f9c7b8-x7k2p'],
  ['PyTorchJob', 'bert', 'bert-0'],
  ['SeldonDeployment', 'iris', 'iris-gateway-6d4f9c7b8-x7k2p'],
])('a %s named %s does not own the pod %s', (kind, name, pod) => {
  expect(owner(kind, name, pod)).toBe(false);
});

describe('among several workloads', () => {
  test('the longest fitting name wins over wrappers and shorter names', () => {
    const names = new WorkloadNames([
      aWorkload({ kind: 'HelmRelease', name: 'triton' }),
      aWorkload({ kind: 'Deployment', name: 'triton-router' }),
    ]);

    expect(names.find({ ...place, name: 'triton-router-6d4f9c7b8-x7k2p', kind: '' })).toBe(1);
    expect(names.find({ ...place, name: 'triton-server-6d4f9c7b8-x7k2p', kind: '' })).toBe(0);
  });

  test('of one name, the narrower kind wins, then the kind that a tag names, else none', () => {
    const wrapped = new WorkloadNames([aWorkload({ kind: 'HelmRelease', name: 'a' }), aWorkload({ name: 'a' })]);
    const twins = new WorkloadNames([
      aWorkload({ kind: 'ReplicaSet', name: 'a' }),
      aWorkload({ kind: 'Job', name: 'a' }),
    ]);

    expect(wrapped.find({ ...place, name: 'a-6d4f9c7b8-x7k2p', kind: '' })).toBe(1);
    expect(twins.find({ ...place, name: 'a-x7k2p', kind: '' })).toBeUndefined();
    expect(twins.find({ ...place, name: 'a', kind: 'batch/v1-Job' })).toBe(1);
  });

  test('cluster and namespace must agree, and without a cluster label the name must be unique', () => {
    const names = new WorkloadNames([aWorkload(), aWorkload({ cluster: 'staging' }), aWorkload({ name: 'only' })]);
    const pod = (name: string, cluster: string, namespace = 'inference') => ({ name, cluster, namespace, kind: '' });

    expect(names.find(pod('clip-server-6d4f9c7b8-x7k2p', 'staging'))).toBe(1);
    expect(names.find(pod('clip-server-6d4f9c7b8-x7k2p', 'prod', 'other'))).toBeUndefined();
    expect(names.find(pod('clip-server-6d4f9c7b8-x7k2p', ''))).toBeUndefined();
    expect(names.find(pod('only-6d4f9c7b8-x7k2p', ''))).toBe(2);
  });

  test('a name that Kubernetes cut at 63 characters still finds its Deployment', () => {
    const name = 'a-very-long-name-for-a-language-model-server-in-production';
    const pod = `${`${name}-6d4f9c7b8-`.slice(0, 58)}x7k2p`;

    expect(pod).toHaveLength(63);
    expect(owner('Deployment', name, pod)).toBe(true);
  });
});

test('pods of one controller have one pattern', () => {
  expect(podPattern('clip-6d4f9c7b8-x7k2p')).toBe('clip-*');
  expect(podPattern('nightly-29021760-x7k2p')).toBe('nightly-*');
  expect(podPattern('debug-shell')).toBe('debug-shell');
  expect(podPattern('x7k2p')).toBe('x7k2p');
});

test('a Deployment owns every pod that Kubernetes can name for it, and no other Deployment does', () => {
  const word = fc.stringMatching(/^[a-z]([a-z0-9]{0,8}[a-z])?$/);
  const random = (lengthMin: number, lengthMax: number) =>
    fc.string({
      unit: fc.constantFrom(...'bcdfghjklmnpqrstvwxz2456789'.split('')),
      minLength: lengthMin,
      maxLength: lengthMax,
    });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), random(8, 10), random(5, 5), (words, hash, end) => {
      const name = words.join('-');
      const names = new WorkloadNames([aWorkload({ name }), aWorkload({ name: `${name}-x` })]);

      expect(names.find({ ...place, name: `${name}-${hash}-${end}`, kind: '' })).toBe(0);
      expect(names.find({ ...place, name: `${name}-x-${hash}-${end}`, kind: '' })).toBe(1);
    }),
  );
});
