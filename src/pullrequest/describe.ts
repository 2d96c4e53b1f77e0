import { type LeverValue, type Proposal, type Workload, formatMoney, negateMoney } from '../domain/index.ts';
import { clipText, codeSpan, plainName } from './escape.ts';
import { formatRange, isCost, savingPhrase } from './figures.ts';

/** `inference/clip-server`, safe in a title or a commit message. */
export function plainWorkloadName(workload: Workload): string {
  return `${plainName(workload.namespace)}/${plainName(workload.name)}`;
}

/** `scale inference/clip-server 6 → 3`, safe in a title or a commit message. */
export function plainAction(proposal: Proposal): string {
  const name = plainWorkloadName(proposal.workload);
  const [{ from, to }] = proposal.changes;
  switch (proposal.action) {
    case 'scale-down':
    case 'scale-up':
      return `scale ${name} ${plainValue(from)} → ${plainValue(to)}`;
    case 'change-instance-type':
      return `move ${name} from ${plainValue(from)} to ${plainValue(to)}`;
    case 'pause':
      return `pause ${name}`;
  }
}

function plainValue(value: LeverValue): string {
  return plainName(String(value));
}

/** `flyball: scale inference/clip-server 6 → 3 (saves $1,762/month)` */
export function pullRequestTitle(proposal: Proposal): string {
  const titleLengthMax = 256;
  return clipText(`flyball: ${plainAction(proposal)} (${savingPhrase(proposal.saving)})`, titleLengthMax);
}

/** The workload as a person would name it: `Deployment` `inference/clip-server` on cluster `prod`. */
function workloadMarkdown(workload: Workload): string {
  const name = `${workload.namespace}/${workload.name}`;
  return `${codeSpan(workload.kind)} ${codeSpan(name)} on cluster ${codeSpan(workload.cluster)}`;
}

/** First sentence of the body: what is to be done, and what it saves. */
export function headerSentence(proposal: Proposal): string {
  return `${actionSentence(proposal)} ${savingSentence(proposal)}`;
}

function actionSentence(proposal: Proposal): string {
  const name = workloadMarkdown(proposal.workload);
  const [{ lever, from, to }] = proposal.changes;
  const [was, becomes] = [codeSpan(String(from)), codeSpan(String(to))];
  switch (proposal.action) {
    case 'scale-down':
    case 'scale-up':
      return `Scale ${name} from ${was} to ${becomes} (${codeSpan(lever)}).`;
    case 'change-instance-type':
      return `Move ${name} from ${was} to ${becomes}.`;
    case 'pause':
      return `Pause ${name} by setting ${codeSpan(lever)} from ${was} to ${becomes}.`;
  }
}

function savingSentence({ saving }: Proposal): string {
  if (isCost(saving.likely)) {
    return `It costs **${formatMoney(negateMoney(saving.likely))} more a month**.`;
  }
  const isRange = formatMoney(saving.low) !== formatMoney(saving.high);
  const range = isRange ? ` (between ${formatRange(saving).replace(' to ', ' and ')})` : '';
  const amount = `**${formatMoney(saving.likely)} a month**${range}`;
  switch (saving.kind) {
    case 'cash':
      return `It saves ${amount}, which leaves the bill.`;
    case 'freed':
      return `It frees capacity worth ${amount} that is already paid for: the bill stays the same until other work uses it or the commitment ends.`;
    case 'none-yet':
      return `It saves nothing by itself: capacity worth ${amount} becomes free, but no node is released.`;
  }
}
