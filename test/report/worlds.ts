import { type Money, workloadId } from '../../src/domain/index.ts';
import type { Publication } from '../../src/pullrequest/index.ts';
import { type DailyChart, pageName, renderPullRequest } from '../../src/pullrequest/index.ts';
import type { ReportedProposal, ScanReport } from '../../src/report/index.ts';
import {
  aChange,
  aCoverage,
  aField,
  aHeldBack,
  aProblem,
  aProposal,
  aSaving,
  aWorkload,
  asOf,
  days,
  dollars,
  hostileText,
  windowStart,
} from '../builders.ts';
import { aContext, aDemandChart, aHostileContext, aHostileProposal, proposals } from '../pullrequest/worlds.ts';
import { usd } from '../../src/domain/index.ts';

function aReported(proposal = aProposal(), over: Partial<Publication> = {}): ReportedProposal {
  const charts: readonly DailyChart[] = [aDemandChart()];
  const pullRequest = renderPullRequest(proposal, aContext({ charts }));
  return {
    proposal,
    pullRequest,
    charts,
    publication: {
      status: 'created',
      branch: pullRequest.branch,
      commit: '7c0ffee1b2a3948576e1d2c3b4a5968778695a4b',
      page: pageName(proposal.workload, proposal.action),
      diff: aContext().diff,
      detail: undefined,
      ...over,
    },
  };
}

function perDay(base: number): readonly Money[] {
  return days(28).map((_, index) => dollars((base + ((index * 37) % 11) * (base / 40)).toFixed(2)));
}

export function aReport(over: Partial<ScanReport> = {}): ScanReport {
  const context = aContext();
  return {
    asOf,
    windowStart,
    windowEnd: asOf,
    repository: context.repository,
    backend: { name: 'wasm', device: 'AMD EPYC, 2 cores', reason: 'no GPU is present, and wasm is the fastest here' },
    model: context.model,
    dataDigest: context.dataDigest,
    coverage: aCoverage(),
    workloadsSeen: 34,
    proposals: [
      aReported(),
      aReported(
        aProposal({
          ...proposals['change-instance-type'],
          workload: aWorkload({ namespace: 'training', name: 'whisper-finetune', kind: 'PyTorchJob' }),
        }),
        { status: 'updated' },
      ),
      aReported(
        aProposal({
          ...proposals.pause,
          workload: aWorkload({ namespace: 'research', name: 'notebook-ana', kind: 'Notebook', cluster: 'dev' }),
          changes: [
            aChange({
              lever: 'suspend',
              from: false,
              to: true,
              field: aField({ path: 'clusters/dev/notebooks/ana.yaml', line: 41 }),
            }),
          ],
          saving: aSaving({ kind: 'none-yet', low: dollars(700), likely: dollars(812), high: dollars(900) }),
        }),
        { status: 'edited' },
      ),
      aReported(
        aProposal({ ...proposals['scale-up'], workload: aWorkload({ namespace: 'inference', name: 'llama-gateway' }) }),
        {
          status: 'refused',
          commit: undefined,
          diff: '',
          detail: 'The field is behind an anchor that two documents share',
        },
      ),
    ],
    closedBranches: ['flyball/prod_inference_Deployment_old-model/pause'],
    leftAloneBranches: ['flyball/prod_inference_Deployment_tried-by-hand/scale-down'],
    heldBack: [
      aHeldBack(),
      aHeldBack({
        workload: aWorkload({ name: 'reranker' }),
        reason: 'saving-too-small',
        change: 'replicas 3 → 2',
        detail: 'less than the minimum of 100 a month',
        savingPerMonth: dollars(61),
      }),
    ],
    verdicts: [
      {
        kind: 'no-verdict',
        workload: aWorkload({ name: 'triton-legacy' }).id,
        reason: 'signals-disagree',
        detail: 'GR_ENGINE_ACTIVE is 0 while power stays at 412 W: the counter is stuck',
      },
      { kind: 'keep', workload: aWorkload({ name: 'embedder' }).id, reason: 'right-sized', detail: 'p99 is 71 % busy' },
    ],
    problems: [
      aProblem({ excerpt: '    slackChannel: #ai-finops-alerts\n                  ^' }),
      aProblem({
        code: 'METRICS_LABELS_MISSING',
        severity: 'warning',
        place: { kind: 'none' },
        message: '412 samples carry no pod label',
        remedy: 'Turn on the kubernetes mode of dcgm-exporter',
      }),
    ],
    costPerDay: {
      currency: usd,
      days: days(28),
      series: [
        { label: 'inference/clip-server', kind: 'named', perDay: perDay(600) },
        { label: 'training/whisper-finetune', kind: 'named', perDay: perDay(420) },
        { label: 'inference/llama-gateway', kind: 'named', perDay: perDay(310) },
        { label: 'idle', kind: 'idle', perDay: perDay(155) },
        { label: 'unattributed', kind: 'unattributed', perDay: perDay(86) },
      ],
    },
    forgeDirectory: '/home/ana/fleet/.flyball/fleet.git',
    ...over,
  };
}

/** A report in which every text from outside is hostile. */
export function aHostileReport(text: string = hostileText): ScanReport {
  const names = { cluster: text, namespace: text, kind: text, name: text };
  const workload = aWorkload({ ...names, id: workloadId(names) });
  const proposal = aHostileProposal(text);
  const charts = [aDemandChart()];
  const pullRequest = renderPullRequest(proposal, { ...aHostileContext(text), charts });
  return aReport({
    repository: { name: text, branch: text, commit: text },
    backend: { name: text, device: text, reason: text },
    model: { name: text, digest: text },
    dataDigest: text,
    proposals: [
      {
        proposal,
        pullRequest,
        charts,
        publication: {
          status: 'created',
          branch: pullRequest.branch,
          commit: '7c0ffee1b2a3948576e1d2c3b4a5968778695a4b',
          page: pageName(workload, 'scale-down'),
          diff: text,
          detail: text,
        },
      },
    ],
    heldBack: [aHeldBack({ workload, change: text, detail: text })],
    verdicts: [
      { kind: 'no-verdict', workload: workload.id, reason: 'no-cost', detail: text },
      { kind: 'keep', workload: workload.id, reason: 'right-sized', detail: text },
    ],
    problems: [aProblem({ place: { kind: 'file', path: text, line: 1 }, message: text, remedy: text, excerpt: text })],
    costPerDay: { currency: usd, days: days(1), series: [{ label: text, kind: 'named', perDay: [dollars(1)] }] },
    forgeDirectory: text,
  });
}
