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
  /** Waits this long before a batch, for more to come; for those for whom nobody waits. */
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

/** Group commit: while one batch is committed the next gathers. */
export function createLane<One extends Waiting = Entry>(options: LaneOptions<One>): Lane<One> {
  let queue: One[] = [];
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
    return batch;
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      if (options.gatherMs > 0 && draining === 0) await pause(options.gatherMs);
      await options.commit(take());
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
