import type { Progress } from './domain/index.ts';

/** What a progress line is written to: `process.stderr`, or a buffer in a test. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * Shows one line that is rewritten in place on a terminal, and nothing where the stream is a file or a pipe.
 * `finish` wipes the line so that results start on a clean one.
 */
export function terminalProgress(stream: ProgressStream): Progress & { finish(): void } {
  if (stream.isTTY !== true) return { stage: () => undefined, step: () => undefined, finish: () => undefined };
  let stage = '';
  const show = (text: string): void => {
    const width = (stream.columns ?? 80) - 1;
    const safe = text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u00b7').slice(0, width);
    stream.write(`\r\u001b[2K${safe}`);
  };
  return {
    stage: (name) => {
      stage = name;
      show(`${stage} …`);
    },
    step: (done, total, what) => show(`${stage} ${done}/${total} ${what}`),
    finish: () => stream.write('\r\u001b[2K'),
  };
}
