/**
 * How the name of a pod continues after `<workload name>-`, by kind. A part that Kubernetes draws at random is
 * written in lower-case letters without vowels and digits (k8s.io/apimachinery/pkg/util/rand, SafeEncodeString), so
 * that an ordinary word is not taken for one.
 */
export function isPodSuffix(kind: string, suffix: string): boolean {
  const shape = shapes.get(kind);
  return shape === undefined ? suffix.split('-').every(isRandomOrNumber) : shape(suffix);
}

/** Kinds that wrap other kinds: any pod under their name is theirs unless a narrower kind claims it. */
export function isWrappingKind(kind: string): boolean {
  return wrappingKinds.has(kind);
}

const wrappingKinds: ReadonlySet<string> = new Set(['HelmRelease', 'Application', 'Kustomization', 'ApplicationSet']);

/** Looks drawn at random: has a digit, or no vowel. */
function isRandom(part: string, lengthMin: number, lengthMax: number): boolean {
  if (part.length < lengthMin || part.length > lengthMax || !/^[a-z0-9]+$/.test(part)) return false;
  return /\d/.test(part) || !/[aeiou]/.test(part);
}

function isRandomOrNumber(part: string): boolean {
  return /^\d+$/.test(part) || isRandom(part, 5, 10);
}

const random5 = (suffix: string): boolean => isRandom(suffix, 5, 5);

/** `<pod-template-hash>-<5>`; the hash is up to ten characters. */
function isReplicaSetPod(suffix: string): boolean {
  const [hash = '', end = '', ...rest] = suffix.split('-');
  return rest.length === 0 && isRandom(hash, 5, 10) && /^[a-z0-9]{5}$/.test(end);
}

/** `<5>` or, for an indexed Job, `<index>-<5>`. */
function isJobPod(suffix: string): boolean {
  const parts = suffix.split('-');
  return random5(parts.at(-1) ?? '') && parts.slice(0, -1).every((part) => /^\d+$/.test(part)) && parts.length <= 2;
}

/** The Job is named after its scheduled time in minutes (in seconds before Kubernetes 1.21). */
function isCronJobPod(suffix: string): boolean {
  const time = /^\d{8,10}-/.exec(suffix)?.[0];
  return time !== undefined && isJobPod(suffix.slice(time.length));
}

const matching =
  (pattern: RegExp) =>
  (suffix: string): boolean =>
    pattern.test(suffix);

const isKubeflowPod = matching(/^(master|worker|chief|ps|evaluator|launcher)-/);
const isRayPod = matching(/^(.+-)?(head|worker)(-.+)?$/);

const shapes: ReadonlyMap<string, (suffix: string) => boolean> = new Map([
  ['Deployment', isReplicaSetPod],
  ['Rollout', isReplicaSetPod],
  ['ReplicaSet', random5],
  ['ReplicationController', random5],
  ['DaemonSet', random5],
  ['StatefulSet', matching(/^\d+$/)],
  ['Job', isJobPod],
  ['CronJob', isCronJobPod],
  // https://kserve.github.io/website: <name>-predictor-<revision>-deployment-<hash>-<5> or <name>-predictor-<hash>-<5>
  ['InferenceService', matching(/^(predictor|transformer|explainer)(-|$)/)],
  ['PyTorchJob', isKubeflowPod],
  ['TFJob', isKubeflowPod],
  ['MPIJob', isKubeflowPod],
  ['XGBoostJob', isKubeflowPod],
  ['PaddleJob', isKubeflowPod],
  ['JAXJob', isKubeflowPod],
  ['RayCluster', isRayPod],
  ['RayService', isRayPod],
  // The submitter is a Kubernetes Job of the RayJob's name.
  ['RayJob', (suffix: string): boolean => isRayPod(suffix) || isJobPod(suffix)],
  ['LeaderWorkerSet', matching(/^\d+(-\d+)?$/)],
  // <name>-<replicated job>-<job index>-<pod index>-<5>
  ['JobSet', matching(/^.+-\d+-\d+-[a-z0-9]{5}$/)],
  ['TrainJob', matching(/^.+-\d+-\d+-[a-z0-9]{5}$/)],
  ['Notebook', matching(/^\d+$/)],
  ...[...wrappingKinds].map((kind): [string, (suffix: string) => boolean] => [kind, () => true]),
]);

/** A pod's name with its random and numbered end replaced: pods of one controller have one pattern. */
export function podPattern(pod: string): string {
  const parts = pod.split('-');
  let kept = isReplicaSetPod(parts.slice(-2).join('-')) ? parts.length - 2 : parts.length;
  while (kept > 1 && isRandomOrNumber(parts[kept - 1] ?? '')) kept -= 1;
  return kept === parts.length || kept === 0 ? pod : `${parts.slice(0, kept).join('-')}-*`;
}
