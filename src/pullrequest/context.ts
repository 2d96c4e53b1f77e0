import type { EpochMs } from '../domain/index.ts';
import type { ChangedField } from '../gitops/index.ts';
import type { DailyChart } from './daily-chart.ts';

/** What clusters get after the change that they did not get before, and by what this was checked. */
export interface RenderedChange {
  readonly changes: readonly ChangedField[];
  /** `Flyball 0.1.0`, `kustomize v5.7.1`: each rendered before and after, and saw nothing else move. */
  readonly checkedBy: readonly [string, ...string[]];
  /** Programs that are there and could not render it, with the reason. */
  readonly notRendered: readonly string[];
}

/** What a pull request tells besides its proposal: where everything came from. */
export interface PullRequestContext {
  readonly asOf: EpochMs;
  readonly windowStart: EpochMs;
  readonly windowEnd: EpochMs;
  readonly repository: {
    readonly name: string;
    readonly branch: string;
    /** The scanned commit, 40 hex digits. */
    readonly commit: string;
  };
  /** Undefined when nothing was scored. */
  readonly model: { readonly name: string; readonly digest: string } | undefined;
  /** SHA-256 over the digests of the ingested sources, hex. */
  readonly dataDigest: string;
  /** Unified diff of the change. */
  readonly diff: string;
  /** Undefined when nothing was rendered. */
  readonly rendered: RenderedChange | undefined;
  readonly charts: readonly DailyChart[];
  /** The questions asked of the ledger. */
  readonly queries: readonly { readonly label: string; readonly text: string }[];
}

export interface RenderedPullRequest {
  readonly title: string;
  readonly branch: string;
  /** GitHub Markdown, at most 65,536 characters. */
  readonly body: string;
  readonly commitMessage: string;
  readonly labels: readonly string[];
}
