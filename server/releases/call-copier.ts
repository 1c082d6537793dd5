import type { CallCopier } from '@wheelhouse/core/ports';
import { copyStopped, WheelhouseError } from '@wheelhouse/core/records';

/** Copies that run at a time; what comes while so many do is let go, so that a slow candidate takes no memory. */
const mostRunning = 16;

export type RunningCopier = CallCopier & {
  /** Ends those that run; resolves when they have ended. */
  stop(): Promise<void>;
};

/** Runs copies of calls on the side. */
export function createCallCopier({ log }: { log: { error(details: object, message: string): void } }): RunningCopier {
  const running = new Map<AbortController, Promise<void>>();
  let stopping = false;

  async function run(ask: (signal: AbortSignal) => Promise<void>, { signal }: AbortController): Promise<void> {
    // Whoever waits for the answer itself comes first.
    await new Promise<void>((resolve) => setImmediate(resolve));
    try {
      if (!signal.aborted) await ask(signal);
    } catch (err) {
      if (!signal.aborted) log.error({ err }, 'a copy of a call was not made');
    }
  }

  return {
    offer(ask) {
      if (running.size >= mostRunning || stopping) return false;
      const controller = new AbortController();
      running.set(
        controller,
        run(ask, controller).finally(() => running.delete(controller)),
      );
      return true;
    },
    async stop() {
      stopping = true;
      const copies = [...running];
      for (const [controller] of copies) controller.abort(new WheelhouseError('upstream_cut', copyStopped));
      await Promise.all(copies.map(([, copy]) => copy));
    },
  };
}
