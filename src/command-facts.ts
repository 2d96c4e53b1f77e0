import type { CommandFacts } from './commands/index.ts';
import { addMoney, dayMs, formatMoney, formatUtcDate, money, type Proposal, type Workload } from './domain/index.ts';
import type { Publishing } from './publish.ts';
import { branchName, plainWorkloadName } from './pullrequest/index.ts';

/** What slash-commands may ask of the scan that answers them. */
export function commandFacts(publishing: Publishing): CommandFacts {
  const { asOf, snapshot, proposals, heldBack, workloads } = publishing;
  const byBranch = new Map(proposals.map((proposal) => [branchName(proposal.workload, proposal.action), proposal]));
  return {
    status: `The scan as of ${new Date(asOf).toISOString()} of commit ${snapshot.commit.slice(0, 12)} looked at ${workloads.length} workloads, proposes ${proposals.length} changes, and holds back ${heldBack.length}.`,
    explain: (branch) => {
      const proposal = byBranch.get(branch);
      return proposal === undefined ? undefined : explain(proposal);
    },
    cost: (branch) => {
      const proposal = byBranch.get(branch);
      return proposal === undefined ? undefined : costText(publishing, proposal.workload);
    },
    why: (name) => why(publishing, name),
  };
}

function explain({ reason, findings, saving, confidenceRatio }: Proposal): readonly string[] {
  const evidence = findings.flatMap((finding) =>
    finding.evidence.map(({ label, value, source }) => `${label}: ${value} (${source})`),
  );
  return [
    reason,
    `Likely saving ${formatMoney(saving.likely)} a month, confidence ${Math.round(confidenceRatio * 100)} %.`,
    ...evidence,
  ];
}

/** The last 30 days of the bill's effective cost. */
function costText({ gathered, asOf, config }: Publishing, workload: Workload): string | undefined {
  const series = gathered.attribution.cost.get(workload.id);
  const days = series?.days.filter(({ day }) => day >= asOf - 30 * dayMs) ?? [];
  const [first] = days;
  if (first === undefined) return undefined;
  const total = days.reduce((sum, { effective }) => addMoney(sum, effective), money(0n, config.currency));
  return `${plainWorkloadName(workload)} cost ${formatMoney(total)} from ${formatUtcDate(first.day)} on, over ${days.length} billed days (effective cost).`;
}

/** Workloads of a name, and what the scan decided of each. */
function why({ workloads, verdicts, proposals }: Publishing, name: string): readonly string[] {
  const wanted = workloads.filter(
    (workload) => workload.name === name || `${workload.namespace}/${workload.name}` === name,
  );
  if (wanted.length === 0) return [`No workload of this repository is called ${name}.`];
  return wanted.map((workload) => {
    const proposed = proposals.filter((proposal) => proposal.workload.id === workload.id);
    const verdict = verdicts.find((candidate) => candidate.workload === workload.id);
    const said =
      proposed.length > 0
        ? proposed.map(({ action, reason }) => `${action}, as ${reason}`).join('; ')
        : verdict === undefined || verdict.kind === 'propose'
          ? 'nothing is proposed'
          : `${verdict.reason}: ${verdict.detail}`;
    return `${plainWorkloadName(workload)}: ${said}`;
  });
}
