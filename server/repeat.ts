import type { CancelSignal } from '@wheelhouse/core/ports';

export type Repeating = {
  /** From the end of one time to the beginning of the next. */
  everyMs: number;
  /** Told of what fails, unless it is because of the end. */
  onError(error: unknown): void;
};

/** Does the work again and again, never twice at a time. Gives what ends it, when the last time is over. */
export function repeat(
  work: (stopping: CancelSignal) => Promise<void>,
  { everyMs, onError }: Repeating,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();

  async function once(): Promise<void> {
    try {
      await work(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) onError(error);
    }
    if (!stopping.signal.aborted) wait();
  }
  function wait(): void {
    timer = setTimeout(() => {
      running = once();
    }, everyMs).unref();
  }
  wait();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
