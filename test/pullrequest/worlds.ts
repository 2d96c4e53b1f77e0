import type { Proposal } from '../../src/domain/index.ts';
import { workloadId } from '../../src/domain/index.ts';
import type { DailyChart, PullRequestContext } from '../../src/pullrequest/index.ts';
import {
  aChange,
  aField,
  aFinding,
  aPolicyVerdict,
  aProposal,
  aSaving,
  aWorkload,
  asOf,
  days,
  dollars,
  hostileText,
  windowStart,
} from '../builders.ts';

const diff = `diff --git a/apps/inference/clip-server.yaml b/apps/inference/clip-server.yaml
index b2f4c7a..c7d91e2 100644
--- a/apps/inference/clip-server.yaml
+++ b/apps/inference/clip-server.yaml
@@ -6,7 +6,7 @@ metadata:
   labels:
     app: clip-server # served by team vision
 spec:
-  replicas: 6
+  replicas: 3
   selector:
     matchLabels:
       app: clip-server
`;

export function aDemandChart(): DailyChart {
  return {
    measure: { kind: 'gpu-demand' },
    days: days(28).map((day, index) => ({ day, value: 1.2 + ((index * 7) % 10) / 10 })),
    lines: [
      { kind: 'now', value: 6 },
      { kind: 'proposed', value: 3 },
    ],
  };
}

export function aContext(over: Partial<PullRequestContext> = {}): PullRequestContext {
  return {
    asOf,
    windowStart,
    windowEnd: asOf,
    repository: { name: 'fleet', branch: 'main', commit: '0b1f6f2c9d8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b' },
    model: { name: 'gpu-autoencoder', digest: 'sha256:4f3c2b1a' },
    dataDigest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    diff,
    rendered: {
      changes: [
        {
          cluster: 'prod',
          object: 'Deployment inference/clip-server',
          path: ['spec', 'replicas'],
          before: 6,
          after: 3,
        },
      ],
      checkedBy: ['Flyball', 'kustomize v5.8.0'],
      notRendered: [],
    },
    charts: [aDemandChart()],
    queries: [
      { label: 'GPU hours of the workload', text: 'SELECT hour, gpu_count\nFROM gpu_hours\nWHERE workload = $1' },
    ],
    ...over,
  };
}

/** One proposal of each action. */
export const proposals: Readonly<Record<Proposal['action'], Proposal>> = {
  'scale-down': aProposal(),
  'scale-up': aProposal({
    action: 'scale-up',
    changes: [aChange({ lever: 'minReplicas', from: 2, to: 4, field: aField({ yamlPath: ['spec', 'minReplicas'] }) })],
    reason: 'the median hour keeps 96 % of 2 GPUs busy and 41 requests wait',
    saving: aSaving({
      low: dollars(-460),
      likely: dollars(-420),
      high: dollars(-380),
      basis: 'adds 100 % of the cost',
    }),
    findings: [aFinding({ kind: 'saturation', severity: 'high', summary: '41 requests wait in the median hour' })],
    policyVerdicts: [],
    alternatives: [],
    risk: 'medium',
  }),
  'change-instance-type': aProposal({
    action: 'change-instance-type',
    changes: [
      aChange({
        lever: 'instanceType',
        from: 'p5.48xlarge',
        to: 'g6e.12xlarge',
        field: aField({
          yamlPath: ['spec', 'template', 'spec', 'nodeSelector', 'node.kubernetes.io/instance-type'],
          line: 21,
        }),
      }),
    ],
    reason: 'the cheaper machine fits the highest framebuffer use and the p99 hour',
    saving: aSaving({ kind: 'freed', basis: '92 % of it is paid by a commitment' }),
    anomaly: undefined,
  }),
  pause: aProposal({
    action: 'pause',
    changes: [aChange({ lever: 'suspend', from: false, to: true, field: aField({ yamlPath: ['spec', 'suspend'] }) })],
    reason: 'no GPU of it was busy for 312 hours',
    saving: aSaving({ kind: 'none-yet', basis: 'it gives back 1 of 8 GPUs of a node' }),
    risk: 'high',
    confidenceRatio: 0.095,
  }),
};

/** A proposal whose every text from outside is hostile. */
export function aHostileProposal(text: string = hostileText): Proposal {
  const names = { cluster: text, namespace: text, kind: text, name: text };
  const workload = aWorkload({ ...names, id: workloadId(names), labels: { [text]: text } });
  const field = aField({ path: text, yamlPath: ['spec', text, 0] });
  const evidence = [{ label: text, value: text, source: text }];
  return aProposal({
    workload,
    changes: [aChange({ from: text, to: `${text}2`, field }), aChange({ from: text, to: `${text}3`, field })],
    reason: text,
    saving: aSaving({ basis: text }),
    findings: [aFinding({ summary: text, evidence }), aFinding({ summary: `${text} again`, evidence })],
    evidence,
    alternatives: [{ change: text, savingPerMonth: undefined, whyNot: text }],
    policyVerdicts: [aPolicyVerdict({ policy: text, summary: text, place: { path: text, line: 1, column: 1 } })],
    anomaly: {
      workload: workload.id,
      peakToThreshold: 2,
      peakHour: asOf,
      hoursScored: 10,
      hoursAboveThreshold: 1,
      contributions: [{ feature: text, shareRatio: 1 }],
    },
  });
}

export function aHostileContext(text: string = hostileText): PullRequestContext {
  return aContext({
    repository: { name: text, branch: text, commit: text },
    model: { name: text, digest: text },
    dataDigest: text,
    diff: text,
    queries: [{ label: text, text }],
  });
}
