import { AsyncResource } from 'node:async_hooks';
import type { Outcome, Send } from './send.ts';
import type { InstrumentationScope } from './tracer.ts';

export type ExportCounts = {
  /** Stored by the server. */
  exported: number;
  /** Given up here: no room, refused, or the server was away when the process ended. */
  dropped: number;
  /** In memory, not yet acknowledged. */
  waiting: number;
};

export type ExporterLimits = {
  /** How much may wait in memory; what comes beyond is dropped and counted. */
  waitingSpans: number;
  waitingBytes: number;
  /** How much goes in one request. */
  batchSpans: number;
  batchBytes: number;
  /** How long a span waits for company. */
  gatherMs: number;
  /** The first wait after a failure, doubled with each, with jitter, up to the last. */
  backoffMs: { first: number; last: number };
};

export const defaultLimits: ExporterLimits = {
  waitingSpans: 20_000,
  waitingBytes: 32 << 20,
  batchSpans: 512,
  batchBytes: 4 << 20,
  gatherMs: 500,
  backoffMs: { first: 500, last: 30_000 },
};

export type ExporterDeps = {
  send: Send;
  /** OTLP/JSON of the resource that all spans are of. */
  resource: string;
  limits: ExporterLimits;
  /** Resolves after so many milliseconds, or as soon as the signal says; must not keep the process alive. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  random(): number;
  /** Tells the developer, once a cause. */
  warn(sentence: string): void;
};

export type Exporter = {
  /** Never waits and never throws. */
  add(span: Uint8Array, scope: InstrumentationScope): void;
  /** Resolves when what waits now was stored, or one try for it failed, or the time is up. Never rejects. */
  flush(timeoutMs: number): Promise<void>;
  /** As flush; after it spans are dropped, and what was not stored too. */
  shutdown(timeoutMs: number): Promise<void>;
  /** Gives up what waits, because the process ends. */
  abandon(): void;
  counts(): ExportCounts;
};

type Waiting = { json: Uint8Array; scope: InstrumentationScope };

const comma = Buffer.from(',');

/** One ExportTraceServiceRequest; spans of a scope stand together. */
function requestOf(batch: Waiting[], resource: string): Uint8Array {
  const scopes = new Map<string, Uint8Array[]>();
  for (const { json, scope } of batch) {
    const key = JSON.stringify({ name: scope.name, ...(scope.version === '' ? {} : { version: scope.version }) });
    const spans = scopes.get(key);
    if (spans) spans.push(comma, json);
    else scopes.set(key, [json]);
  }
  const parts = [...scopes].flatMap(([scope, spans], i) => [
    Buffer.from(`${i === 0 ? '' : ','}{"scope":${scope},"spans":[`),
    ...spans,
    Buffer.from(']}'),
  ]);
  return Buffer.concat([
    Buffer.from(`{"resourceSpans":[{"resource":${resource},"scopeSpans":[`),
    ...parts,
    Buffer.from(']}]}'),
  ]);
}

/** What waits, in order, and how much of it there is. */
function createBacklog(limits: ExporterLimits) {
  const queue: Waiting[] = [];
  let bytes = 0;
  return {
    size: () => queue.length,
    hasRoomFor: ({ json }: Waiting) => queue.length < limits.waitingSpans && bytes + json.length <= limits.waitingBytes,
    isBatch: () => queue.length >= limits.batchSpans || bytes >= limits.batchBytes,
    push(one: Waiting): void {
      queue.push(one);
      bytes += one.json.length;
    },
    /** The first that fit into one request; at least one. */
    peek(most: number): Waiting[] {
      let size = 0;
      const first = queue.slice(0, most);
      const end = first.findIndex(({ json }, i) => {
        size += json.length;
        return size > limits.batchBytes && i > 0;
      });
      return end === -1 ? first : first.slice(0, end);
    },
    remove(count: number): void {
      for (const { json } of queue.splice(0, count)) bytes -= json.length;
    },
  };
}

const spansOf = (count: number): string => (count === 1 ? '1 span' : `${count} spans`);

