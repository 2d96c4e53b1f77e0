import {
  type AnomalyScore,
  type CostPolicy,
  type Coverage,
  type PresentField,
  type EpochMs,
  type Finding,
  type HeldBack,
  type Lever,
  type LeverChange,
  type Money,
  type PolicyVerdict,
  type Problem,
  type Proposal,
  type ProposalFingerprint,
  type Saving,
  type Workload,
  epochMs,
  moneyFromDecimal,
  parseUtc,
  usd,
  workloadId,
} from '../src/domain/index.ts';

/** A valid time from its RFC 3339 text. */
export function at(text: string): EpochMs {
  const time = parseUtc(text);
  if (time === undefined) throw new Error(`${text} is not a time`);
  return time;
}

/** The clock of every builder. */
export const asOf: EpochMs = at('2026-11-01T00:00:00Z');
export const windowStart: EpochMs = at('2026-10-04T00:00:00Z');

export function dollars(amount: string | number): Money {
  return moneyFromDecimal(String(amount), usd);
}

/** Midnights from `windowStart` on. */
export function days(count: number): readonly EpochMs[] {
  return Array.from({ length: count }, (_, index) => epochMs(windowStart + index * 86_400_000));
}

export function aField(over: Partial<PresentField> = {}): PresentField {
  return {
    kind: 'present',
    path: 'apps/inference/clip-server.yaml',
    line: 9,
    column: 13,
    blobId: 'b2f4c7a1d0e9384756afbecd0123456789abcdef',
    documentIndex: 0,
    yamlPath: ['spec', 'replicas'],
    start: 160,
    end: 161,
    mechanism: 'manifest',
    ...over,
  };
}

export function aLever(over: Partial<Lever> = {}): Lever {
  return { kind: 'replicas', current: 6, owner: 'manifest', field: { kind: 'editable', field: aField() }, ...over };
}

export function aWorkload(over: Partial<Workload> = {}): Workload {
  const key = {
    cluster: over.cluster ?? 'prod',
    namespace: over.namespace ?? 'inference',
    kind: over.kind ?? 'Deployment',
    name: over.name ?? 'clip-server',
  };
  return {
    ...key,
    id: workloadId(key),
    apiVersion: 'apps/v1',
    labels: { app: 'clip-server', environment: 'production' },
    annotations: {},
    gpu: { kind: 'devices', resourceName: 'nvidia.com/gpu', perReplica: 1 },
    requests: { cpuCores: 8, memoryGib: 64 },
    instanceType: 'p5.48xlarge',
    replicas: 6,
    declaredIn: { path: 'apps/inference/clip-server.yaml', line: 1, column: 1 },
    levers: [aLever()],
    pause: { lever: 'replicas', pausedValue: 0 },
    autoscaler: undefined,
    alsoManagedBy: [],
    ...over,
  };
}

export function aChange(over: Partial<LeverChange> = {}): LeverChange {
  return { lever: 'replicas', from: 6, to: 3, field: aField(), ...over };
}

export function aSaving(over: Partial<Saving> = {}): Saving {
  return {
    low: dollars('1410.25'),
    likely: dollars('1762.40'),
    high: dollars('2011.90'),
    kind: 'cash',
    basis: '50 % of the 28-day mean effective cost, × 730 hours; 3 nodes with 1 GPU can be released',
    ...over,
  };
}

export function aFinding(over: Partial<Finding> = {}): Finding {
  return {
    workload: aWorkload().id,
    kind: 'waste',
    severity: 'medium',
    summary: 'the p99 hour of 28 days keeps 2.1 of 6 GPUs busy',
    evidence: [
      {
        label: 'demand, p99 hour (DCGM_FI_PROF_SM_ACTIVE × GPUs)',
        value: '2.10 GPUs',
        source: 'gpu_hours, workload prod/inference/Deployment/clip-server, 2026-10-04 to 2026-11-01',
      },
    ],
    ...over,
  };
}

export function anAnomalyScore(over: Partial<AnomalyScore> = {}): AnomalyScore {
  return {
    workload: aWorkload().id,
    peakToThreshold: 1.834,
    peakHour: at('2026-10-19T14:00:00Z'),
    hoursScored: 672,
    hoursAboveThreshold: 31,
    contributions: [
      { feature: 'sm_active', shareRatio: 0.52 },
      { feature: 'power_per_gpu', shareRatio: 0.31 },
      { feature: 'cost_per_gpu_hour', shareRatio: 0.17 },
    ],
    ...over,
  };
}

