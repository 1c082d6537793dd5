import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallRecorder } from '@wheelhouse/core/ports';
import type { Price, PriceRow, ProjectId } from '@wheelhouse/core/records';
import type { Logger } from 'pino';
import type { Metrics } from './gateway/index.ts';
import { ChunkRecorder, type Ledger, messageFrame, type ToRecording } from './ingest/index.ts';
import type { FromRecording } from './recording-messages.ts';
import type { ClickHouse } from './stores/clickhouse/index.ts';

export type RecordingParts = {
  clickhouseUrl: string;
  /** Of the data; calls wait there while the store is away. */
  dir: string;
  builtIn: PriceRow[];
  prices: { own(): [ProjectId, Price[]][]; onRefresh(listener: () => void): void };
  telemetry: Pick<ClickHouse, 'beside'>;
  ledger: Pick<Ledger, 'add' | 'beforeRead'>;
  metrics: Pick<Metrics, 'used'>;
  log: Logger;
};

export type RunningRecording = CallRecorder & {
  /** The ledger knows what a process before left on disk, or this took too long; never rejects. */
  recovered: Promise<void>;
  /** Resolves when everything that was recorded is stored or on disk. */
  close(): Promise<void>;
};

const firstDelayMs = 100;
const maxDelayMs = 10_000;
/** A process that lived so long is started again after the first delay. */
const healthyMs = 30_000;
const closeMs = 20_000;
/** A process before this one, whose server was killed, may still be writing. */
const recoveredMs = 10_000;

/** Node 20 cannot fork TypeScript: run from sources, as the unit tests are, this takes the compiled module. */
const childModule = import.meta.url.endsWith('.ts')
  ? new URL('./dist/bundle/recording-process.js', import.meta.url)
  : new URL('./recording-process.js', import.meta.url);

type Life = { process: ChildProcess; calls: Writable; exited: Promise<void> };

function launch(log: Logger): Life {
  // Nothing of the environment, keys above all, is needed.
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe', 'ipc'] as const;
  const child = fork(childModule, { env: {}, execArgv: [], stdio: [...stdio], serialization: 'advanced' });
  // Where the machine is short of processors, a call that waits comes before one that was answered.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => log.warn({ pid: child.pid }, line));
  const exited = new Promise<void>((done) => {
    child.once('exit', () => done());
    child.on('error', () => child.pid === undefined && done());
  });
  const calls = child.stdio[3] as Writable;
  // Its end is what matters, and is heard of.
  calls.on('error', () => {});
  return { process: child, calls, exited };
}

/** What is written in one step of the event loop goes with one system call, and wakes the other process once. */
function together(to: Writable): (bytes: Uint8Array) => void {
  let open = false;
  const close = () => {
    open = false;
    to.uncork();
  };
  return (bytes) => {
    if (!open) {
      open = true;
      to.cork();
      process.nextTick(close);
    }
    to.write(bytes);
  };
}

/** Writes of spans that the other process makes; whatever becomes of it, their traces are summarized. */
function createWrites({ telemetry, log }: Pick<RecordingParts, 'telemetry' | 'log'>) {
  const running = new Map<number, () => void>();
  return {
    asked(
      { write, traces }: Extract<FromRecording, { type: 'writing' }>,
      answer: (message: Extract<ToRecording, { type: 'go' }>) => void,
    ): void {
      const spans = traces.map(([projectId, traceId]) => ({ projectId, traceId }));
      const written = () =>
        new Promise<void>((resolve) => {
          running.set(write, resolve);
          answer({ type: 'go', write, refused: null });
        });
      telemetry.beside.follow(spans, written).catch((err: unknown) => {
        log.warn({ err }, 'calls wait on disk for the summaries of traces');
        answer({ type: 'go', write, refused: err instanceof Error ? err.message : String(err) });
      });
    },
    done(write: number): void {
      running.get(write)?.();
      running.delete(write);
    },
    /** Nobody tells any more. */
    end(): void {
      for (const resolve of running.values()) resolve();
      running.clear();
    },
  };
}

