import type { SpanSink } from '@wheelhouse/core/ports';
import { type Span, WheelhouseError } from '@wheelhouse/core/records';
import { sleep } from './sleep.ts';

export type SpanKeeperDeps = {
  sink: Pick<SpanSink, 'append'>;
  log: { error(details: object, message: string): void };
  /** First pause when the store is away; doubles up to 30 s. */
  pauseMs?: number;
};

const longestPauseMs = 30_000;
const tries = 12;
/** Spans that wait for a store that is away. */
const mostWaiting = 10_000;

const isAway = (error: unknown) => error instanceof WheelhouseError && error.code === 'store_unavailable';

/** Stores the spans of runs, which nobody waits for: again and again while the store is away, for some minutes. */
export function createSpanKeeper({ sink, log, pauseMs = 500 }: SpanKeeperDeps) {
  const closing = new AbortController();
  let waiting = 0;

  async function keep(span: Span): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        return await sink.append([span], 'gateway');
      } catch (err) {
        const isLast = tried === tries || waiting >= mostWaiting || closing.signal.aborted;
        if (isLast || !isAway(err))
          return log.error({ err, trace: span.traceId }, 'a span of a model run was not stored');
        waiting += 1;
        // Closing ends the pause for a last try.
        await sleep(Math.min(longestPauseMs, pauseMs * 2 ** (tried - 1)), closing.signal).catch(() => {});
        waiting -= 1;
      }
    }
  }

  return { keep, close: () => closing.abort() };
}

export type SpanKeeper = ReturnType<typeof createSpanKeeper>;
