import type { Job, JobQueue } from './queue.ts';

export interface WorkerOptions {
  readonly queue: JobQueue;
  /** Names this process among the replicas. */
  readonly worker: string;
  /** Throws when the scan has to be tried again. Stops soon after the signal. */
  readonly run: (job: Job, signal: AbortSignal) => Promise<void>;
  readonly heartbeatMilliseconds: number;
  readonly pollMilliseconds: number;
  readonly onSettled: (job: Job, outcome: 'done' | 'waiting' | 'dead' | 'released', error: string | undefined) => void;
  /** Hears of a database that gives no answer; the worker goes on asking. */
  readonly onError: (error: unknown) => void;
}

export interface Worker {
  /** Looks for a job now. */
  wake(): void;
  /** Takes no more jobs; the one that runs has so long to end, and is given back then. */
  stop(graceMilliseconds: number): Promise<void>;
}

/** Works off the queue, one job after the other. */
export function startWorker(options: WorkerOptions): Worker {
  const { queue, worker } = options;
  const cancel = new AbortController();
  const stopping = new AbortController();
  let wakeUp: (() => void) | undefined;
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, options.pollMilliseconds);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const job = await queue.claim(worker);
        if (job === undefined) await pause();
        else await work(job, options, cancel.signal);
      } catch (error) {
        options.onError(error);
        await pause();
      }
    }
  };
  const ended = loop();
  return {
    wake: () => wakeUp?.(),
    stop: async (graceMilliseconds) => {
      stopping.abort();
      wakeUp?.();
      const timer = setTimeout(() => cancel.abort(), graceMilliseconds);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function work(job: Job, options: WorkerOptions, stopped: AbortSignal): Promise<void> {
  const { queue, worker } = options;
  const lost = new AbortController();
  const heartbeat = setInterval(() => {
    queue.extend(job, worker).then((isOurs) => {
      if (!isOurs) lost.abort();
    }, options.onError);
  }, options.heartbeatMilliseconds);
  try {
    await options.run(job, AbortSignal.any([stopped, lost.signal]));
    await queue.finish(job, worker);
    options.onSettled(job, 'done', undefined);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (stopped.aborted) {
      await queue.release(job, worker);
      options.onSettled(job, 'released', undefined);
    } else options.onSettled(job, await queue.fail(job, worker, message), message);
  } finally {
    clearInterval(heartbeat);
  }
}
