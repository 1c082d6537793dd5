import type { Span } from '@wheelhouse/core/records';

/** Spans that are stored together or not at all. */
export type Waiting = {
  /** How many. */
  count: number;
  /** Estimate. */
  bytes: number;
};

/** And who wants to know. */
export type Entry = Waiting & {
  /** Called once, when they are to be stored; never throws. */
  read(): Span[];
  /** Called once: without an error when they are safe. */
  settle(error?: unknown): void;
};

export type LaneOptions<One extends Waiting> = {
  /** Sees to every entry of the batch; never rejects. */
  commit(batch: One[]): Promise<void>;
  /**
   * Waits this long before a batch, for more to come, and longer while batches follow each other; for those for whom nobody
   * waits. 0: never.
   */
  gatherMs: number;
};

export type Lane<One extends Waiting> = {
  push(entry: One): void;
  /** Cuts gathering short and resolves when nothing is left. */
  drain(): Promise<void>;
};

/** What is stored, and what is replayed, in one go. */
export const batchSpans = 4_000;
export const batchBytes = 12 * 1024 * 1024;

/**
 * Of what follows each other a batch begins no sooner after the one before than so many times what that took: a batch costs
 * the store much the same however small it is, and the store has more to do.
 */
const spacing = 5;
const longestGatherMs = 500;

/** Group commit: while one batch is committed the next gathers. */
export function createLane<One extends Waiting = Entry>(options: LaneOptions<One>): Lane<One> {
  let queue: One[] = [];
  let queued = 0;
  let notBeforeMs = 0;
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

  function take(): One[] {
    let spans = 0;
    let bytes = 0;
    const end = queue.findIndex((entry, i) => {
      spans += entry.count;
      bytes += entry.bytes;
      return i > 0 && (spans > batchSpans || bytes > batchBytes);
    });
    const batch = end === -1 ? queue : queue.slice(0, end);
    queue = end === -1 ? [] : queue.slice(end);
    queued -= batch.reduce((sum, { count }) => sum + count, 0);
    return batch;
  }

  /** A full batch gains nothing by waiting. */
  function toGatherMs(): number {
    if (options.gatherMs === 0 || draining > 0 || queued >= batchSpans) return 0;
    return Math.min(Math.max(options.gatherMs, notBeforeMs - performance.now()), longestGatherMs);
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const gatherMs = toGatherMs();
      if (gatherMs > 0) await pause(gatherMs);
      const startedMs = performance.now();
      await options.commit(take());
      notBeforeMs = startedMs + spacing * (performance.now() - startedMs);
    }
    // In the same step as the look at the queue: an entry pushed a moment later must find that nobody is running.
    running = null;
  }

  return {
    push(entry) {
      queue.push(entry);
      queued += entry.count;
      if (queued >= batchSpans) wake();
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
