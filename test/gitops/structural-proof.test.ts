import { describe, expect, test } from 'vitest';
import type { LeverKind, LeverValue } from '../../src/domain/index.ts';
import { openStructuralProver, takeInventory } from '../../src/gitops/index.ts';
import { aSnapshot, deployment, theLever, theWorkload, withLeverSet } from './temporary-repository.ts';

const kustomization = (...lines: readonly string[]): string =>
  ['apiVersion: kustomize.config.k8s.io/v1beta1', 'kind: Kustomization', ...lines, ''].join('\n');

/** Proves an edit of one lever; `over` replaces what Flyball would write. */
async function proofOf(
  files: Readonly<Record<string, string>>,
  id: string,
  change: { readonly lever: LeverKind; readonly to: LeverValue; readonly over?: Readonly<Record<string, string>> },
) {
  const snapshot = await aSnapshot(files);
  const inventory = await takeInventory(snapshot);
  const edited = change.over ?? withLeverSet(files, theLever(inventory, id, change.lever), change.to);
  const changed = Object.keys(edited).filter((file) => files[file] !== edited[file]);
  const prover = await openStructuralProver(snapshot);
  return prover.prove(new Map(changed.map((file) => [file, edited[file] ?? ''])), [
    { workload: theWorkload(inventory, id).id, lever: change.lever, to: change.to, fields: 1 },
  ]);
}

const files = {
  'base/kustomization.yaml': kustomization('resources:', '- clip.yaml', '- whisper.yaml'),
  'base/clip.yaml': deployment('clip', { replicas: '6' }),
  'base/whisper.yaml': deployment('whisper', { replicas: '2' }),
  'overlays/eu/kustomization.yaml': kustomization('resources:', '- ../../base', 'namespace: ml'),
  'overlays/us/kustomization.yaml': kustomization('resources:', '- ../../base', 'namespace: ml'),
};

describe('an edit is proven when the cluster gets exactly what is meant', () => {
  test('and the change is told as the cluster gets it, wherever it is written', async () => {
    expect(await proofOf(files, 'eu/ml/Deployment/clip', { lever: 'replicas', to: 3 })).toMatchObject({
      kind: 'proven',
      changes: [{ cluster: 'eu', object: 'Deployment ml/clip', path: ['spec', 'replicas'], before: 6, after: 3 }],
    });
  });

  test('with an autoscaler its bound moves', async () => {
    const scaled = {
      'a.yaml': deployment('clip'),
      'b.yaml':
        'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: clip}\n' +
        'spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: clip}\n  minReplicas: 4\n  maxReplicas: 8\n',
    };

    expect(await proofOf(scaled, 'default/default/Deployment/clip', { lever: 'minReplicas', to: 2 })).toMatchObject({
      kind: 'proven',
      changes: [{ object: 'HorizontalPodAutoscaler default/clip', path: ['spec', 'minReplicas'], after: 2 }],
    });
  });

  test("in a release's values, which are no object of their own", async () => {
    const release = {
      'a.yaml':
        'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: dlrm}\nspec:\n  values:\n    replicaCount: 4\n',
    };

    expect(await proofOf(release, 'default/default/HelmRelease/dlrm', { lever: 'replicas', to: 2 })).toMatchObject({
      kind: 'proven',
      changes: [{ object: 'HelmRelease default/dlrm', path: ['spec', 'values', 'replicaCount'] }],
    });
  });
});

describe('an edit is refused', () => {
  const id = 'eu/ml/Deployment/clip';

  test('when it moves the same workload of another environment', async () => {
    const over = { ...files, 'base/clip.yaml': deployment('clip', { replicas: '3' }) };

    expect(await proofOf(files, id, { lever: 'replicas', to: 3, over })).toEqual({
      kind: 'refused',
      detail: 'the edit would also change replicas of us/ml/Deployment/clip',
    });
  });

  test('when it moves another field of an object', async () => {
    const over = {
      ...files,
      'overlays/eu/kustomization.yaml': `${files['overlays/eu/kustomization.yaml']}replicas: [{name: clip, count: 3}]\ncommonAnnotations: {a: b}\n`,
    };

    expect(await proofOf(files, id, { lever: 'replicas', to: 3, over })).toMatchObject({
      kind: 'refused',
      detail: expect.stringMatching(/the edit would also change metadata\.annotations.* in eu/),
    });
  });

  test('when the lever does not get its value', async () => {
    const over = {
      ...files,
      'overlays/eu/kustomization.yaml': `${files['overlays/eu/kustomization.yaml']}replicas: [{name: klip, count: 3}]\n`,
    };

    expect(await proofOf(files, id, { lever: 'replicas', to: 3, over })).toEqual({
      kind: 'refused',
      detail: 'after the edit replicas of eu/ml/Deployment/clip would be 6, not 3',
    });
  });

  test('when a workload is gone, or the file cannot be read any more', async () => {
    const gone = { ...files, 'base/whisper.yaml': '# moved\n' };
    const broken = { ...files, 'base/clip.yaml': 'kind: Deployment\n\tx: [' };

    expect(await proofOf(files, id, { lever: 'replicas', to: 3, over: gone })).toMatchObject({
      kind: 'refused',
      detail: 'the edit would add or remove a workload',
    });
    expect(await proofOf(files, id, { lever: 'replicas', to: 3, over: broken })).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('is not valid YAML'),
    });
  });
});
