import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LiveMessage } from '@wheelhouse/core/contract';
import type { LiveFeed, SpanStore } from '@wheelhouse/core/ports';
import type { LiveEvent, ProjectId, TraceId } from '@wheelhouse/core/records';
import { createMessageRing } from './message-ring.ts';
import { traceSummaryBody } from './wire.ts';

export type LiveStreamDeps = {
  feed: LiveFeed;
  spans: Pick<SpanStore, 'traceSummaries' | 'listTraces'>;
  project: ProjectId;
  log: { error(details: object, message: string): void };
};

export type LiveStream = {
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Ends every stream. */
  close(): void;
};

/** Messages kept for those who come back with Last-Event-ID. */
const kept = 1_000;
/**
 * Traces are gathered so long, and at most so many, the newest, are read and sent: four updates a second of more than a
 * screen are enough for eyes, and reading each would cost the store more than storing it.
 */
const gatherMs = 250;
export const tracesAtOnce = 100;
/** Traces that a reader gets who comes back, because nothing was read from the store while nobody listened. */
const newestTraces = 50;
const heartbeatMs = 15_000;
/** A reader that is so far behind is cut off; it comes back and catches up. */
const bufferBytes = 1024 * 1024;

/** Gathers the newest ids for a moment and hands them over in one go, one hand-over at a time. */
function createGatherer(read: (ids: TraceId[]) => Promise<void>): { add(ids: TraceId[]): void; stop(): void } {
  const pending = new Set<TraceId>();
  let timer: NodeJS.Timeout | null = null;
  let reading = false;
  let stopped = false;
  const schedule = () => {
    if (timer === null && !reading && !stopped && pending.size > 0) timer = setTimeout(() => void flush(), gatherMs);
  };
  async function flush(): Promise<void> {
    timer = null;
    reading = true;
    const ids = [...pending];
    pending.clear();
    await read(ids);
    reading = false;
    schedule();
  }
  return {
    add(ids) {
      for (const id of ids) {
        pending.delete(id);
        pending.add(id);
        for (const oldest of pending) {
          if (pending.size <= tracesAtOnce) break;
          pending.delete(oldest);
        }
      }
      schedule();
    },
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function write(res: ServerResponse, text: string): void {
  res.write(text);
  if (res.writableLength > bufferBytes) res.destroy();
}

/** What changes, as server-sent events, with one read of the store for all readers. */
export function createLiveStream(deps: LiveStreamDeps): LiveStream {
  const readers = new Set<ServerResponse>();
  let closed = false;
  const ring = createMessageRing(Date.now(), kept);

  function send(message: LiveMessage): void {
    const text = ring.add(message);
    for (const res of readers) write(res, text);
  }

  const traces = createGatherer(async (ids) => {
    try {
      const found = await deps.spans.traceSummaries(deps.project, ids);
      if (found.length > 0) send({ type: 'traces', traces: found.map(traceSummaryBody) });
    } catch (err) {
      deps.log.error({ err }, 'live traces could not be read');
    }
  });

  function onEvent(event: LiveEvent): void {
    if (event.type !== 'traces' && event.type !== 'scores') send(event);
    else if (readers.size > 0) traces.add(event.traceIds);
  }

  async function catchUp(res: ServerResponse, lastId: number): Promise<void> {
    for (const text of ring.after(lastId)) write(res, text);
    try {
      const { data } = await deps.spans.listTraces(deps.project, { limit: newestTraces });
      const message: LiveMessage = { type: 'traces', traces: data.map(traceSummaryBody) };
      write(res, `id: ${ring.lastId()}\ndata: ${JSON.stringify(message)}\n\n`);
    } catch (err) {
      deps.log.error({ err }, 'a live reader could not catch up');
    }
  }

  const unsubscribe = deps.feed.subscribe(onEvent);
  const heartbeat = setInterval(() => {
    for (const res of readers) write(res, ': \n\n');
  }, heartbeatMs).unref();

  return {
    handle(req, res) {
      if (closed) {
        // A stream opened now would hold up the server's stop; the reader comes back to the next one.
        res.writeHead(503, { 'retry-after': '1' }).end();
        return;
      }
      res.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      res.write(`id: ${ring.lastId()}\nretry: 1000\n: connected\n\n`);
      readers.add(res);
      res.on('error', () => res.destroy());
      res.once('close', () => readers.delete(res));
      const lastId = Number(req.headers['last-event-id'] ?? Number.NaN);
      if (Number.isFinite(lastId)) void catchUp(res, lastId);
    },
    close() {
      closed = true;
      unsubscribe();
      traces.stop();
      clearInterval(heartbeat);
      for (const res of readers) res.end();
    },
  };
}
