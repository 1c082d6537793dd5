import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type LiveMessage, schemas } from '@wheelhouse/core/contract';
import type { SearchedTrace } from '@wheelhouse/core/ports';
import { defaultProjectId, type LiveEvent, type TraceId } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleNowNs, searchedTrace } from '../../testing/conformance/sample-filters.ts';
import { freshTraceId } from '../../testing/conformance/sample-spans.ts';
import { fakeTraceQueries } from '../../testing/fakes/index.ts';
import { createLiveFeed } from './live-feed.ts';
import { createLiveStream, tracesAtOnce } from './live-stream.ts';

const log = { error: () => {} };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

type Sent = { id: number; message: LiveMessage };

/** A reader of the stream: waits for messages instead of for time. */
class Reader {
  private readonly messages: Sent[] = [];
  private readonly waiting: ((sent: Sent | null) => void)[] = [];
  private lastId = 0;
  private tellOpened: (id: number) => void = () => {};
  /** The id that a browser would come back with before any message. */
  readonly opened = new Promise<number>((resolve) => {
    this.tellOpened = resolve;
  });
  constructor(readonly res: IncomingMessage) {
    let rest = '';
    res.setEncoding('utf8');
    res.on('data', (text: string) => {
      const frames = (rest + text).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) this.take(frame);
    });
    const end = () => {
      for (const next of this.waiting.splice(0)) next(null);
    };
    res.on('close', end);
    res.on('error', end);
  }
  private take(frame: string): void {
    const id = /^id: (\d+)$/m.exec(frame)?.[1];
    const data = /^data: (.*)$/m.exec(frame)?.[1];
    if (id) this.lastId = Number(id);
    this.tellOpened(this.lastId);
    if (data === undefined) return;
    const sent = { id: this.lastId, message: schemas.liveMessage.parse(JSON.parse(data)) };
    const next = this.waiting.shift();
    if (next) next(sent);
    else this.messages.push(sent);
  }
  next(): Promise<Sent | null> {
    const sent = this.messages.shift();
    return sent ? Promise.resolve(sent) : new Promise((resolve) => this.waiting.push(resolve));
  }
  async traces(): Promise<string[]> {
    const sent = await this.next();
    return sent?.message.type === 'traces' ? sent.message.traces.map((trace) => trace.traceId) : [];
  }
  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.res.once('close', resolve);
      this.res.destroy();
    });
  }
}

