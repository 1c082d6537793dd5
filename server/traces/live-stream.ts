import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LiveMessage } from '@wheelhouse/core/contract';
import type { Clock, LiveFeed, SearchedTrace, TraceQueries, TraceSummary } from '@wheelhouse/core/ports';
import { selects } from '@wheelhouse/core/query';
import {
  type Actor,
  everyTrace,
  type Filter,
  type LiveEvent,
  type ProjectId,
  type TraceId,
} from '@wheelhouse/core/records';
import { createMessageRing } from './message-ring.ts';
import { readFilter } from './read-filter.ts';
import { traceSummaryBody } from './wire.ts';

export type LiveStreamDeps = {
  feed: LiveFeed;
  queries: Pick<TraceQueries, 'searched' | 'list'>;
  clock: Clock;
  log: { error(details: object, message: string): void };
};

export type LiveStream = {
  /** `?q=` chooses traces; throws `filter_invalid`. */
  handle(req: IncomingMessage, res: ServerResponse, context: { by: Actor }): void;
  /** Ends every stream. */
  close(): void;
};

/**
 * Kept for those who come back with Last-Event-ID: under load a message holds a hundred traces, and a thousand such would
 * be most of what the server has in memory.
 */
const kept = { messages: 1_000, characters: 4_000_000 };
/**
 * Traces are gathered so long, and at most so many, the newest, are read and sent: four updates a second of more than a
 * screen are enough for eyes, and reading each would cost the store more than storing it.
 */
const gatherMs = 250;
export const tracesAtOnce = 100;
/** So many are read while somebody filters them, because what fits may be rare. */
const filteredAtOnce = 2_000;
/** Traces that a reader gets who comes back, because nothing was read from the store while nobody listened. */
const newestTraces = 50;
const heartbeatMs = 15_000;
/** A reader that is so far behind is cut off; it comes back and catches up. */
const bufferBytes = 1024 * 1024;

/** Gathers the newest ids for a moment and hands them over in one go, one hand-over at a time. */
function createGatherer(options: { read(ids: TraceId[]): Promise<void>; most(): number }): {
  add(ids: TraceId[]): void;
  stop(): void;
} {
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
    await options.read(ids);
    reading = false;
    schedule();
  }
  return {
    add(ids) {
      for (const id of ids) {
        pending.delete(id);
        pending.add(id);
        for (const oldest of pending) {
          if (pending.size <= options.most()) break;
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

const summaryOf = ({ services: _, text: __, ...summary }: SearchedTrace): TraceSummary => summary;

function write(res: ServerResponse, text: string): void {
  res.write(text);
  if (res.writableLength > bufferBytes) res.destroy();
}

/** What changes in a project, for all who look at it, with one read of the store for all of them. */
function createChannel(deps: LiveStreamDeps, project: ProjectId) {
  /** Each with its filter; null takes all traces. */
  const readers = new Map<ServerResponse, Filter | null>();
  const ring = createMessageRing(Date.now(), kept);
  /** Traces that were deleted while others were read: what was read of them is not told any more. */
  const removed = new Set<TraceId>();

  function send(message: LiveMessage): void {
    const text = ring.add(message);
    for (const [res, filter] of readers) if (filter === null || message.type !== 'traces') write(res, text);
  }

  /** A filtered reader's place is that of the newest message, which it may never have got. */
  function sendTraces(res: ServerResponse, traces: TraceSummary[]): void {
    const message: LiveMessage = { type: 'traces', traces: traces.map(traceSummaryBody) };
    write(res, `id: ${ring.lastId()}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  function tell(found: readonly SearchedTrace[]): void {
    const nowNs = deps.clock.now();
    const shown = found.filter((trace) => selects(trace, everyTrace, nowNs)).slice(-tracesAtOnce);
    if (shown.length > 0) send({ type: 'traces', traces: shown.map(summaryOf).map(traceSummaryBody) });
    for (const [res, filter] of readers) {
      const fit = filter === null ? [] : found.filter((trace) => selects(trace, filter, nowNs)).slice(-tracesAtOnce);
      if (fit.length > 0) sendTraces(res, fit.map(summaryOf));
    }
  }

  const traces = createGatherer({
    most: () => ([...readers.values()].some((filter) => filter !== null) ? filteredAtOnce : tracesAtOnce),
    async read(ids) {
      try {
        const place = new Map(ids.map((id, at) => [id, at]));
        removed.clear();
        const read = await deps.queries.searched(project, ids);
        const found = read.filter(({ traceId }) => !removed.has(traceId));
        tell(found.toSorted((a, b) => (place.get(a.traceId) ?? 0) - (place.get(b.traceId) ?? 0)));
      } catch (err) {
        deps.log.error({ err }, 'live traces could not be read');
      }
    },
  });

  function hear({ project: _, ...event }: LiveEvent): void {
    if (event.type === 'removed') for (const id of event.traceIds) removed.add(id);
    if (event.type !== 'traces' && event.type !== 'scores') send(event);
    else if (readers.size > 0) traces.add(event.traceIds);
  }

  async function catchUp(res: ServerResponse, lastId: number, filter: Filter | null): Promise<void> {
    for (const text of ring.after(lastId, (type) => filter === null || type !== 'traces')) write(res, text);
    try {
      const ask = { filter: filter ?? everyTrace, nowNs: deps.clock.now(), limit: newestTraces };
      sendTraces(res, (await deps.queries.list(project, ask)).data);
    } catch (err) {
      deps.log.error({ err }, 'a live reader could not catch up');
    }
  }

  return {
    hear,
    join(req: IncomingMessage, res: ServerResponse, filter: Filter | null): void {
      res.write(`id: ${ring.lastId()}\nretry: 1000\n: connected\n\n`);
      readers.set(res, filter);
      res.on('error', () => res.destroy());
      res.once('close', () => readers.delete(res));
      const lastId = Number(req.headers['last-event-id'] ?? Number.NaN);
      if (Number.isFinite(lastId)) void catchUp(res, lastId, filter);
    },
    beat(): void {
      for (const res of readers.keys()) write(res, ': \n\n');
    },
    close(): void {
      traces.stop();
      for (const res of readers.keys()) res.end();
    },
  };
}

/** What changes, as server-sent events; everybody hears of their own project. */
export function createLiveStream(deps: LiveStreamDeps): LiveStream {
  /** Of the projects that somebody has looked at: what happened before that is nobody's to miss. */
  const channels = new Map<ProjectId, ReturnType<typeof createChannel>>();
  let closed = false;

  const unsubscribe = deps.feed.subscribe((event) => channels.get(event.project)?.hear(event));
  const heartbeat = setInterval(() => {
    for (const channel of channels.values()) channel.beat();
  }, heartbeatMs).unref();

  return {
    handle(req, res, { by: { project } }) {
      if (closed) {
        // A stream opened now would hold up the server's stop; the reader comes back to the next one.
        res.writeHead(503, { 'retry-after': '1' }).end();
        return;
      }
      const q = new URL(req.url ?? '/', 'http://localhost').searchParams.get('q') ?? '';
      const filter = q.trim() === '' ? null : readFilter(q);
      res.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      const channel = channels.get(project) ?? createChannel(deps, project);
      channels.set(project, channel);
      channel.join(req, res, filter);
    },
    close() {
      closed = true;
      unsubscribe();
      clearInterval(heartbeat);
      for (const channel of channels.values()) channel.close();
    },
  };
}
