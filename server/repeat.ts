export type Working = {
  /** Told of the first time that fails after one that did not, unless it is because of the end. */
  onError(error: unknown): void;
};

export type Worker = {
  /** Does it now; while it is being done, waits for its end instead. Never rejects. */
  run(): Promise<void>;
  /** Resolves when the last time is over; none begins any more. */
  stop(): Promise<void>;
};

type Work = (stopping: AbortSignal) => Promise<unknown>;

/** Does the work when it is asked to, never twice at a time. */
export function whenAsked(work: Work, { onError }: Working): Worker {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  let isFailing = false;

  async function once(): Promise<void> {
    try {
      await work(stopping.signal);
      isFailing = false;
    } catch (error) {
      if (!isFailing && !stopping.signal.aborted) onError(error);
      isFailing = true;
    }
  }
  return {
    async run() {
      if (stopping.signal.aborted) return;
      running ??= once().finally(() => {
        running = null;
      });
      await running;
    },
    async stop() {
      stopping.abort(new Error('The server stops.'));
      await running;
    },
  };
}

/**
 * Does the work again and again, never twice at a time.
 * @param options.everyMs from the end of one time to the beginning of the next
 */
export function repeat(work: Work, { everyMs, onError }: Working & { everyMs: number }): Worker {
  const worker = whenAsked(work, { onError });
  let timer: NodeJS.Timeout;
  let isStopped = false;

  async function run(): Promise<void> {
    clearTimeout(timer);
    await worker.run();
    wait();
  }
  function wait(): void {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(run, everyMs).unref();
  }
  wait();
  return {
    run,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await worker.stop();
    },
  };
}
