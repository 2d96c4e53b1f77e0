/** What a scan knows that commands ask for; texts are plain, and escaped where they are written. */
export interface CommandFacts {
  /** When the scan ran and what came of it. */
  readonly status: string;
  /** Of the workload of a pull request's branch; undefined where the scan does not propose it any more. */
  readonly explain: (branch: string) => readonly string[] | undefined;
  /** Cost of the workload of a pull request's branch. */
  readonly cost: (branch: string) => string | undefined;
  /** What is known of workloads of a name, `name` or `namespace/name`. */
  readonly why: (workload: string) => readonly string[];
}
