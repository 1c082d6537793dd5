import type { Random } from '@wheelhouse/core/ports';
import { type Span, WheelhouseError } from '@wheelhouse/core/records';

/** Spans that are stored together or not at all, and who wants to know. */
export type Entry = {
  spans: Span[];
  /** Estimate. */
  bytes: number;
  /** Called once: without an error when stored. */
  settle(error?: unknown): void;
};

export type LaneOptions = {
  write(spans: Span[], token: string): Promise<void>;
  random: Random;
  /** Waits this long before a batch, for more to come; for those for whom nobody waits. */
  gatherMs: number;
  /** Milliseconds until the next attempt when the store is away; null gives up. */
  retryMs(attempt: number): number | null;
};

export type Lane = {
  push(entry: Entry): void;
  /** Cuts waiting short and resolves when nothing is left. */
  drain(): Promise<void>;
};

const batchSpans = 2_000;
const batchBytes = 4 * 1024 * 1024;

const isAway = (error: unknown) => error instanceof WheelhouseError && error.code === 'store_unavailable';

/**
 * Group commit: while one batch is written the next gathers. A batch is tried again with the same token, so that one
 * that was stored without our hearing of it is not stored twice; what the store refuses for good is found entry by entry.
 */
export function createLane(options: LaneOptions): Lane {
  let queue: Entry[] = [];
  let running: Promise<void> | null = null;
  let draining = 0;
  let wake: () => void = () => {};

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  function take(): Entry[] {
    let spans = 0;
    let bytes = 0;
    const end = queue.findIndex((entry, i) => {
      spans += entry.spans.length;
      bytes += entry.bytes;
      return i > 0 && (spans > batchSpans || bytes > batchBytes);
    });
    const batch = end === -1 ? queue : queue.slice(0, end);
    queue = end === -1 ? [] : queue.slice(end);
    return batch;
  }

  async function attempt(spans: Span[]): Promise<unknown> {
    const token = Buffer.from(options.random.bytes(16)).toString('hex');
    for (let n = 0; ; n++) {
      try {
        await options.write(spans, token);
        return undefined;
      } catch (error) {
        const ms = isAway(error) ? options.retryMs(n) : null;
        if (ms === null) return error ?? new WheelhouseError('internal', 'The store failed without a reason.');
        await pause(ms);
      }
    }
  }

  async function commit(batch: Entry[]): Promise<void> {
    const error = await attempt(batch.flatMap((entry) => entry.spans));
    const alone = error === undefined || isAway(error) || batch.length === 1;
    for (const entry of batch) entry.settle(alone ? error : await attempt(entry.spans));
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      if (options.gatherMs > 0 && draining === 0) await pause(options.gatherMs);
      await commit(take());
    }
    // In the same step as the look at the queue: an entry pushed a moment later must find that nobody is running.
    running = null;
  }

  return {
    push(entry) {
      queue.push(entry);
      running ??= run();
    },
    async drain() {
      draining++;
      wake();
      while (running) await running;
      draining--;
    },
  };
}
