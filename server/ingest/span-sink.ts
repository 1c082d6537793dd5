import type { PackedSpans, PriceReader, Random, SpanBatches, SpanSink } from '@wheelhouse/core/ports';
import { type ProjectId, type Span, WheelhouseError } from '@wheelhouse/core/records';
import { priceSpan } from '@wheelhouse/core/trace';
import { createLane } from './commit-lane.ts';
import { countByProject, type Ledger, type SpanSource } from './ledger.ts';
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

  /** The accounts that spans of one request are counted in, one of each project. */
  type Places = { source: SpanSource; counts: ReadonlyMap<ProjectId, number> };
  function reject({ source, counts }: Places, from: 'door' | 'memory', why: { reason: string; sample: string }): void {
    for (const [project, spans] of counts) ledger.add({ type: 'rejected', project, source, spans, from, ...why });
  }
  function count(type: 'received' | 'stored', { source, counts }: Places): void {
    for (const [project, spans] of counts)
      ledger.add(
        type === 'received' ? { type, project, source, spans } : { type, project, source, spans, from: 'memory' },
      );
  }

  function refuse(places: Places, reason: 'stopping' | 'buffer_full'): Promise<never> {
    const error = reason === 'stopping' ? stopping() : tooMany();
    reject(places, 'door', { reason, sample: error.message });
    return Promise.reject(error);
  }

  return {
    append(spans, source = 'otlp') {
      if (spans.length === 0) return Promise.resolve();
      const places = { source, counts: countByProject(spans) };
      if (closed) return refuse(places, 'stopping');
      if (!buffer.fits({ count: spans.length, bytes: 0 })) return refuse(places, 'buffer_full');
      count('received', places);
      const lost = (error: unknown, reason = isAway(error) ? 'store_unavailable' : 'store_refused'): never => {
        reject(places, 'memory', { reason, sample: sentence(error) });
        throw error;
      };
      const kept = (packed: Packed) =>
        buffer.fits(packed) ? commit(packed).then(() => count('stored', places), lost) : lost(tooMany(), 'buffer_full');
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