async function setUp() {
  const store = fakeTraceQueries();
  const reads: TraceId[][] = [];
  const feed = createLiveFeed(log);
  let holding: (ids: TraceId[]) => Promise<void> = async () => {};
  const stream = createLiveStream({
    feed,
    queries: {
      list: store.list,
      searched: async (project, ids) => {
        reads.push(ids);
        const found = await store.searched(project, ids);
        await holding(ids);
        return found;
      },
    },
    clock: { now: () => sampleNowNs },
    log,
  });
  let gone: () => void = () => {};
  const server = createServer((req, res) => {
    res.on('close', () => gone());
    try {
      stream.handle(req, res, { by: { project: defaultProjectId, actor: 'test' } });
    } catch (error) {
      res.writeHead(400).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    stream.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const connect = (lastEventId?: number, q = ''): Promise<Reader> =>
    new Promise((resolve, reject) => {
      const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
      get({ host: '127.0.0.1', port, path: `/api/v1/live?q=${encodeURIComponent(q)}`, headers }, (res) =>
        resolve(new Reader(res)),
      ).on('error', reject);
    });
  const add = async (more: Partial<SearchedTrace> = {}): Promise<TraceId> => {
    const traceId = freshTraceId();
    const [trace] = fc.sample(searchedTrace, { numRuns: 1, seed: 1 });
    if (trace) await store.put(defaultProjectId, [{ ...trace, runId: null, ...more, traceId }]);
    return traceId;
  };
  return {
    feed,
    stream,
    reads,
    connect,
    add,
    /** The next read has its rows, and does not come back before it is released. */
    hold() {
      let release = () => {};
      const reading = new Promise<void>((begun) => {
        holding = () => {
          begun();
          return new Promise((resolve) => {
            release = resolve;
          });
        };
      });
      return { reading, release: () => release() };
    },
    /** Leaves and waits until the server knows. */
    leave: async (reader: Reader) => {
      const known = new Promise<void>((resolve) => {
        gone = resolve;
      });
      await Promise.all([reader.leave(), known]);
    },
  };
}

describe('the live stream', () => {
  it('sends changed traces as summaries, in one read of the store for all of them and all readers', async () => {
    const { feed, reads, connect, add } = await setUp();
    const readers = [await connect(), await connect()];
    const ids = [await add(), await add(), await add()];
    for (const id of ids) feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [id, id] });
    feed.publish({ project: defaultProjectId, type: 'scores', traceIds: [ids[0] as TraceId] });
    for (const reader of readers) expect((await reader.traces()).sort()).toEqual([...ids].sort());
    expect(reads.map((read) => read.toSorted())).toEqual([ids.toSorted()]);
    expect(readers[0]?.res.headers['content-type']).toBe('text/event-stream');
  });

  it('passes other changes on at once, with ids that grow', async () => {
    const { feed, connect } = await setUp();
    const reader = await connect();
    const project = defaultProjectId;
    const events: LiveEvent[] = [
      { project, type: 'models', name: 'bot' },
      { project, type: 'datasets', name: 'capitals' },
      {
        ...{ project, type: 'evaluations', id: 'ev_1', done: 1, total: 2, failed: 0 },
        ...{ costNanoUsd: null, status: 'running' },
      },
    ];
    feed.publish({ project: 'elsewhere' as typeof project, type: 'models', name: 'not for us' });
    for (const event of events) feed.publish(event);
    const sent = [await reader.next(), await reader.next(), await reader.next()];
    expect(sent.map((s) => s?.message)).toEqual(events.map(({ project: _, ...message }) => message));
    expect(new Set(sent.map((s) => s?.id)).size).toBe(3);
    expect(sent.map((s) => s?.id)).toEqual(sent.map((s) => s?.id).toSorted());
  });

  it('says which traces were deleted, also to those who filter, and tells no more of what was read of them', async () => {
    const { feed, connect, add, hold } = await setUp();
    const readers = [await connect(), await connect(undefined, 'user:nobody')];
    const [gone, kept] = [await add(), await add()];
    const held = hold();
    feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [gone, kept] });
    await held.reading;
    feed.publish({ project: defaultProjectId, type: 'removed', traceIds: [gone] });
    held.release();
    for (const reader of readers) expect((await reader.next())?.message).toEqual({ type: 'removed', traceIds: [gone] });
    expect(await readers[0]?.traces()).toEqual([kept]);
  });

  it('gives a reader that comes back what it missed', async () => {
    const { feed, connect, leave } = await setUp();
    const staying = await connect();
    const first = await connect();
    feed.publish({ project: defaultProjectId, type: 'models', name: 'one' });
    const seen = await first.next();
    await leave(first);
    feed.publish({ project: defaultProjectId, type: 'models', name: 'two' });
    feed.publish({ project: defaultProjectId, type: 'models', name: 'three' });
    for (let i = 0; i < 3; i++) await staying.next();
    const back = await connect(seen?.id);
    expect([(await back.next())?.message, (await back.next())?.message]).toMatchObject([
      { name: 'two' },
      { name: 'three' },
    ]);
  });

  it('gives the newest traces to a reader that comes back, for what nobody read from the store meanwhile', async () => {
    const { feed, reads, connect, add, leave } = await setUp();
    const ids = [await add(), await add()];
    const reader = await connect();
    feed.publish({ project: defaultProjectId, type: 'models', name: 'one' });
    const seen = await reader.next();
    await leave(reader);
    feed.publish({ project: defaultProjectId, type: 'traces', traceIds: ids });
    feed.publish({ project: defaultProjectId, type: 'datasets', name: 'two' });
    const back = await connect(seen?.id);
    expect((await back.next())?.message).toEqual({ type: 'datasets', name: 'two' });
    expect((await back.traces()).sort()).toEqual([...ids].sort());
    expect(reads).toEqual([]);
  });

  it('tells a reader where it stands before its first message, so that it can come back', async () => {
    const { feed, connect, leave } = await setUp();
    const reader = await connect();
    const standing = await reader.opened;
    await leave(reader);
    feed.publish({ project: defaultProjectId, type: 'models', name: 'missed' });
    const back = await connect(standing);
    expect((await back.next())?.message).toEqual({ type: 'models', name: 'missed' });
  });

  it('sends the newest of a burst, so that showing traces never costs more than storing them', async () => {
    const { feed, reads, connect, add } = await setUp();
    const reader = await connect();
    const ids: TraceId[] = [];
    for (let i = 0; i < tracesAtOnce + 20; i++) ids.push(await add());
    for (const id of ids) feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [id] });
    feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [ids[0] as TraceId] });
    const newest = [...ids.slice(21), ids[0] as TraceId];
    expect((await reader.traces()).sort()).toEqual([...newest].sort());
    expect(reads).toEqual([newest]);
  });

  it('filters on the server: a reader with a filter gets what fits, also out of a burst, and other changes', async () => {
    const { feed, connect, add } = await setUp();
    const failed = await connect(undefined, 'status:error refund');
    const everything = await connect();
    const wanted = await add({ status: 'error', text: 'my refund' });
    const others = [await add({ status: 'ok', text: 'my refund' }), await add({ status: 'error', text: '' })];
    for (let i = 0; i < tracesAtOnce; i++) others.push(await add({ status: 'ok', text: '' }));
    feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [wanted, ...others] });
    expect(await failed.traces()).toEqual([wanted]);
    expect(await everything.traces()).not.toContain(wanted);
    feed.publish({ project: defaultProjectId, type: 'models', name: 'one' });
    expect((await failed.next())?.message).toEqual({ type: 'models', name: 'one' });
  });

  it('filters also what a reader gets that comes back', async () => {
    const { feed, connect, add, leave } = await setUp();
    const all = await connect();
    const reader = await connect(undefined, 'status:error');
    feed.publish({ project: defaultProjectId, type: 'models', name: 'one' });
    const seen = await reader.next();
    await leave(reader);
    const wanted = await add({ status: 'error' });
    feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [wanted, await add({ status: 'ok' })] });
    await all.next();
    expect(await all.traces()).toHaveLength(2);
    const back = await connect(seen?.id, 'status:error');
    expect(await back.traces()).toEqual([wanted]);
  });

  it('leaves evaluations out unless the filter names them, and refuses a filter that is none', async () => {
    const { feed, connect, add } = await setUp();
    const plain = await connect();
    const runs = await connect(undefined, 'run:*');
    const [evaluated, real] = [await add({ runId: 'run_1' }), await add()];
    feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [evaluated, real] });
    expect(await plain.traces()).toEqual([real]);
    expect(await runs.traces()).toEqual([evaluated]);
    expect((await connect(undefined, 'stauts:error')).res.statusCode).toBe(400);
  });

  it('does not read the store for nobody', async () => {
    const { feed, reads, add, connect } = await setUp();
    feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [await add()] });
    const reader = await connect();
    const id = await add();
    feed.publish({ project: defaultProjectId, type: 'traces', traceIds: [id] });
    expect(await reader.traces()).toEqual([id]);
    expect(reads).toEqual([[id]]);
  });

  it('cuts off a reader that does not keep up', async () => {
    const { feed, connect } = await setUp();
    const reader = await connect();
    const closed = new Promise<string>((resolve) => reader.res.once('close', () => resolve('closed')));
    reader.res.pause();
    const name = 'x'.repeat(100_000);
    // More than any socket buffer and our own bound together.
    for (let i = 0; i < 200; i++) {
      feed.publish({ project: defaultProjectId, type: 'models', name });
      await new Promise((resolve) => setImmediate(resolve));
    }
    reader.res.resume();
    expect(await closed).toBe('closed');
  });

  it('ends when the server stops', async () => {
    const { stream, connect } = await setUp();
    const reader = await connect();
    stream.close();
    expect(await reader.next()).toBeNull();
    expect((await connect()).res.statusCode).toBe(503);
  });
});

describe('the live feed', () => {
  it('keeps one failing listener from harming the others', () => {
    const failures: object[] = [];
    const feed = createLiveFeed({ error: (details) => failures.push(details) });
    const heard: LiveEvent[] = [];
    feed.subscribe(() => {
      throw new Error('broken');
    });
    const leave = feed.subscribe((event) => heard.push(event));
    feed.publish({ project: defaultProjectId, type: 'models', name: 'a' });
    leave();
    feed.publish({ project: defaultProjectId, type: 'models', name: 'b' });
    expect(heard).toEqual([{ project: defaultProjectId, type: 'models', name: 'a' }]);
    expect(failures).toHaveLength(2);
  });
});
