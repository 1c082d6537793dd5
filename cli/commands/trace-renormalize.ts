import type { RenormalizationBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { reportEnd, watchTask } from '../output/watch-task.ts';

type Deps = { config: Config; terminal: Terminal };
export type RenormalizeOptions = { from?: string; until?: string; cancel?: string };

const sentence = ({ done, changed }: RenormalizationBody) =>
  done === 0
    ? 'nothing was read by an older version'
    : `${changed.toLocaleString('en')} of ${done.toLocaleString('en')} reports of spans are read otherwise now`;

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
  return watchTask({
    terminal,
    start: () => client.call('createRenormalization', { body }),
    read: (renormalizationId, signal) => client.call('getRenormalization', { params: { renormalizationId }, signal }),
    progress: ({ done, changed }) => ({ done, note: `${changed} changed` }),
    cancelWith: 'wheelhouse trace renormalize --cancel',
    ended: (task) => reportEnd(terminal, task, sentence(task)),
  });
}
