import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, RenormalizationBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import type { Terminal } from '../output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
export type RenormalizeOptions = { from?: string; until?: string; cancel?: string };

const pollMs = 500;
const isEnded = ({ status }: RenormalizationBody) => status !== 'queued' && status !== 'running';
const sentence = ({ done, changed }: RenormalizationBody) =>
  done === 0
    ? 'nothing was read by an older version'
    : `${changed.toLocaleString('en')} of ${done.toLocaleString('en')} reports of spans are read otherwise now`;

async function follow(client: Client, started: RenormalizationBody, terminal: Terminal, signal: AbortSignal) {
  const progress = createProgress(terminal, () => performance.now());
  let task = started;
  try {
    while (!isEnded(task)) {
      progress.update(task.done, Math.max(task.total, task.done), `${task.changed} changed`);
      await sleep(pollMs, undefined, { signal });
      task = await client.call('getRenormalization', { params: { renormalizationId: started.id }, signal });
    }
    return task;
  } finally {
    progress.end();
  }
}

/** `wheelhouse trace renormalize`: starts it and shows how far it is. */
export async function renormalizeTraces(options: RenormalizeOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  if (options.cancel !== undefined) {
    const cancelled = await client.call('cancelRenormalization', { params: { renormalizationId: options.cancel } });
    terminal.out(`  ${cancelled.id} is ${cancelled.status}: ${sentence(cancelled)}\n`);
    return exitCodes.done;
  }
  const body = {
    ...(options.from !== undefined && { from: options.from }),
    ...(options.until !== undefined && { until: options.until }),
  };
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  let id = '';
  try {
    const started = await client.call('createRenormalization', { body });
    id = started.id;
    const ended = await follow(client, started, terminal, stop.signal);
    const { green, red } = terminal.outStyle;
    const mark = ended.status === 'completed' ? green('✓') : red('✕');
    terminal.out(`  ${mark} ${ended.id} ${ended.status}: ${ended.error ?? sentence(ended)}\n`);
    return ended.status === 'completed' ? exitCodes.done : exitCodes.failed;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    terminal.err(`  Stopped watching; it goes on. To end it: wheelhouse trace renormalize --cancel ${id}\n`);
    return exitCodes.stopped;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
