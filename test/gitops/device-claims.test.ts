import { expect, test } from 'vitest';
import { anInventory, theLever, theWorkload, told } from './temporary-repository.ts';

const id = 'default/ml/Deployment/llm';

function deployment(claims: string, container = '{name: main}'): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: llm, namespace: ml}
spec:
  replicas: 2
  template:
    spec:
      resourceClaims: ${claims}
      containers: [${container}]
`;
}

function template(requests: string, version = 'v1', name = 'gpus'): string {
  return `apiVersion: resource.k8s.io/${version}
kind: ResourceClaimTemplate
metadata: {name: ${name}, namespace: ml}
spec: {spec: {devices: {requests: ${requests}}}}
`;
}

const claim = '[{name: gpu, resourceClaimTemplateName: gpus}]';

test.each([
  ['v1', '[{name: gpu, exactly: {deviceClassName: gpu.nvidia.com, count: 4}}]', 'gpu.nvidia.com', 4],
  ['v1beta2', '[{name: gpu, exactly: {deviceClassName: gpu.nvidia.com}}]', 'gpu.nvidia.com', 1],
  ['v1beta1', '[{name: gpu, deviceClassName: mig.nvidia.com, count: 2}]', 'mig.nvidia.com', 2],
  [
    'v1',
    '[{name: a, exactly: {deviceClassName: gpu.nvidia.com}}, {name: b, exactly: {deviceClassName: gpu.nvidia.com}}]',
    'gpu.nvidia.com',
    2,
  ],
])('GPUs claimed by a template of %s are counted: %s', async (version, requests, resourceName, perReplica) => {
  const inventory = await anInventory({ 'a.yaml': deployment(claim), 'b.yaml': template(requests, version) });

  expect(theWorkload(inventory, id).gpu).toEqual({ kind: 'devices', resourceName, perReplica });
  expect(theLever(inventory, id, 'gpuCount').current).toBe(perReplica);
  expect(told(theLever(inventory, id, 'gpuCount'))).toBe(`unsupported-value (${perReplica})`);
  expect(told(theLever(inventory, id, 'replicas'))).toContain('= 2');
});

test.each([
  [
    'a template that is not there',
    '[{name: gpu, resourceClaimTemplateName: other}]',
    '[{name: g, exactly: {deviceClassName: gpu.nvidia.com}}]',
  ],
  [
    'a claim that pods share',
    '[{name: gpu, resourceClaimName: gpus}]',
    '[{name: g, exactly: {deviceClassName: gpu.nvidia.com}}]',
  ],
  ['a class that may be anything', claim, '[{name: g, exactly: {deviceClassName: fast.example.com}}]'],
  ['every device of a node', claim, '[{name: g, exactly: {deviceClassName: gpu.nvidia.com, allocationMode: All}}]'],
])('%s is no count of GPUs', async (_, claims, requests) => {
  const inventory = await anInventory({ 'a.yaml': deployment(claims), 'b.yaml': template(requests) });

  expect(theWorkload(inventory, id).gpu).toEqual({ kind: 'none' });
});

test('a device plugin’s resource beside a claim decides', async () => {
  const container = '{name: main, resources: {limits: {nvidia.com/gpu: 1}}}';
  const text = template('[{name: g, exactly: {deviceClassName: gpu.nvidia.com, count: 8}}]');
  const inventory = await anInventory({ 'a.yaml': deployment(claim, container), 'b.yaml': text });

  expect(theWorkload(inventory, id).gpu).toEqual({ kind: 'devices', resourceName: 'nvidia.com/gpu', perReplica: 1 });
  expect(theLever(inventory, id, 'gpuCount').field.kind).toBe('editable');
});
