import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LiveMessage } from '@wheelhouse/core/contract';
import type { LiveFeed, SpanStore } from '@wheelhouse/core/ports';
import type { LiveEvent, ProjectId, TraceId } from '@wheelhouse/core/records';
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
/** Traces are gathered so long, and at most so many go into one message: four updates a second are enough for eyes. */
const gatherMs = 250;
const tracesAtOnce = 200;
const heartbeatMs = 15_000;
/** A reader that is so far behind is cut off; it comes back and catches up. */
const bufferBytes = 1024 * 1024;

type Sent = { id: number; text: string };

/** What changes, as server-sent events, with one read of the store for all readers. */
export function createLiveStream(deps: LiveStreamDeps): LiveStream {
  const readers = new Set<ServerResponse>();
  const ring: Sent[] = [];
  // Ids of an earlier process must not be taken for ours.
  const epoch = Date.now();
  let count = 0;
  let pending = new Set<TraceId>();
  let gathering: NodeJS.Timeout | null = null;
  let reading: Promise<void> = Promise.resolve();

  function write(res: ServerResponse, text: string): void {
    res.write(text);
    if (res.writableLength > bufferBytes) res.destroy();
  }

  function send(message: LiveMessage): void {
    const id = epoch + ++count;
    const sent = { id, text: `id: ${id}\ndata: ${JSON.stringify(message)}\n\n` };
    ring.push(sent);
    if (ring.length > kept) ring.shift();
    for (const res of readers) write(res, sent.text);
  }

  async function sendTraces(): Promise<void> {
    gathering = null;
    const ids = [...pending];
    pending = new Set();
    for (let at = 0; at < ids.length; at += tracesAtOnce) {
      const traces = await deps.spans.traceSummaries(deps.project, ids.slice(at, at + tracesAtOnce));
      if (traces.length > 0) send({ type: 'traces', traces: traces.map(traceSummaryBody) });
    }
  }

  const flush = () => {
    reading = reading.then(sendTraces).catch((err: unknown) => deps.log.error({ err }, 'live traces could not be read'));
  };

  function onEvent(event: LiveEvent): void {
    if (event.type !== 'traces' && event.type !== 'scores') return send(event);
    // Without a reader there is nobody to read the store for; who comes back gets the newest.
    if (readers.size === 0) return;
    for (const id of event.traceIds) pending.add(id);
    gathering ??= setTimeout(flush, gatherMs);
  }

  async function catchUp(res: ServerResponse, lastId: number): Promise<void> {
    const missed = ring.filter((sent) => sent.id > lastId);
    const complete = lastId >= epoch && (ring[0] === undefined ? lastId === epoch + count : lastId >= ring[0].id - 1);
    for (const sent of complete ? missed : []) write(res, sent.text);
    const { data } = await deps.spans.listTraces(deps.project, { limit: 50 });
    const message: LiveMessage = { type: 'traces', traces: data.map(traceSummaryBody) };
    write(res, `id: ${epoch + count}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  const unsubscribe = deps.feed.subscribe(onEvent);
  const heartbeat = setInterval(() => {
    for (const res of readers) write(res, ': \n\n');
  }, heartbeatMs).unref();

  return {
    handle(req, res) {
      res.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      res.write(`id: ${epoch + count}\nretry: 1000\n: connected\n\n`);
      readers.add(res);
      res.on('error', () => res.destroy());
      res.once('close', () => readers.delete(res));
      const last = Number(req.headers['last-event-id'] ?? Number.NaN);
      if (Number.isFinite(last))
        catchUp(res, last).catch((err: unknown) => deps.log.error({ err }, 'a live reader could not catch up'));
    },
    close() {
      unsubscribe();
      clearInterval(heartbeat);
      if (gathering !== null) clearTimeout(gathering);
      for (const res of readers) res.end();
    },
  };
}
