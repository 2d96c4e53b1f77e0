/** Told what a long work is doing; a terminal shows it, tests ignore it. */
export interface Progress {
  /** A new stage begins, such as `reading billing files`. */
  stage(name: string): void;
  /** `done` of `total` steps of the present stage are finished; `what` names the present one. */
  step(done: number, total: number, what: string): void;
}

export const silentProgress: Progress = { stage: () => undefined, step: () => undefined };
