import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { WheelhouseError } from '@wheelhouse/core/records';
import { lockDirectory } from './directory-lock.ts';
import type { FromChild, ToChild } from './messages.ts';

export type EmbeddedLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type EmbeddedOptions = {
  /** Holds `postgres/`, `clickhouse/` and the locks; made when absent. */
  dataDir: string;
  /** The dumped Postgres data directory (gzipped tar) that a first start restores. */
  template: string;
  log?: EmbeddedLog;
};

export type Embedded = {
  /** For `pg`. Both URLs stay the same when the child is restarted. */
  databaseUrl: string;
  /** For `@clickhouse/client`; holds a password made at this start. */
  clickhouseUrl: string;
  /** Of the child; another one after a restart. */
  pid(): number | null;
  /** Closes both engines and gives the directory free. */
  stop(): Promise<void>;
};

type Child = {
  process: ChildProcess;
  /** Resolves with the ClickHouse port when both engines answer. */
  ready: Promise<number>;
  exited: Promise<void>;
};

const firstDelayMs = 100;
const maxDelayMs = 10_000;
/** A child that lived so long is started again after the first delay. */
const healthyMs = 30_000;
const stopMs = 10_000;

/** Node 20 cannot fork TypeScript: run from sources, as the unit tests are, this takes the compiled child. */
const childModule = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/bundle/child.js', import.meta.url)
  : new URL('./child.js', import.meta.url);

const send = (child: ChildProcess, message: ToChild) => child.connected && child.send(message);

function forwardOutput(child: ChildProcess, log: EmbeddedLog | undefined): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => log?.warn({ pid: child.pid }, line));
  }
}

function launch(start: Extract<ToChild, { type: 'start' }>, log: EmbeddedLog | undefined): Child {
  const child = fork(childModule, {
    // Each session of chDB blocks a thread while its query runs. Nothing else of the environment, keys above all, is needed.
    env: { UV_THREADPOOL_SIZE: '16' },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  forwardOutput(child, log);
  const exited = new Promise<void>((done) => {
    child.once('exit', () => done());
    child.on('error', () => child.pid === undefined && done());
  });
  const ready = new Promise<number>((resolve, reject) => {
    const refuse = (reason: string) =>
      reject(new WheelhouseError('store_unavailable', `The embedded databases did not start: ${reason}`));
    child.once('message', (message: FromChild) => {
      if (message.type === 'ready') resolve(message.port);
      else refuse(message.message);
    });
    child.once('error', (error) => refuse(error.message));
    child.once('exit', (code, signal) => refuse(`their process ended (${signal ?? code}).`));
  });
  send(child, start);
  return { process: child, ready, exited };
}

/**
 * Starts the child process that is both databases: Postgres (PGlite) on a private unix socket, ClickHouse (chDB) on a
 * loopback port behind a password. A child that dies is started again under the same URLs.
 * @throws WheelhouseError `data_dir_locked` when another process uses the directory, `store_unavailable` when an engine does not open
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log } = options;
  const dataDir = resolve(options.dataDir);
  const lock = await lockDirectory(join(dataDir, 'lock'));
  const socketDir = await mkdtemp(join(tmpdir(), 'wheelhouse-'));
  const start = {
    type: 'start' as const,
    dataDir,
    template: resolve(options.template),
    socketDir,
    password: randomBytes(24).toString('hex'),
  };
  const release = async () => {
    await rm(socketDir, { recursive: true, force: true });
    await lock.release();
  };
  let child = launch({ ...start, port: 0 }, log);
  let port: number;
  try {
    port = await child.ready;
  } catch (error) {
    child.process.kill('SIGKILL');
    await child.exited;
    await release();
    throw error;
  }
  const stopping = new AbortController();

  async function supervise(): Promise<void> {
    let delay = firstDelayMs;
    for (;;) {
      const since = performance.now();
      await child.exited;
      if (stopping.signal.aborted) return;
      const aliveMs = Math.round(performance.now() - since);
      if (aliveMs > healthyMs) delay = firstDelayMs;
      log?.error({ aliveMs, delayMs: delay }, 'the embedded databases ended unexpectedly; starting them again');
      await sleep(delay, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      delay = Math.min(delay * 2, maxDelayMs);
      child = launch({ ...start, port }, log);
      child.ready.catch((err: unknown) =>
        log?.error({ err }, 'the embedded databases did not come back; trying again'),
      );
    }
  }
  const supervised = supervise();

  return {
    databaseUrl: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(socketDir)}`,
    clickhouseUrl: `http://default:${start.password}@127.0.0.1:${port}`,
    pid: () => child.process.pid ?? null,
    stop: async () => {
      stopping.abort();
      send(child.process, { type: 'stop' });
      const killer = setTimeout(() => child.process.kill('SIGKILL'), stopMs);
      await supervised;
      clearTimeout(killer);
      await release();
    },
  };
}
