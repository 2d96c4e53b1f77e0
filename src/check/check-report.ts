import type { Money, Problem, WorkloadId, WorkloadKey } from '../domain/index.ts';
import type { ChangeCheck } from './change-check.ts';

/** A whole line of a file as it would be with a cheaper value, byte for byte, without its line ending. */
export interface SuggestedLine {
  readonly path: string;
  /** Of the head's file, from 1. */
  readonly line: number;
  readonly text: string;
}

/** A cheaper way to do what a change does. */
export interface CheaperOption {
  readonly workload: WorkloadKey & { readonly id: WorkloadId };
  /** `instanceType g6e.xlarge → g6.xlarge` */
  readonly change: string;
  /** One sentence without a full stop. */
  readonly reason: string;
  /** Of a month of 730 hours; undefined where it is not known. */
  readonly savingPerMonth: Money | undefined;
  /** Undefined where the option is no change of one line of the change. */
  readonly suggestion: SuggestedLine | undefined;
}

/** A check and what it was made of, for all that is written of it. */
export interface CheckReport {
  readonly repository: string;
  readonly baseCommit: string;
  readonly headCommit: string;
  readonly check: ChangeCheck;
  readonly options: readonly CheaperOption[];
  /** Who reads it: outsiders are told what the change and public price lists say, and no more. */
  readonly audience: 'team' | 'outsiders';
  readonly problems: readonly Problem[];
}
