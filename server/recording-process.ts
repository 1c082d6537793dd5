import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Recording } from '@wheelhouse/core/ports';
import { type Price, type ProjectId, type Span, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import { createTokenCount, readRecording } from './gateway/index.ts';
import { createFrameReader, createKeepCalls, newToken, openSpill, type ToRecording } from './ingest/index.ts';
import { createPriceReader, openCatalogue } from './prices/index.ts';
import type { FromRecording } from './recording-messages.ts';
import { openSpanWriter } from './stores/clickhouse/index.ts';
import { lockDirectory } from './stores/embedded/index.ts';
import { createBreathe, systemRandom } from './world.ts';

type Start = Extract<ToRecording<Price>, { type: 'start' }>;

/** Its place among the streams that the server gives it. */
const callsStream = 3;
/** A predecessor whose server was killed may still be writing to disk. */
const predecessorMs = 20_000;
const usedEveryMs = 1_000;

/** What is said in one step of the event loop goes as one message, so that the server hears all of it or nothing. */
function createTeller() {
  let said: FromRecording[] = [];
  function flush(done: () => void = () => {}): void {
    const messages = said;
    said = [];
    if (!process.connected || messages.length === 0) done();
    else process.send?.(messages, undefined, undefined, () => done());
  }
  return {
    tell(message: FromRecording): void {
      if (said.push(message) === 1) setImmediate(flush);
    },
    flush,
  };
}

/** A write begins when the server knows of it, because that keeps the summaries of traces. */
function createFollow(tell: (message: FromRecording) => void) {
  const asked = new Map<number, { go(): void; refuse(reason: string): void }>();
  let writes = 0;
  let alone = false;
  const gone = 'The server is gone.';

  const allowed = (write: number) =>
    new Promise<void>((go, reject) => {
      const refuse = (reason: string) => reject(new WheelhouseError('store_unavailable', reason));
      if (alone) refuse(gone);
      else asked.set(write, { go, refuse });
    });
  return {
    async follow<T>(spans: readonly Pick<Span, 'projectId' | 'traceId'>[], work: () => Promise<T>): Promise<T> {
      const write = ++writes;
      const traces = new Map<TraceId, ProjectId>(spans.map(({ projectId, traceId }) => [traceId, projectId]));
      tell({ type: 'writing', write, traces: [...traces].map(([trace, project]) => [project, trace]) });
      await allowed(write);
      try {
        return await work();
      } finally {
        tell({ type: 'wrote', write });
      }
    },
    answered({ write, refused }: Extract<ToRecording, { type: 'go' }>): void {
      const waiting = asked.get(write);
      asked.delete(write);
      if (refused === null) waiting?.go();
      else waiting?.refuse(refused);
    },
    leave(): void {
      alone = true;
      for (const { refuse } of asked.values()) refuse(gone);
      asked.clear();
    },
  };
}

function openPrices({ builtIn, prices }: Start) {
  let own = new Map<ProjectId, Price[]>();
  const store = { list: async (project: ProjectId) => own.get(project) ?? [] };
  const reader = createPriceReader({ store, projects: () => [...own.keys()], catalogue: openCatalogue(), builtIn });
  const set = (given: [ProjectId, Price[]][]) => {
    own = new Map(given);
    return reader.refresh();
  };
  return { reader, set, ready: set(prices) };
}

/** Opens what calls are kept in. */
async function open(start: Start, tell: (message: FromRecording) => void) {
  const lock = await lockDirectory(join(start.dir, 'spill.lock'), predecessorMs);
  const log = {
    warn: (fields: object, message: string) => tell({ type: 'log', level: 'warn', fields, message }),
    error: (fields: object, message: string) => tell({ type: 'log', level: 'error', fields, message }),
  };
  const prices = openPrices(start);
  await prices.ready;
  const { follow, answered, leave } = createFollow(tell);
  const breathe = createBreathe();
  const writer = openSpanWriter({ url: start.clickhouseUrl, follow, breathe });
  const used = createTokenCount();
  const tellUsed = () => {
    const tokens = used.take();
    if (tokens.length > 0) tell({ type: 'used', tokens });
  };
  const telling = setInterval(tellUsed, usedEveryMs);
  const token = () => newToken(systemRandom);
  const calls = createKeepCalls({
    read(recording: Recording) {
      const span = readRecording(recording, prices.reader);
      used.add(span);
      return span;
    },
    prices: prices.reader,
    write: writer.append,
    spill: await openSpill({ dir: join(start.dir, 'spill'), newToken: token, log }),
    newToken: token,
    tell: (event) => tell({ type: 'ledger', event }),
    settled: (chunk) => tell({ type: 'settled', chunk }),
    log,
    breathe,
  });
  return {
    calls,
    answered,
    setPrices: prices.set,
    forget: writer.forget,
    /** @param gone the server, too, which then hears nothing of it */
    async close(gone: boolean): Promise<void> {
      clearInterval(telling);
      if (gone) leave();
      await (gone ? calls.leave() : calls.close());
      tellUsed();
      await writer.close();
      await lock.release();
    },
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

function main(): void {
  const { tell, flush } = createTeller();
  const socket = new Socket({ fd: callsStream, readable: true, writable: true });
  let opening: Promise<Opened> | null = null;
  let opened: Opened | null = null;
  /** What came with the order to start. */
  let early: ((to: Opened) => void)[] = [];
  let ending = false;

  async function close(gone: boolean): Promise<void> {
    await (await opening)?.close(gone);
    socket.destroy();
    flush(() => process.exit(0));
  }
  function end(gone: boolean): void {
    if (ending) return;
    ending = true;
    close(gone).catch(fail);
  }

  async function start(message: Start): Promise<void> {
    // What comes now waits in the socket.
    socket.pause();
    opening = open(message, tell);
    const ready = await opening;
    for (const act of early) act(ready);
    early = [];
    opened = ready;
    socket.resume();
  }
  const act = (action: (to: Opened) => void) => (opened === null ? void early.push(action) : action(opened));

  function told(message: ToRecording): void {
    switch (message.type) {
      case 'start':
        start(message as Start).catch(fail);
        break;
      case 'prices': {
        const { prices } = message as Extract<ToRecording<Price>, { type: 'prices' }>;
        act((to) => void to.setPrices(prices).catch(fail));
        break;
      }
      case 'chunk':
        act((to) => to.calls.chunk(message.chunk));
        break;
      case 'go':
        act((to) => to.answered(message));
        break;
      case 'forget':
        act((to) => {
          void to.forget(message.project, message.hashes);
          tell({ type: 'forgot', request: message.request });
        });
        break;
      case 'stop':
        end(false);
    }
  }

  // A Ctrl-C or a service manager signals the whole group; the server says when it has drained.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', () => {});
  const read = createFrameReader({ call: (recording) => act((to) => to.calls.call(recording)), told });
  socket.on('data', read);
  // The server is gone without a word; what it had handed over has been read by now.
  socket.on('end', () => end(true));
  socket.on('error', () => end(true));
}

main();
