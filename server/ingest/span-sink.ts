import type { Breathe, PriceReader, Random, SpanSink, SpanStore } from '@wheelhouse/core/ports';
import { type Span, WheelhouseError } from '@wheelhouse/core/records';
import { priceSpan } from '@wheelhouse/core/trace';
import { createLane, type Entry } from './commit-lane.ts';
import type { Ledger, SpanSource } from './ledger.ts';
import { createRecorder } from './recorder.ts';
import { redactSpan } from './redact.ts';
import type { Spill } from './spill.ts';
import { isAway, sentence } from './store-spans.ts';

export type SpanSinkDeps = {
  store: Pick<SpanStore, 'append'>;
  prices: PriceReader;
  random: Random;
  ledger: Pick<Ledger, 'add'>;
  /** Where the gateway's spans wait while the store is away; closed with the sink. */
  spill: Spill;
  log: { error(details: object, message: string): void; warn(details: object, message: string): void };
  limits?: Partial<SinkLimits>;
  breathe?: Breathe;
};

export type SinkLimits = {
  /** What may wait in memory, on each side: from the gateway and from exporters. */
  bufferSpans: number;
  bufferBytes: number;
  /** How long the gateway's spans gather. */
  gatherMs: number;
  /** First pause when the store is away; doubles up to 2 s. */
  retryMs: number;
  /** After so long without an answer of the store the gateway's spans go to disk. */
  patienceMs: number;
};

const defaults: SinkLimits = {
  bufferSpans: 50_000,
  bufferBytes: 64 * 1024 * 1024,
  gatherMs: 50,
  retryMs: 100,
  patienceMs: 3_000,
};

/** Makes a repeated write of the same batch a no-op: 32 hex digits. */
export const newToken = (random: Random): string => Buffer.from(random.bytes(16)).toString('hex');

/** Roughly what a span takes in memory: its texts and the boxes around them. */
function sizeOf(span: Span): number {
  let size = 0;
  const open: unknown[] = [span];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    size += 16;
    if (typeof value === 'string') size += value.length;
    else if (typeof value === 'object' && value !== null)
      for (const key in value) {
        size += key.length;
        const member = (value as Record<string, unknown>)[key];
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
      const full = spans + entry.count > limits.bufferSpans || bytes + entry.bytes > limits.bufferBytes;
      if (full && spans > 0) return false;
      spans += entry.count;
      bytes += entry.bytes;
      return true;
    },
    /** So much waits that whoever adds comes faster than the store takes. */
    behind: () => spans > limits.bufferSpans / 2 || bytes > limits.bufferBytes / 2,
    leave(entry: Entry): void {
      spans -= entry.count;
      bytes -= entry.bytes;
    },
  };
}

export type SpanSinkService = SpanSink & {
  /** Resolves when all that was given so far is stored or refused. */
  flush(): Promise<void>;
  /** Takes no more and resolves when all that was given is stored, refused or on disk. */
  close(): Promise<void>;
};

/**
 * The one door for spans, from the gateway and from exporters alike: prices them, takes secrets out, and commits them in
 * groups. Exporters wait until their spans are durable and hear when they are not; the gateway never waits: its spans
 * go to disk while the store is away. The ledger hears what became of each.
 */
export function createSpanSink(deps: SpanSinkDeps): SpanSinkService {
  const limits = { ...defaults, ...deps.limits };
  const { store, random, ledger, log, breathe = () => null } = deps;
  let closed = false;

  const prepare = (span: Span) => redactSpan(priceSpan(span, deps.prices));

  async function appendGroup(batch: Entry[]): Promise<void> {
    const spans: Span[] = [];
    try {
      for (const span of batch.flatMap((entry) => entry.read())) {
        spans.push(prepare(span));
        const pause = breathe();
        if (pause !== null) await pause;
      }
      await store.append(spans, newToken(random));
      for (const entry of batch) entry.settle();
    } catch (error) {
      if (isAway(error) || batch.length === 1) for (const entry of batch) entry.settle(error);
      else for (const entry of batch) await appendGroup([entry]);
    }
  }

  const refuse = (source: SpanSource, spans: number, error: WheelhouseError) => {
    const reason = closed ? 'stopping' : 'buffer_full';
    ledger.add({ type: 'rejected', source, spans, from: 'door', reason, sample: error.message });
    return error;
  };
  const stopping = () => new WheelhouseError('store_unavailable', 'The server is stopping.');
  const tooMany = () => new WheelhouseError('store_unavailable', 'Too many spans are waiting to be stored.');

  const exported = createLane({ commit: appendGroup, gatherMs: 0 });
  const exportedBuffer = createBuffer(limits);
  const recordedBuffer = createBuffer(limits);
  const recorder = createRecorder({
    behind: recordedBuffer.behind,
    write: (spans, token) => store.append(spans, token),
    prepare,
    spill: deps.spill,
    newToken: () => newToken(random),
    ledger,
    log,
    limits,
    breathe,
  });

  return {
    append(spans, source = 'otlp') {
      if (spans.length === 0) return Promise.resolve();
      if (closed) return Promise.reject(refuse(source, spans.length, stopping()));
      return new Promise((resolve, reject) => {
        const from = { source, spans: spans.length, from: 'memory' } as const;
        const entry: Entry = {
          count: spans.length,
          read: () => spans,
          bytes: spans.reduce((sum, span) => sum + sizeOf(span), 0),
          settle(error?: unknown) {
            exportedBuffer.leave(entry);
            if (error === undefined) {
              ledger.add({ type: 'stored', ...from });
              resolve();
            } else {
              const reason = isAway(error) ? 'store_unavailable' : 'store_refused';
              ledger.add({ type: 'rejected', ...from, reason, sample: sentence(error) });
              reject(error);
            }
          },
        };
        if (!exportedBuffer.enter(entry)) return reject(refuse(source, spans.length, tooMany()));
        ledger.add({ type: 'received', source, spans: spans.length });
        exported.push(entry);
      });
    },
    record({ bytes, read }) {
      const entry: Entry = { count: 1, read: () => [read()], bytes, settle: () => recordedBuffer.leave(entry) };
      if (closed) refuse('gateway', 1, stopping());
      else if (!recordedBuffer.enter(entry)) refuse('gateway', 1, tooMany());
      else {
        ledger.add({ type: 'received', source: 'gateway', spans: 1 });
        recorder.push(entry);
      }
    },
    flush: async () => void (await Promise.all([exported.drain(), recorder.flush()])),
    async close() {
      closed = true;
      await Promise.all([exported.drain(), recorder.close()]);
    },
  };
}