/** Whether the process has said what it found on disk. */
function createRecovery(): { over: Promise<void>; heard(): void } {
  let heard = () => {};
  const over = new Promise<void>((resolve) => {
    const late = setTimeout(resolve, recoveredMs);
    heard = () => {
      clearTimeout(late);
      resolve();
    };
  });
  return { over, heard };
}

/**
 * Starts the process that reads the gateway's calls, prices and redacts them and stores them, beside the one that serves
 * them. It outlives a server that is killed until what it was handed is on disk; when it dies it is started again and
 * gets what it had not settled. Does not wait for it.
 */
export function openRecording(parts: RecordingParts): RunningRecording {
  const { ledger, log, prices, telemetry, metrics } = parts;
  const recorder = new ChunkRecorder({ ledger, log });
  const writes = createWrites(parts);
  const forgetting = new Map<number, () => void>();
  const stopping = new AbortController();
  let requests = 0;
  const recovery = createRecovery();
  let life: Life | null = null;
  // Whoever reads that a call was received may rely on it.
  ledger.beforeRead(() => recorder.flush());

  const send = (message: ToRecording) => life?.calls.write(messageFrame(message));

  function heard(message: FromRecording): void {
    switch (message.type) {
      case 'ledger':
        ledger.add(message.event);
        if (message.event.type === 'recovered') recovery.heard();
        break;
      case 'settled':
        recorder.settled(message.chunk);
        break;
      case 'writing':
        writes.asked(message, send);
        break;
      case 'wrote':
        writes.done(message.write);
        break;
      case 'used':
        metrics.used(message.tokens);
        break;
      case 'log':
        log[message.level](message.fields, message.message);
        break;
      case 'forgot':
        forgetting.get(message.request)?.();
        forgetting.delete(message.request);
    }
  }

  function begin(): Life {
    const next = launch(log);
    life = next;
    next.process.on('message', (messages: FromRecording[]) => {
      for (const message of messages) heard(message);
    });
    const { clickhouseUrl, dir, builtIn } = parts;
    send({ type: 'start', clickhouseUrl, dir, builtIn, prices: prices.own() });
    recorder.connect(together(next.calls));
    return next;
  }

  function ended(): void {
    recorder.disconnect();
    life = null;
    writes.end();
    for (const forgot of forgetting.values()) forgot();
    forgetting.clear();
  }

  async function supervise(): Promise<void> {
    let delay = firstDelayMs;
    while (!stopping.signal.aborted) {
      const since = performance.now();
      await begin().exited;
      ended();
      if (stopping.signal.aborted) return;
      const aliveMs = Math.round(performance.now() - since);
      if (aliveMs > healthyMs) delay = firstDelayMs;
      log.error({ aliveMs, delayMs: delay }, 'the process that records calls ended unexpectedly; starting it again');
      await sleep(delay, undefined, { signal: stopping.signal }).catch(() => {});
      delay = Math.min(delay * 2, maxDelayMs);
    }
  }
  const supervised = supervise();

  prices.onRefresh(() => send({ type: 'prices', prices: prices.own() }));
  telemetry.beside.onForget((project, hashes) => {
    // One that is not there remembers nothing.
    if (life === null) return;
    const request = ++requests;
    const forgot = new Promise<void>((resolve) => forgetting.set(request, resolve));
    send({ type: 'forget', request, project, hashes });
    return forgot;
  });

  return {
    record: (recording) => recorder.record(recording),
    recovered: recovery.over,
    async close() {
      recovery.heard();
      recorder.close();
      const bound = new AbortController();
      const late = sleep(closeMs, undefined, { signal: bound.signal }).catch(() => {});
      // A process that dies meanwhile is followed by another.
      send({ type: 'stop' });
      await Promise.race([recorder.drained(), late]);
      stopping.abort();
      send({ type: 'stop' });
      const killer = setTimeout(() => life?.process.kill('SIGKILL'), closeMs);
      await supervised;
      clearTimeout(killer);
      bound.abort();
    },
  };
}
