import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuMs, stopProcess, watchOver } from '../bench/processes.ts';
import type { Fetched } from './fetch-model.ts';
import { concurrency, type Outcome, rowsOfSeed, search } from './plan.ts';
import type { Task } from './tasks.ts';

/** What clients asked the model and what it had to answer anew, in calls and tokens. */
type Totals = { asked: number; answered: number; prompt: number; fresh: number; made: number };

export type ModelServer = {
  /** As an OpenAI client is told it. */
  baseUrl: string;
  totals(): Promise<Totals>;
  /** Seconds of CPU so far. */
  cpuSeconds(): number;
  stop(): Promise<void>;
};

const ended = (child: ChildProcess, name: string) =>
  new Promise<never>((_, reject) =>
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code ?? 'a signal'}.`))),
  );

/** The model behind OpenAI's API; what it answered is kept in a file. */
export async function startModel({ runtime, model }: Fetched, keptIn: string): Promise<ModelServer> {
  const script = join(import.meta.dirname, 'model-server.mjs');
  const child = spawn(process.execPath, [script, runtime, model, keptIn, String(concurrency)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  watchOver(child);
  const ready = new Promise<{ port: number }>((resolve) => child.once('message', resolve));
  const failed = ended(child, 'The server of the model');
  failed.catch(() => undefined);
  const { port } = await Promise.race([ready, failed]);
  const origin = `http://127.0.0.1:${port}`;
  return {
    baseUrl: `${origin}/v1`,
    totals: async () => (await (await fetch(`${origin}/totals`)).json()) as Totals,
    cpuSeconds: () => cpuMs(child.pid ?? 0) / 1000,
    stop: () => stopProcess(child),
  };
}

export type Dspy = {
  compile(task: Task, seed: number, given: { count: number; url: string }): Promise<Outcome>;
  stop(): Promise<void>;
};

/** DSPy in a process of its own, that compiles what it is told. */
export function startDspy({ python }: Fetched): Dspy {
  const child = spawn(python, [join(import.meta.dirname, 'dspy_side.py')], { stdio: ['pipe', 'pipe', 'ignore'] });
  watchOver(child);
  const failed = ended(child, 'DSPy');
  failed.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async compile({ steps, judgedBy, ...task }, seed, { count, url }) {
      const rows = rowsOfSeed({ steps, judgedBy, ...task }, seed, count);
      child.stdin.write(`${JSON.stringify({ url, steps, judgedBy, rows, concurrency, ...search })}\n`);
      const { value } = await Promise.race([lines.next(), failed]);
      return JSON.parse(String(value)) as Outcome;
    },
    stop: () => stopProcess(child),
  };
}
