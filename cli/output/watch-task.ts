import { setTimeout as sleep } from 'node:timers/promises';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { createProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** Work that the server does as a job. */
type Task = { id: string; status: string; total: number };

export type WatchOptions<T extends Task> = {
  terminal: Terminal;
  start(): Promise<T>;
  /** As it is now. */
  read(id: string, signal: AbortSignal): Promise<T>;
  /** What the progress line shows: how many of `total`, and a few words. */
  progress(task: T): { done: number; note: string };
  /** The command that ends it, without the id. */
  cancelWith: string;
  ended(task: T): ExitCode;
};

const pollMs = 500;
const isEnded = ({ status }: Task) => status !== 'queued' && status !== 'running';

/** Starts a job of the server and shows how far it is. An interrupt ends the watching, not the job. */
export async function watchTask<T extends Task>(options: WatchOptions<T>): Promise<ExitCode> {
  const { terminal, read } = options;
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  let id = '';
  try {
    let task = await options.start();
    id = task.id;
    const progress = createProgress(terminal, () => performance.now());
    try {
      while (!isEnded(task)) {
        const { done, note } = options.progress(task);
        progress.update(done, Math.max(task.total, done), note);
        await sleep(pollMs, undefined, { signal: stop.signal });
        task = await read(id, stop.signal);
      }
    } finally {
      progress.end();
    }
    return options.ended(task);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    terminal.err(`  Stopped watching; it goes on. To end it: ${options.cancelWith} ${id}\n`);
    return exitCodes.stopped;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** The last line of a job that has no result but itself. */
export function reportEnd(terminal: Terminal, task: Task & { error: string | null }, sentence: string): ExitCode {
  const { green, red } = terminal.outStyle;
  const isDone = task.status === 'completed';
  terminal.out(`  ${isDone ? green('✓') : red('✕')} ${task.id} ${task.status}: ${task.error ?? sentence}\n`);
  return isDone ? exitCodes.done : exitCodes.failed;
}
