import type { PriceReader, Random, SpanSink, SpanStore } from '@wheelhouse/core/ports';
import { type Span, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import { createLane, type Entry } from './commit-lane.ts';
import { priceSpan } from './price-span.ts';
import { redactSpan } from './redact.ts';

export type SpanSinkDeps = {
  store: Pick<SpanStore, 'append'>;
  prices: PriceReader;
  random: Random;
  log: { error(details: object, message: string): void };
  /** After the spans of these traces are durable. */
  onStored(traceIds: TraceId[]): void;
  limits?: Partial<SinkLimits>;
};

export type SinkLimits = {
  /** What may wait to be stored, on each side: from the gateway and from exporters. */
  bufferSpans: number;
  bufferBytes: number;
  /** How long the gateway's spans gather. */
  gatherMs: number;
  /** First pause when the store is away; doubles up to 5 s. */
  retryMs: number;
};

const defaults: SinkLimits = { bufferSpans: 50_000, bufferBytes: 64 * 1024 * 1024, gatherMs: 50, retryMs: 100 };
const longestPauseMs = 5_000;
/** After so many attempts a server that is stopping gives up. */
const closingAttempts = 5;

/** Roughly what a span takes in memory: its texts and the boxes around them. */
function sizeOf(span: Span): number {
  let size = 0;
  const open: unknown[] = [span];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    size += 16;
    if (typeof value === 'string') size += value.length;
    else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value)) {
        size += key.length;
        if (member !== undefined) open.push(member);
      }
  }
  return size;
}

/** A bounded count of what waits. */
function createBuffer(limits: SinkLimits) {
  let spans = 0;
  let bytes = 0;
  return {
    /** false when there is no room; a single entry always fits into an empty buffer. */
    enter(entry: Entry): boolean {
      const full = spans + entry.spans.length > limits.bufferSpans || bytes + entry.bytes > limits.bufferBytes;
      if (full && spans > 0) return false;
      spans += entry.spans.length;
      bytes += entry.bytes;
      return true;
    },
    leave(entry: Entry): void {
      spans -= entry.spans.length;
      bytes -= entry.bytes;
    },
  };
}

export type SpanSinkService = SpanSink & {
  /** Resolves when all that was given so far is stored or refused. */
  flush(): Promise<void>;
  /** Takes no more, stores what it can within some seconds, drops and counts the rest. */
  close(): Promise<void>;
  /** Spans since the start. */
  counts(): { stored: number; dropped: number };
};

/**
 * The one door for spans, from the gateway and from exporters alike: prices them, takes secrets out, and commits them in
 * groups. Exporters wait until their spans are durable and hear when they are not; the gateway never waits: its spans
 * are kept while the store is away, up to a bound, and counted when they cannot be kept.
 */
export function createSpanSink(deps: SpanSinkDeps): SpanSinkService {
  const limits = { ...defaults, ...deps.limits };
  const counts = { stored: 0, dropped: 0 };
  let closed = false;
  let reportedDrop = false;
  let gaveUp = false;

  async function write(spans: Span[], token: string): Promise<void> {
    await deps.store.append(
      spans.map((span) => redactSpan(priceSpan(span, deps.prices))),
      token,
    );
    counts.stored += spans.length;
    reportedDrop = false;
    try {
      deps.onStored([...new Set(spans.map((span) => span.traceId))]);
    } catch (err) {
      deps.log.error({ err }, 'a listener failed on stored spans');
    }
  }

  function drop(spans: number, err: unknown): void {
    counts.dropped += spans;
    if (reportedDrop) return;
    reportedDrop = true;
    deps.log.error({ err }, 'spans of the gateway are being dropped');
  }

  const waiting = createLane({ write, random: deps.random, gatherMs: 0, retryMs: () => null });
  const recorded = createLane({
    write,
    random: deps.random,
    gatherMs: limits.gatherMs,
    retryMs(attempt) {
      gaveUp ||= closed && attempt >= closingAttempts;
      return gaveUp ? null : Math.min(limits.retryMs * 2 ** attempt, longestPauseMs);
    },
  });
  const waitingBuffer = createBuffer(limits);
  const recordedBuffer = createBuffer(limits);
  const flush = async () => void (await Promise.all([waiting.drain(), recorded.drain()]));

  return {
    append(spans) {
      if (spans.length === 0) return Promise.resolve();
      if (closed) return Promise.reject(new WheelhouseError('store_unavailable', 'The server is stopping.'));
      return new Promise((resolve, reject) => {
        const entry: Entry = {
          spans,
          bytes: spans.reduce((sum, span) => sum + sizeOf(span), 0),
          settle(error) {
            waitingBuffer.leave(entry);
            if (error === undefined) resolve();
            else reject(error);
          },
        };
        if (waitingBuffer.enter(entry)) waiting.push(entry);
        else reject(new WheelhouseError('store_unavailable', 'Too many spans are waiting to be stored.'));
      });
    },
    record(span) {
      const entry: Entry = {
        spans: [span],
        bytes: sizeOf(span),
        settle(error) {
          recordedBuffer.leave(entry);
          if (error !== undefined) drop(1, error);
        },
      };
      if (!closed && recordedBuffer.enter(entry)) recorded.push(entry);
      else
        drop(1, new WheelhouseError('store_unavailable', closed ? 'The server is stopping.' : 'The buffer is full.'));
    },
    flush,
    async close() {
      closed = true;
      await flush();
    },
    counts: () => ({ ...counts }),
  };
}