export function aPolicyVerdict(over: Partial<PolicyVerdict> = {}): PolicyVerdict {
  return {
    policy: 'multimodal-gpu-cost-cap',
    place: { path: 'policies/multimodal.yaml', line: 8, column: 3 },
    outcome: 'exceeded',
    summary: '$612 a day is above the threshold of $500',
    ...over,
  };
}

export function aCostPolicy(over: Partial<CostPolicy> = {}): CostPolicy {
  return {
    name: 'multimodal-gpu-cost-cap',
    namespace: 'ai-workloads',
    place: { path: 'policies/multimodal.yaml', line: 8, column: 3 },
    matchLabels: { app: 'clip-server' },
    dailyUsd: 500,
    monthlyUsd: 10_000,
    forecast: undefined,
    action: { type: 'scaleDown', replicaReductionPercentage: 25, minReplicas: 1 },
    escalateTo: { slackChannel: '#ai-finops-alerts', emailGroup: undefined },
    ...over,
  };
}

export function aFingerprint(text = '5f0c7d2e9ab41386'): ProposalFingerprint {
  return text as ProposalFingerprint;
}

export function aProposal(over: Partial<Proposal> = {}): Proposal {
  return {
    fingerprint: aFingerprint(),
    workload: aWorkload(),
    action: 'scale-down',
    changes: [aChange()],
    reason: 'the p99 hour of 28 days keeps 2.1 of 6 GPUs busy',
    saving: aSaving(),
    risk: 'low',
    confidenceRatio: 0.87,
    findings: [aFinding()],
    evidence: [
      { label: 'busy at p99 after the change', value: '70 % (target 75 %)', source: 'replay of 672 hours' },
      { label: 'cost now', value: '$116 a day', source: 'cost_days, effective cost, 28 days' },
    ],
    alternatives: [
      {
        change: 'replicas 6 → 2',
        savingPerMonth: dollars('2350'),
        whyNot: 'the p99 hour would keep 105 % of the GPUs busy, above the target of 75 %',
      },
    ],
    policyVerdicts: [aPolicyVerdict()],
    anomaly: anAnomalyScore(),
    ...over,
  };
}

export function aHeldBack(over: Partial<HeldBack> = {}): HeldBack {
  return {
    workload: aWorkload({ namespace: 'research', name: 'notebook-7' }),
    change: 'replicas 1 → 0',
    reason: 'protected',
    detail: 'it carries flyball.dev/protected: true',
    savingPerMonth: dollars('912'),
    ...over,
  };
}

export function aCoverage(over: Partial<Coverage> = {}): Coverage {
  return {
    windowStart,
    windowEnd: asOf,
    effectiveTotal: dollars('48210.50'),
    effectiveToWorkloads: dollars('41462.10'),
    effectiveIdle: dollars('4338.95'),
    effectiveUnattributed: dollars('2409.45'),
    gpuHoursTotal: 21_504,
    gpuHoursToWorkloads: 18_493.5,
    gpuHoursIdle: 2_150.25,
    gpuHoursUnattributed: 860.25,
    otherCurrencies: [],
    ...over,
  };
}

export function aProblem(over: Partial<Problem> = {}): Problem {
  return {
    code: 'POLICY_UNQUOTED_HASH',
    severity: 'error',
    place: { kind: 'file', path: 'policies/multimodal.yaml', line: 15, column: 19 },
    message: 'slackChannel is empty: an unquoted # begins a YAML comment',
    remedy: 'Write slackChannel: "#ai-finops-alerts"',
    ...over,
  };
}

/** What a hostile tag, label, file name or message may hold; every part has broken some bot. */
export const hostileText = [
  'a|b',
  '@everyone',
  '#1',
  'fixes',
  'GH-1',
  '</details>',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '-->',
  '--!>',
  '`` ``` ````',
  '${{ secrets.TOKEN }}',
  '[x](javascript:alert(1))',
  '![x](https://evil.example/x.png)',
  'https://evil.example',
  'www.evil.example',
  ':tada:',
  '\u001b[31mred\u001b[0m',
  '\u009b31m',
  '\u202egnp.exe\u202c',
  '\u200bzero',
  '\r\n\n# heading\n\n- item\n| x | y |\n|---|---|\n',
  '---',
  '~~~',
  '&lt;b&gt;',
  '$x$',
  '\\',
].join(' ');
