import { describe, expect, test } from 'vitest';
import { findLever } from '../../src/domain/index.ts';
import { anInventory, deployment, theLever, theWorkload, told } from './temporary-repository.ts';

const id = 'default/ml/Deployment/clip';
const clip = deployment('clip', { replicas: '6', namespace: 'ml' });

describe('a VerticalPodAutoscaler', () => {
  const vpa = (mode: string): string =>
    `apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: v, namespace: ml}\nspec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: clip}${mode}}\n`;

  test.each([
    ['without a mode', ''],
    ['that recreates pods', ', updatePolicy: {updateMode: Recreate}'],
    ['that sets new pods', ', updatePolicy: {updateMode: Initial}'],
  ])('%s manages the requests and leaves the count alone', async (_, mode) => {
    const inventory = await anInventory({ 'a.yaml': clip, 'b.yaml': vpa(mode) });

    expect(theWorkload(inventory, id).alsoManagedBy).toEqual([
      {
        kind: 'VerticalPodAutoscaler',
        name: 'v',
        fields: [
          'containers.*.resources.requests.cpu',
          'containers.*.resources.requests.memory',
          'containers.*.resources.limits.cpu',
          'containers.*.resources.limits.memory',
        ],
      },
    ]);
    expect(theLever(inventory, id, 'replicas')).toMatchObject({ current: 6, field: { kind: 'editable' } });
  });

  test('that only recommends manages nothing', async () => {
    const inventory = await anInventory({ 'a.yaml': clip, 'b.yaml': vpa(', updatePolicy: {updateMode: "Off"}') });

    expect(theWorkload(inventory, id).alsoManagedBy).toEqual([]);
  });

  test('of another namespace manages nothing here', async () => {
    const inventory = await anInventory({ 'a.yaml': clip, 'b.yaml': vpa('').replace('namespace: ml', 'namespace: x') });

    expect(theWorkload(inventory, id).alsoManagedBy).toEqual([]);
  });
});

describe('a Rollout of another object’s pods', () => {
  const rollout = (scaleDown: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: clip-rollout, namespace: ml}\nspec: {replicas: 4, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: clip${scaleDown}}}\n`;

  test('asks for what those pods ask for, and leaves their levers to that object', async () => {
    const inventory = await anInventory({ 'a.yaml': clip, 'b.yaml': rollout('') });

    const own = theWorkload(inventory, 'default/ml/Rollout/clip-rollout');
    expect(own).toMatchObject({ gpu: { perReplica: 1 }, instanceType: 'g6.xlarge', replicas: 4 });
    expect(own.levers.map(({ kind }) => kind)).toEqual(['replicas']);
    expect(theLever(inventory, id, 'gpuCount').field).toMatchObject({ kind: 'editable' });
    expect(theWorkload(inventory, id).alsoManagedBy).toEqual([]);
  });

  test('that scales that object down owns its count', async () => {
    const inventory = await anInventory({ 'a.yaml': clip, 'b.yaml': rollout(', scaleDown: onsuccess') });

    expect(theWorkload(inventory, id).alsoManagedBy).toEqual([
      { kind: 'Rollout', name: 'clip-rollout', fields: ['spec.replicas'] },
    ]);
  });

  test('whose object is not in the repository asks for nothing that is known', async () => {
    const inventory = await anInventory({ 'b.yaml': rollout('') });

    expect(theWorkload(inventory, 'default/ml/Rollout/clip-rollout').gpu).toEqual({ kind: 'none' });
  });
});

describe('Kueue', () => {
  const job = (labels: string): string =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: {name: train, namespace: ml${labels}}\nspec: {suspend: true, template: {spec: {containers: [{name: a}]}}}\n`;

  test('suspends and resumes the jobs of its queues, so that Git does not pause them', async () => {
    const inventory = await anInventory({ 'a.yaml': job(', labels: {kueue.x-k8s.io/queue-name: team}') });

    expect(theWorkload(inventory, 'default/ml/Job/train')).toMatchObject({
      alsoManagedBy: [{ kind: 'LocalQueue', name: 'team', fields: ['spec.suspend'] }],
      pause: undefined,
    });
  });

  test('manages what a CronJob makes, and not the CronJob', async () => {
    const text =
      'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: n, namespace: ml, labels: {kueue.x-k8s.io/queue-name: team}}\nspec: {schedule: "0 3 * * *"}\n';
    const workload = theWorkload(await anInventory({ 'a.yaml': text }), 'default/ml/CronJob/n');

    expect(workload).toMatchObject({ alsoManagedBy: [], pause: { lever: 'suspend', pausedValue: true } });
  });

  test('leaves other jobs alone', async () => {
    const workload = theWorkload(await anInventory({ 'a.yaml': job('') }), 'default/ml/Job/train');

    expect(workload).toMatchObject({ alsoManagedBy: [], pause: { lever: 'suspend', pausedValue: true } });
  });
});

describe('a pause that Git carries as an annotation', () => {
  test('of a ScaledObject holds the count: it is the lever, whatever the bounds say', async () => {
    const inventory = await anInventory({
      'a.yaml': clip,
      'b.yaml':
        'apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata:\n  name: s\n  namespace: ml\n  annotations:\n    autoscaling.keda.sh/paused-replicas: "2"\nspec: {scaleTargetRef: {name: clip}, minReplicaCount: 3, maxReplicaCount: 9}\n',
    });

    expect(theWorkload(inventory, id)).toMatchObject({
      replicas: 2,
      autoscaler: { kind: 'ScaledObject', name: 's' },
      pause: { lever: 'replicas', pausedValue: 0 },
    });
    expect(told(theLever(inventory, id, 'replicas'))).toBe('manifest b.yaml:7:42 = 2');
    expect(findLever(theWorkload(inventory, id), 'minReplicas')).toBeUndefined();
  });

  test('of an InferenceService stops it in every deployment mode', async () => {
    const service = (annotations: string): string =>
      `apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: s, namespace: ml, annotations: {serving.kserve.io/deploymentMode: Standard${annotations}}}\nspec: {predictor: {minReplicas: 1, model: {}}}\n`;
    const stoppable = await anInventory({ 'a.yaml': service(', serving.kserve.io/stop: "false"') });
    const other = await anInventory({ 'a.yaml': service('') });

    const serviceId = 'default/ml/InferenceService/s';
    expect(theWorkload(stoppable, serviceId).pause).toEqual({ lever: 'suspend', pausedValue: true });
    expect(theLever(stoppable, serviceId, 'suspend')).toMatchObject({ current: false, field: { kind: 'editable' } });
    expect(theWorkload(other, serviceId).pause).toBeUndefined();
  });
});
