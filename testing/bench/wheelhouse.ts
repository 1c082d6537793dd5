import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childRunning, stopProcess, watchOver } from './processes.ts';

export const root = join(import.meta.dirname, '..', '..');

const startLimitMs = 60_000;

export type Recorded = { received: number; stored: number; rejected: number; waiting: number };

export type House = {
  url: string;
  port: number;
  pid: number;
  /** The process of the embedded databases. */
  childPid: number;
  /** Of the process that records the gateway's calls. */
  recordingPid: number;
  /** From the start of the process to its banner. */
  wallMs: number;
  /** As it says itself. */
  readySeconds: number;
  /** What became of the spans that the gateway recorded. */
  recorded(): Promise<Recorded>;
  /** What the process wrote to stderr. */
  complaints(): string;
  stop(): Promise<void>;
};

export type HouseOptions = {
  folder: string;
  env?: Record<string, string>;
  /** Folder for a CPU profile of the server process, written when it ends. */
  profile?: string | null;
};

/** An empty folder, with a config file when one is given; its data goes when it is removed. */
export async function makeFolder(config?: object): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'wheelhouse-bench-'));
  if (config) await writeFile(join(path, 'wheelhouse.config.json'), JSON.stringify(config));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function environment(more: Record<string, string>): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:WHEELHOUSE|OPENAI|OTEL|AWS|AZURE|GOOGLE)_|_(?:API_KEY|BASE_URL)$|^(?:DATABASE|CLICKHOUSE|REDIS)_URL$|^NODE_OPTIONS$/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...more };
}

/** `wheelhouse start` as a user runs it, on a free port. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const profiling = options.profile
    ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`, '--cpu-prof-interval=500']
    : [];
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [...profiling, join(root, 'cli', 'bin', 'wheelhouse.mjs'), 'start', '--port', '0'],
    {
      cwd: options.folder,
      env: environment(options.env ?? {}),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  watchOver(child);
  let printed = '';
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (complaints += text));
  const banner = await new Promise<{ url: string; readySeconds: number; wallMs: number }>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (printed.length < 10_000) printed += text;
      const url = /^ {2}UI +(http:\/\/\S+)$/m.exec(printed)?.[1];
      const readySeconds = Number(/ready in ([\d.]+) s/.exec(printed)?.[1]);
      if (url && printed.includes('keys')) resolve({ url, readySeconds, wallMs: performance.now() - startedAt });
    });
    child.once('exit', (code) => reject(new Error(`wheelhouse start ended with ${code}\n${printed}${complaints}`)));
    setTimeout(() => reject(new Error(`wheelhouse start is not ready\n${printed}${complaints}`)), startLimitMs).unref();
  });
  const pid = child.pid ?? 0;
  const adminKey = options.env?.WHEELHOUSE_ADMIN_KEY;
  const headers = adminKey ? { authorization: `Bearer ${adminKey}` } : {};
  return {
    ...banner,
    port: Number(new URL(banner.url).port),
    pid,
    childPid: childRunning(pid, 'bundle/child'),
    recordingPid: childRunning(pid, 'recording-process'),
    async recorded() {
      const response = await fetch(`${banner.url}/api/v1/ingest/ledger`, { headers });
      const { sources } = (await response.json()) as { sources: (Recorded & { source: string })[] };
      const gateway = sources.find(({ source }) => source === 'gateway');
      const { received = 0, stored = 0, rejected = 0, waiting = 0 } = gateway ?? {};
      return { received, stored, rejected, waiting };
    },
    complaints: () => complaints,
    stop: () => stopProcess(child),
  };
}