/** Counts what became of the spans, and tells the first loss of each cause. */
function createLedger(backlog: ReturnType<typeof createBacklog>, warn: (sentence: string) => void) {
  const told = new Set<string>();
  let exported = 0;
  let dropped = 0;
  let lastFailure = '';

  function tell(cause: string, sentence: string): void {
    if (told.has(cause)) return;
    told.add(cause);
    warn(sentence);
  }
  function lose(count: number, cause: string, sentence: string): void {
    dropped += count;
    tell(cause, sentence);
  }
  return {
    lose,
    counts: (): ExportCounts => ({ exported, dropped, waiting: backlog.size() }),
    settle(outcome: Exclude<Outcome, { type: 'away' }>, count: number): void {
      backlog.remove(count);
      if (outcome.type !== 'stored') {
        lose(count, 'refused', `Lost ${spansOf(count)}: the server refused the request: ${outcome.reason}`);
        return;
      }
      const { rejected, reason } = outcome;
      exported += count - rejected;
      if (rejected > 0) lose(rejected, 'rejected', `Lost ${spansOf(rejected)}: the server rejected them: ${reason}`);
    },
    failed(reason: string, failures: number): void {
      lastFailure = reason;
      if (failures === 3) tell('away', `Spans wait, for the server does not take them: ${reason}`);
    },
    /** Gives up what waits. */
    abandon(): void {
      const left = backlog.size();
      if (left === 0) return;
      backlog.remove(left);
      lose(left, 'left', `Lost ${spansOf(left)}: the server did not take them before the end: ${lastFailure}`);
    },
  };
}

/**
 * Holds ended spans until the server has stored them, within fixed bounds: one request at a time, tried again by the
 * rules of OTLP/HTTP 1.10 for as long as the process lives, and what finds no room is dropped and counted.
 */
export function createExporter(deps: ExporterDeps): Exporter {
  const { limits } = deps;
  const backlog = createBacklog(limits);
  const ledger = createLedger(backlog, deps.warn);
  let closed = false;
  let gathering: NodeJS.Timeout | null = null;
  let pumping: Promise<void> | null = null;
  /** How many wait for the end of what is here; a failure is then not waited out. */
  let hurrying = 0;
  /** Whether the time of one of them is up. */
  let late = false;
  let wake = new AbortController();
  let cut = new AbortController();

  /** Sends all that waits; in a hurry it stops at the first failure. */
  async function pump(): Promise<void> {
    let failures = 0;
    let most = limits.batchSpans;
    while (backlog.size() > 0 && !late) {
      const batch = backlog.peek(most);
      const outcome = await deps.send(requestOf(batch, deps.resource), cut.signal);
      if (outcome.type === 'tooLarge' && batch.length > 1) {
        most = batch.length >> 1;
      } else if (outcome.type !== 'away') {
        ledger.settle(outcome, Math.min(batch.length, backlog.size()));
        failures = 0;
        most = limits.batchSpans;
      } else {
        ledger.failed(outcome.reason, ++failures);
        if (hurrying > 0) return;
        const { first, last } = limits.backoffMs;
        const backoff = Math.min(last, first * 2 ** (failures - 1)) * (0.5 + deps.random() / 2);
        await deps.wait(outcome.afterMs ?? backoff, wake.signal);
      }
    }
  }

  // Bound, so that the context of a request that made a span is not kept alive by the sending of it.
  const start = AsyncResource.bind(() => {
    if (gathering) clearTimeout(gathering);
    gathering = null;
    pumping ??= pump()
      .catch(ledger.abandon)
      .finally(() => {
        pumping = null;
      });
  });

  function startSoon(): void {
    gathering ??= setTimeout(start, limits.gatherMs).unref();
  }

  async function flush(timeoutMs: number): Promise<void> {
    if (backlog.size() === 0) return;
    hurrying++;
    wake.abort();
    wake = new AbortController();
    const timer = setTimeout(() => {
      late = true;
      cut.abort();
    }, timeoutMs);
    await pumping;
    // What ran may have failed before it was told to hurry, and not have tried what came last.
    if (backlog.size() > 0 && !late) {
      start();
      await pumping;
    }
    clearTimeout(timer);
    if (--hurrying === 0 && late) {
      late = false;
      cut = new AbortController();
    }
    if (backlog.size() > 0 && !closed) startSoon();
  }

  return {
    add(json, scope) {
      const one = { json, scope };
      if (closed) ledger.lose(1, 'closed', 'Lost 1 span: it ended after shutdown().');
      else if (!backlog.hasRoomFor(one))
        ledger.lose(1, 'full', 'Losing spans: the server is away or too slow, and there is no room for more to wait.');
      else {
        backlog.push(one);
        if (pumping) return;
        if (backlog.isBatch()) start();
        else startSoon();
      }
    },
    flush,
    async shutdown(timeoutMs) {
      closed = true;
      await flush(timeoutMs);
      ledger.abandon();
    },
    abandon: ledger.abandon,
    counts: ledger.counts,
  };
}
