import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Pseudo-random numbers from 0 to 1 by a seed (mulberry32): the same repository every time. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const workload = (name: string, replicas: number, gpus: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app.kubernetes.io/name: ${name} # as the dashboards want it
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
    spec:
      nodeSelector:
        node.kubernetes.io/instance-type: g6.xlarge
      containers:
        - name: server
          image: registry.example.com/${name}:v1.2.3
          env:
            - name: MODEL
              value: "s3://models/${name}"
          resources:
            requests: { cpu: "2", memory: 16Gi }
            limits: { memory: 16Gi, nvidia.com/gpu: ${gpus} }
`;

const release = (name: string, replicas: number): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
spec:
  interval: 30m
  chart:
    spec:
      chart: ${name}
      version: 4.1.2
      sourceRef: { kind: HelmRepository, name: charts, namespace: flux-system }
  values:
    replicaCount: ${replicas}
    image: { tag: v2.0.1 }
    resources:
      limits:
        nvidia.com/gpu: 1
`;

/** What real repositories hold beside workloads, each about as long as there. */
const others: readonly ((name: string) => string)[] = [
  (name) =>
    `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  selector:\n    app.kubernetes.io/name: ${name}\n  ports:\n    - name: http\n      port: 80\n      targetPort: http\n`,
  (name) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  config.yaml: |\n${Array.from({ length: 40 }, (_, line) => `    key_${line}: "value ${line} of ${name}"`).join('\n')}\n`,
  (name) =>
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: ${name}\n  annotations:\n    cert-manager.io/cluster-issuer: letsencrypt\nspec:\n  rules:\n    - host: ${name}.example.com\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend: { service: { name: ${name}, port: { name: http } } }\n`,
  (name) =>
    `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: ${name}\nspec:\n  refreshInterval: 1h\n  secretStoreRef: { kind: ClusterSecretStore, name: vault }\n  target: { name: ${name} }\n  data:\n    - secretKey: token\n      remoteRef: { key: ${name}, property: token }\n`,
  (name) =>
    `apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n  name: ${name}\nspec:\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: ${name}\n  endpoints:\n    - port: http\n      interval: 30s\n`,
  (name) =>
    `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: ${name}\nrules:\n  - apiGroups: [""]\n    resources: [pods, configmaps]\n    verbs: [get, list, watch]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: ${name}\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name} }\nsubjects: [{ kind: ServiceAccount, name: ${name} }]\n`,
  (name) =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: ${name}\nspec:\n  podSelector: { matchLabels: { app.kubernetes.io/name: ${name} } }\n  ingress:\n    - from:\n        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress } }\n`,
];

const crd = (name: string): string =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: ${name}.example.com\nspec:\n  versions:\n    - name: v1\n      schema:\n        openAPIV3Schema:\n          properties:\n${Array.from({ length: 400 }, (_, field) => `            field${field}:\n              description: Field ${field} of ${name}, with a sentence about what it does.\n              type: string\n`).join('')}`;

/**
 * A repository of about so many YAML files, as a fleet has it: for each app a base, an overlay, a Flux Kustomization, and
 * twice as many files that have nothing to do with replicas or GPUs. One commit.
 */
export function generateRepository(root: string, manifests: number, seed = 1): void {
  const random = randomNumbers(seed);
  const write = (file: string, text: string): void => {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  const progress = { written: 0 };
  const put = (file: string, text: string): void => {
    write(file, text);
    progress.written += 1;
  };
  const kustomization = (...lines: readonly string[]): string =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${lines.join('\n')}\n`;
  for (let app = 0; progress.written < manifests; app += 1) {
    const name = `app-${app}`;
    const isRelease = random() < 0.3;
    const extras = Array.from({ length: 9 }, (_, index) => others[(app + index) % others.length] ?? others[0]);
    const names = extras.map((_, index) => `extra-${index}.yaml`);
    put(
      `apps/${name}/base/kustomization.yaml`,
      kustomization('resources:', ...['main.yaml', ...names].map((file) => `  - ${file}`)),
    );
    put(
      `apps/${name}/base/main.yaml`,
      isRelease
        ? release(name, 1 + Math.floor(random() * 8))
        : workload(name, 1 + Math.floor(random() * 8), 1 + Math.floor(random() * 4)),
    );
    for (const [index, text] of extras.entries()) put(`apps/${name}/base/extra-${index}.yaml`, text?.(name) ?? '');
    const cluster = random() < 0.5 ? 'prod-eu' : 'prod-us';
    put(`apps/${name}/${cluster}/kustomization.yaml`, kustomization('namespace: ml', 'resources:', '  - ../base'));
    put(
      `clusters/${cluster}/${name}.yaml`,
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 10m\n  path: ./apps/${name}/${cluster}\n  prune: true\n  sourceRef: { kind: GitRepository, name: fleet }\n`,
    );
    if (app % 100 === 0) put(`crds/${name}.yaml`, crd(name));
  }
  commitAll(root, 'Fleet', 'init');
}

/** Changes one file in a hundred, and commits. */
export function changeOneInHundred(root: string, manifests: number): void {
  for (let app = 0; app < manifests / 14; app += 8) {
    const file = path.join(root, `apps/app-${app}/base/extra-1.yaml`);
    writeFileSync(file, `# changed\n${others[(app + 1) % others.length]?.(`app-${app}`) ?? ''}`);
    const main = path.join(root, `apps/app-${app}/base/main.yaml`);
    if (app % 16 === 0) writeFileSync(main, workload(`app-${app}`, 3, 2));
  }
  commitAll(root, 'One in a hundred', 'commit');
}

function commitAll(root: string, message: string, first: 'init' | 'commit'): void {
  const git = (...args: readonly string[]): void => {
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', '-c', 'gc.auto=0', ...args], {
      cwd: root,
      stdio: 'pipe',
    });
  };
  if (first === 'init') git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', `--message=${message}`);
  // As every clone is.
  git('repack', '-adq');
}
