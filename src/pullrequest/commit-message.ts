import type { PolicyVerdict, Proposal } from '../domain/index.ts';
import { plainAction } from './describe.ts';
import { plainName, plainSentence } from './escape.ts';
import type { PullRequestContext } from './context.ts';

const lineLengthMax = 72;

/**
 * Subject, why, and trailers. Names are percent-encoded where they are unusual: forges link `@name` and close `#1` in
 * commit messages, and there is no code span to stop them.
 */
export function commitMessage(
  proposal: Proposal,
  context: Pick<PullRequestContext, 'repository' | 'dataDigest' | 'model'>,
): string {
  const { model } = context;
  const trailers = [
    `Flyball-Proposal: ${proposal.fingerprint}`,
    `Flyball-Data: ${plainDigest(context.dataDigest)}`,
    `Flyball-Model: ${model === undefined ? 'none' : `${plainName(model.name)} ${plainDigest(model.digest)}`}`,
    ...(proposal.policyVerdicts.length === 0
      ? ['Flyball-Policy: none']
      : proposal.policyVerdicts.map((verdict) => policyTrailer(verdict, context.repository.commit))),
  ];
  const reason = plainSentence(proposal.reason);
  const why = wrap(`${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`);
  return `flyball: ${plainAction(proposal)}\n\n${why}\n\n${trailers.join('\n')}\n`;
}

function policyTrailer(verdict: PolicyVerdict, commit: string): string {
  const path = verdict.place.path.split('/').map(plainName).join('/');
  return `Flyball-Policy: ${plainName(verdict.policy)} ${verdict.outcome} ${path}:${verdict.place.line} ${plainDigest(commit)}`;
}

/** A digest as it is, with its algorithm's name if it has one; anything else as {@link plainName}. */
function plainDigest(text: string): string {
  return /^(?:sha256:)?[0-9a-f]{1,64}$/.test(text) ? text : plainName(text);
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > lineLengthMax) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
