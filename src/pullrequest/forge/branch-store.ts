/** The tip of a branch, as far as publishing has to know it. */
export interface BranchTip {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly authorEmail: string;
  readonly committerEmail: string;
  /** Whole commit message. */
  readonly message: string;
}

/** One commit that is to be written; nothing else in the tree changes. */
export interface NewCommit {
  readonly parent: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly message: string;
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970, UTC; author and committer date. */
  readonly epochSeconds: number;
}

/** What publishing needs of a bare Git repository. */
export interface BranchStore {
  readText(commit: string, path: string): Promise<string>;
  writeCommit(commit: NewCommit): Promise<{ readonly commit: string; readonly tree: string }>;
  /** Unified diff between two commits, without colours. */
  diff(from: string, to: string): Promise<string>;
  /** Names of the branches that begin with a prefix, sorted. */
  listBranches(prefix: string): Promise<readonly string[]>;
  readBranch(branch: string): Promise<BranchTip | undefined>;
  /** Fails when the branch is not at `expected` any more; `expected` undefined means that there is none yet. */
  updateBranch(update: {
    readonly branch: string;
    readonly commit: string;
    readonly expected: string | undefined;
  }): Promise<void>;
  deleteBranch(deletion: { readonly branch: string; readonly expected: string }): Promise<void>;
}
