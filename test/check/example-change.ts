import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFleetRepository } from '../../examples/demo.ts';
import { git } from '../scan/fleet.ts';

/** Replaces text in a file, which must hold it. */
export function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}

export const growPaths = {
  captions: 'apps/caption-server/overlays/prod-us/replicas.json',
  clip: 'apps/clip-server/overlays/prod-us/replicas.yaml',
  llama: 'apps/llama-chat/overlays/prod-us/hpa.yaml',
  video: 'apps/caption-images/prod-us/caption-video.yaml',
} as const;

/** What a person does to the example fleet in one pull request. */
export function grow(fleet: string): void {
  edit(path.join(fleet, growPaths.captions), '"value": 4', '"value": 6');
  edit(path.join(fleet, growPaths.clip), 'replicas: 6 ', 'replicas: 10 ');
  edit(path.join(fleet, growPaths.llama), 'maxReplicas: 16', 'maxReplicas: 24');
  const job = readFileSync(path.join(fleet, 'apps/caption-images/prod-us/cronjob.yaml'), 'utf8');
  const [, cronJob = ''] = job.split(/^---\n(?=apiVersion: batch)/m);
  writeFileSync(path.join(fleet, growPaths.video), cronJob.replaceAll('caption-images', 'caption-video'));
  edit(
    path.join(fleet, 'apps/caption-images/prod-us/kustomization.yaml'),
    '  - cronjob.yaml',
    '  - cronjob.yaml\n  - caption-video.yaml',
  );
}

/** The example fleet on `main`, and the change on `grow`, which began a commit before main's newest one. */
export async function anExampleChange(folder: string): Promise<string> {
  const fleet = await makeFleetRepository(path.join(folder, 'fleet'));
  git(fleet, 'checkout', '--quiet', '-b', 'grow');
  grow(fleet);
  // A change decides nothing of how it is judged.
  writeFileSync(path.join(fleet, '.github/flyball.yml'), 'policies: [nowhere]\nignore: ["*/*/*/*"]\n');
  edit(path.join(fleet, 'policies/multimodal-gpu-cost-cap.yaml'), 'monthly: 10000', 'monthly: 10000000');
  git(fleet, 'add', '--all');
  git(fleet, 'commit', '--quiet', '--message=Grow');
  git(fleet, 'checkout', '--quiet', 'main');
  edit(
    path.join(fleet, 'apps/rerank-bge/base/statefulset.yaml'),
    'name: rerank-bge',
    'name: rerank-bge # renamed soon',
  );
  git(fleet, 'commit', '--quiet', '--all', '--message=Meanwhile');
  return fleet;
}
