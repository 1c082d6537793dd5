import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, TraceExportBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';

type Deps = { config: Config; terminal: Terminal };
export type ExportsOptions = { rm?: string; json?: boolean };

const pollMs = 500;
const isEnded = ({ status }: TraceExportBody) => status !== 'queued' && status !== 'running';
const size = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MiB`;

async function follow(client: Client, started: TraceExportBody, terminal: Terminal, signal: AbortSignal) {
  const progress = createProgress(terminal, () => performance.now());
  let made = started;
  try {
    while (!isEnded(made)) {
      progress.update(made.traces, Math.max(made.total, made.traces), size(made.bytes));
      await sleep(pollMs, undefined, { signal });
      made = await client.call('getExport', { params: { exportId: started.id }, signal });
    }
    return made;
  } finally {
    progress.end();
  }
}

/** `wheelhouse trace export --to blob [q]`: the server writes it; stdout is the id under which it is kept. */
export async function exportToBlob(q: string, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  let id = '';
  try {
    const started = await client.call('createExport', { body: { q } });
    id = started.id;
    const made = await follow(client, started, terminal, stop.signal);
    if (made.status !== 'completed') {
      terminal.err(`  ${terminal.errStyle.red('✕')} ${id} ${made.status}${made.error ? `: ${made.error}` : ''}\n`);
      return exitCodes.failed;
    }
    terminal.out(`${id}\n`);
    terminal.err(`  ${made.traces.toLocaleString('en')} traces, ${size(made.bytes)}\n`);
    terminal.err(`  fetch it: wheelhouse trace export --stored ${id} -o traces.jsonl\n`);
    return exitCodes.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    terminal.err(`  Stopped watching; it goes on. To end it: wheelhouse trace exports --rm ${id}\n`);
    return exitCodes.stopped;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** `wheelhouse trace exports`: what the server keeps, newest first. */
export async function listExports({ rm, json }: ExportsOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  if (rm !== undefined) {
    await client.call('removeExport', { params: { exportId: rm } });
    terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(rm)} removed\n`);
    return exitCodes.done;
  }
  const { data } = await client.call('listExports', { query: { limit: 100 } });
  if (json) terminal.out(`${JSON.stringify(data)}\n`);
  else if (data.length === 0) terminal.out('  There is none: wheelhouse trace export --to blob [filter]\n');
  else {
    const rows = data.map((one) => [
      one.id,
      one.status,
      `${one.traces.toLocaleString('en')} of ${one.total.toLocaleString('en')}`,
      size(one.bytes),
      one.requestedAt.slice(0, 16).replace('T', ' '),
      plain(one.q),
    ]);
    const table = renderTable(
      [['ID', 'STATUS', 'TRACES', 'SIZE', 'ASKED FOR (UTC)', 'FILTER'], ...rows],
      ['left', 'left', 'right', 'right', 'left', 'left'],
    );
    terminal.out(`${table.join('\n')}\n`);
  }
  return exitCodes.done;
}
