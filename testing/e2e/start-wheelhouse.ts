import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@wheelhouse/sdk';

const bin = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'wheelhouse.mjs');

/** An environment without what this machine's user configured for real use. */
export function cleanEnvironment(more: Record<string, string>): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:WHEELHOUSE|OPENAI|OTEL|AWS|AZURE|GOOGLE)_|_(?:API_KEY|BASE_URL)$|^(?:DATABASE|CLICKHOUSE|REDIS)_URL$/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...more };
}

export type Finished = { code: number | null; stdout: string; stderr: string };

/** A command under way, for what is done to it meanwhile. */
export function spawnCli(args: string[], options: { cwd: string; env?: Record<string, string> | undefined }) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd,
    env: cleanEnvironment(options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));
  const finished = new Promise<Finished>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
  return { child, output, finished };
}

/** Runs a command to its end, as a user would type it. */
export function runCli(
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  return spawnCli(args, { cwd: options.cwd ?? tmpdir(), env: options.env }).finished;
}

export type Wheelhouse = {
  url: string;
  pid: number;
  client: Client;
  /** Working directory; the data is in its `.wheelhouse`. */
  folder: string;
  /** What the process printed so far. */
  output: { stdout: string; stderr: string };
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>;
};

export type StartOptions = {
  /** A folder of {@link makeFolder}. */
  folder: string;
  args?: string[];
  env?: Record<string, string>;
};

/** An empty folder of its own, with a config file when one is given; remove it after use. */
export async function makeFolder(config?: object): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'wheelhouse-e2e-'));
  if (config) await writeFile(join(path, 'wheelhouse.config.json'), JSON.stringify(config));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }) };
}

/** The address that `wheelhouse start` prints, once it is ready. */
export function untilReady(child: ChildProcess, output: { stdout: string; stderr: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const url = /^ {2}UI +(http:\/\/\S+)$/m.exec(output.stdout)?.[1];
      if (url && output.stdout.includes('keys')) resolve(url);
    });
    child.on('close', (code) =>
      reject(new Error(`wheelhouse start ended with ${code}\n${output.stdout}${output.stderr}`)),
    );
  });
}

/** Starts the built product on a free port and resolves when it says that it is ready. */
export async function startWheelhouse(options: StartOptions): Promise<Wheelhouse> {
  const { child, output, finished } = spawnCli(['start', '--port', '0', ...(options.args ?? [])], {
    cwd: options.folder,
    env: options.env,
  });
  const url = await untilReady(child, output);
  const apiKey = options.env?.WHEELHOUSE_ADMIN_KEY;
  return {
    url,
    pid: child.pid ?? 0,
    client: createClient({ baseUrl: url, ...(apiKey ? { apiKey } : {}) }),
    folder: options.folder,
    output,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return finished;
    },
  };
}
