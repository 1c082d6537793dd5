import type { PackedSpans, PriceReader, Random, SpanBatches, SpanSink } from '@wheelhouse/core/ports';
import { type Span, WheelhouseError } from '@wheelhouse/core/records';
import { priceSpan } from '@wheelhouse/core/trace';
import { createLane } from './commit-lane.ts';
import type { Ledger, SpanSource } from './ledger.ts';
import { redactSpan } from './redact.ts';
import { createBuffer, defaultLimits, type SinkLimits } from './sink-limits.ts';
import { isAway, sentence } from './store-spans.ts';

export type SpanSinkDeps<Packed extends PackedSpans> = {
  store: SpanBatches<Packed>;
  prices: PriceReader;
  random: Random;
  ledger: Pick<Ledger, 'add'>;
  limits?: Partial<SinkLimits>;
};

/** Makes a repeated write of the same batch a no-op: 32 hex digits. */
export const newToken = (random: Random): string => Buffer.from(random.bytes(16)).toString('hex');

export type SpanSinkService = SpanSink & {
  /** Takes no more and resolves when all that was given is stored or refused. */
  close(): Promise<void>;
};

/**
 * The door for spans that are sent here: prices them, takes secrets out, and commits them in groups. Exporters wait until
 * their spans are durable and hear when they are not. The ledger hears what became of each.
 */
export function createSpanSink<Packed extends PackedSpans>(deps: SpanSinkDeps<Packed>): SpanSinkService {
  const { store, random, ledger } = deps;
  const buffer = createBuffer({ ...defaultLimits, ...deps.limits });
  const underway = new Set<Promise<unknown>>();
  let closed = false;

  type Group = PackedSpans & { packed: Packed; settle(error?: unknown): void };

  async function appendGroups(batch: Group[]): Promise<void> {
    try {
      await store.appendPacked(
        batch.map(({ packed }) => packed),
        newToken(random),
      );
      for (const group of batch) group.settle();
    } catch (error) {
      if (isAway(error) || batch.length === 1) for (const group of batch) group.settle(error);
      else for (const group of batch) await appendGroups([group]);
    }
  }
  const lane = createLane<Group>({ commit: appendGroups, gatherMs: 0 });

  /** Resolves when they are durable. */
  const commit = (packed: Packed) =>
    new Promise<void>((resolve, reject) => {
      const { count, bytes } = packed;
      buffer.enter(packed);
      lane.push({
        count,
        bytes,
        packed,
        settle(error) {
          buffer.leave(packed);
          if (error === undefined) resolve();
          else reject(error);
        },
      });
    });

  function* prepared(spans: readonly Span[]): Generator<Span> {
    for (const span of spans) yield redactSpan(priceSpan(span, deps.prices));
  }

  function refuse(source: SpanSource, spans: number, reason: 'stopping' | 'buffer_full'): Promise<never> {
    const error = reason === 'stopping' ? stopping() : tooMany();
    ledger.add({ type: 'rejected', source, spans, from: 'door', reason, sample: error.message });
    return Promise.reject(error);
  }

  return {
    append(spans, source = 'otlp') {
      const { length: count } = spans;
      if (count === 0) return Promise.resolve();
      if (closed) return refuse(source, count, 'stopping');
      if (!buffer.fits({ count, bytes: 0 })) return refuse(source, count, 'buffer_full');
      const from = { source, spans: count, from: 'memory' } as const;
      ledger.add({ type: 'received', source, spans: count });
      const lost = (error: unknown, reason = isAway(error) ? 'store_unavailable' : 'store_refused'): never => {
        ledger.add({ type: 'rejected', ...from, reason, sample: sentence(error) });
        throw error;
      };
      const kept = (packed: Packed) =>
        buffer.fits(packed)
          ? commit(packed).then(() => ledger.add({ type: 'stored', ...from }), lost)
          : lost(tooMany(), 'buffer_full');
      // Nothing here holds on to the spans once they are packed.
      const stored = store.pack(prepared(spans)).then(kept, lost);
      underway.add(stored);
      const ended = () => void underway.delete(stored);
      stored.then(ended, ended);
      return stored;
    },
    async close() {
      closed = true;
      await Promise.allSettled(underway);
    },
  };
}

const stopping = () => new WheelhouseError('store_unavailable', 'The server is stopping.');
const tooMany = () => new WheelhouseError('store_unavailable', 'Too many spans are waiting to be stored.');
