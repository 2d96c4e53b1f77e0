import { type Decision, type DecisionKind, epochMs } from '../domain/index.ts';
import { clipText } from './escape.ts';
import { readTailMarker, withTailMarker } from './marker.ts';

/** Of the marker's JSON; the rest of what a body can hold is for the pull request's text. */
const decisionsLengthMax = 4_000;
const reasonLengthMax = 200;

const kinds: Readonly<Record<DecisionKind, true>> = {
  snooze: true,
  ignore: true,
  unignore: true,
  hold: true,
  unhold: true,
  pause: true,
  resume: true,
  set: true,
  waive: true,
  feedback: true,
};

/**
 * What people said, oldest first, from the marker at the end of a pull request's body. What is no decision is left out.
 * Only bodies of pull requests that the App wrote may be given: anybody can write a marker.
 */
export function readDecisions(body: string): readonly Decision[] {
  const data = readTailMarker('decisions', body);
  return Array.isArray(data) ? data.filter(isDecision) : [];
}

/**
 * The body with these decisions directly above its last marker. Reasons are clipped, and the oldest decisions are left
 * out when they would be too long for a body.
 */
export function withDecisions(body: string, decisions: readonly Decision[]): string {
  const kept = decisions.map(clipped);
  while (markerLength(kept) > decisionsLengthMax) kept.shift();
  return withTailMarker('decisions', body, kept.length === 0 ? undefined : kept);
}

function markerLength(decisions: readonly Decision[]): number {
  // A character outside ASCII is written as six.
  return JSON.stringify(decisions).replace(/[^\x20-\x7e]|[<>&-]/g, '123456').length;
}

function clipped(decision: Decision): Decision {
  if (!('reason' in decision) || decision.reason === undefined) return decision;
  return { ...decision, reason: clipText(decision.reason, reasonLengthMax) };
}

function isDecision(data: unknown): data is Decision {
  if (typeof data !== 'object' || data === null) return false;
  const { kind, by, at, until, lever, value, policy, verdict } = data as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind) || typeof by !== 'string' || !isTime(at)) return false;
  switch (kind as DecisionKind) {
    case 'snooze':
      return isTime(until);
    case 'ignore':
      return until === undefined || isTime(until);
    case 'set':
      return typeof lever === 'string' && ['string', 'number', 'boolean'].includes(typeof value);
    case 'waive':
      return typeof policy === 'string' && isTime(until);
    case 'feedback':
      return verdict === 'wrong' || verdict === 'planned';
    case 'unignore':
    case 'hold':
    case 'unhold':
    case 'pause':
    case 'resume':
      return true;
  }
}

function isTime(value: unknown): boolean {
  if (typeof value !== 'number') return false;
  try {
    epochMs(value);
    return true;
  } catch {
    return false;
  }
}
