import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { watchTask } from '../output/watch-task.ts';

type Deps = { config: Config; terminal: Terminal };
export type ExportsOptions = { rm?: string; json?: boolean };

const size = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MiB`;

/** `wheelhouse trace export --to blob [q]`: the server writes it; stdout is the id under which it is kept. */
export async function exportToBlob(q: string, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  return watchTask({
    terminal,
    start: () => client.call('createExport', { body: { q } }),
    read: (exportId, signal) => client.call('getExport', { params: { exportId }, signal }),
    progress: ({ traces, bytes }) => ({ done: traces, note: size(bytes) }),
    cancelWith: 'wheelhouse trace exports --rm',
    ended({ id, status, error, traces, bytes }) {
      if (status !== 'completed') {
        terminal.err(`  ${terminal.errStyle.red('✕')} ${id} ${status}${error ? `: ${error}` : ''}\n`);
        return exitCodes.failed;
      }
      terminal.out(`${id}\n`);
      terminal.err(`  ${traces.toLocaleString('en')} traces, ${size(bytes)}\n`);
      terminal.err(`  fetch it: wheelhouse trace export --stored ${id} -o traces.jsonl\n`);
      return exitCodes.done;
    },
  });
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
