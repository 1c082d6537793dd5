import { setTimeout as sleep } from 'node:timers/promises';
import type { Breathe } from '@wheelhouse/core/ports';
import { type ProjectId, type Span, WheelhouseError } from '@wheelhouse/core/records';
import { createLane, type Entry } from './commit-lane.ts';
import { countByProject, type Ledger } from './ledger.ts';
import type { Segment, Spill } from './spill.ts';
import { type Outcome, sentence, storeSpans, type Write } from './store-spans.ts';

export type RecorderDeps = {
  /** The span as it is stored, without secrets: what goes to disk is no less public than a database. */
  prepare(span: Span): Span;
  write: Write;
  spill: Spill;
  /** Whether more waits in memory than should, so that the disk takes it for the store. */
  behind(): boolean;
  newToken(): string;
  ledger: Pick<Ledger, 'add'>;
  log: { error(details: object, message: string): void; warn(details: object, message: string): void };
  limits: { gatherMs: number; retryMs: number; patienceMs: number };
  breathe: Breathe;
};

export type Recorder = {
  push(entry: Entry): void;
  /** Resolves when all that was pushed is stored or on disk. */
  close(): Promise<void>;
};

const longestPauseMs = 2_000;

/** A store that does not answer counts as away: what it takes all the same has the same token on disk. */
async function storeInTime(store: Promise<Outcome>, patienceMs: number): Promise<Outcome> {
  const answered = new AbortController();
  const late = sleep(patienceMs, undefined, { signal: answered.signal }).then(
    (): Outcome => ({ type: 'away', error: new WheelhouseError('store_unavailable', 'The store took too long.') }),
  );
  late.catch(() => {});
  return Promise.race([store, late]).finally(() => answered.abort());
}

type Counts = ReadonlyMap<ProjectId, number>;

/** Tells the ledger what became of spans, each project's apart. */
function createBooking({ ledger, log }: Pick<RecorderDeps, 'ledger' | 'log'>) {
  function reject(counts: Counts, from: 'memory' | 'disk', why: { reason: string; error: unknown }): void {
    const { reason } = why;
    const sample = sentence(why.error);
    for (const [project, spans] of counts)
      ledger.add({ type: 'rejected', project, source: 'gateway', spans, from, reason, sample });
    const spans = [...counts.values()].reduce((sum, count) => sum + count, 0);
    log.error({ err: why.error, spans, reason }, 'spans of the gateway are lost');
  }

  function book({ stored, refused }: Extract<Outcome, { type: 'settled' }>, from: 'memory' | 'disk'): void {
    for (const { span, error } of refused) reject(countByProject([span]), from, { reason: 'store_refused', error });
    for (const [project, spans] of countByProject(stored))
      ledger.add({ type: 'stored', project, source: 'gateway', spans, from });
  }
  return { reject, book };
}

/**
 * Keeps what the gateway records, for which nobody waits: in the store when it is there and keeps up; else on disk, from
 * where it is replayed oldest first. While anything is on disk, whatever comes later goes there too, so that the order holds.
 */
export function createRecorder(deps: RecorderDeps): Recorder {
  const { spill, ledger, log, limits } = deps;
  const { reject, book } = createBooking(deps);
  const closing = new AbortController();
  let replaying: Promise<void> | null = null;

  const pause = (failures: number) =>
    sleep(Math.min(limits.retryMs * 2 ** failures, longestPauseMs), undefined, { signal: closing.signal }).catch(
      () => {},
    );

  /** Into the store or onto the disk, whichever takes it first. */
  async function keep(spans: Span[]): Promise<void> {
    const token = deps.newToken();
    let tried = false;
    for (let failures = 0; ; failures++) {
      if (spill.spans() === 0 && (failures > 0 || !deps.behind())) {
        tried = true;
        const outcome = await storeInTime(storeSpans(deps.write, spans, token), limits.patienceMs);
        if (outcome.type === 'settled') return book(outcome, 'memory');
        if (failures === 0)
          log.warn({ err: outcome.error }, 'the store is away: what the gateway records goes to disk');
      }
      try {
        await spill.append(spans, tried ? token : undefined);
        for (const [project, count] of countByProject(spans)) ledger.add({ type: 'spilled', project, spans: count });
        return startReplay();
      } catch (error) {
        if (closing.signal.aborted) return reject(countByProject(spans), 'memory', { reason: 'spill_failed', error });
        if (failures === 0) log.error({ err: error }, 'spans cannot be written to disk; they wait in memory');
        await pause(failures);
      }
    }
  }

  /** One with which something is wrong must not keep the others from the store. */
  function prepared(entry: Entry): Span[] {
    return entry.read().flatMap((span) => {
      try {
        return deps.prepare(span);
      } catch (error) {
        reject(countByProject([span]), 'memory', { reason: 'unreadable', error });
        return [];
      }
    });
  }

  const lane = createLane({
    gatherMs: limits.gatherMs,
    async commit(batch) {
      const spans: Span[] = [];
      // Reading an answer costs more than serving it did, and meanwhile others are served.
      for (const entry of batch) {
        spans.push(...prepared(entry));
        const pause = deps.breathe();
        if (pause !== null) await pause;
      }
      if (spans.length > 0) await keep(spans);
      for (const entry of batch) entry.settle();
    },
  });

  async function replaySegment(segment: Segment): Promise<void> {
    const spans = await spill.read(segment).catch((error: unknown) => {
      log.error({ err: error }, 'a spill file cannot be read');
      return [];
    });
    const read = countByProject(spans);
    const lost = [...segment.counts].flatMap(([project, count]): [ProjectId, number][] => {
      const missing = count - (read.get(project) ?? 0);
      return missing > 0 ? [[project, missing]] : [];
    });
    if (lost.length > 0)
      reject(new Map(lost), 'disk', { reason: 'spill_unreadable', error: new Error('The file on disk has changed.') });
    for (let failures = 0; !closing.signal.aborted; failures++) {
      const outcome = await storeSpans(deps.write, spans, segment.token);
      if (outcome.type === 'settled') {
        book(outcome, 'disk');
        return spill.remove(segment);
      }
      await pause(failures);
    }
  }

  async function replay(): Promise<void> {
    while (!closing.signal.aborted && spill.spans() > 0) {
      const segment = await spill.oldest();
      if (segment) await replaySegment(segment);
    }
    // In the same step as the look at the spill: what is spilled a moment later must find that nobody replays.
    replaying = null;
  }

  function startReplay(): void {
    // With nothing to replay it would end before it is remembered, and be taken for running for ever.
    if (!closing.signal.aborted && spill.spans() > 0) replaying ??= replay();
  }

  ledger.add({ type: 'recovered', found: spill.counts() });
  startReplay();

  return {
    push: (entry) => lane.push(entry),
    async close() {
      closing.abort();
      await lane.drain();
      // What is being replayed is on disk and stays there until the store has it.
      if (replaying) await Promise.race([replaying, sleep(limits.patienceMs)]);
      await spill.close();
    },
  };
}
