import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
/** `default`: as the server's configuration says. */
export type ProjectSettings = { keepDays: number | 'forever' | 'default' };

/** `wheelhouse project set` */
export async function setProject({ keepDays }: ProjectSettings, { config, terminal }: Deps): Promise<ExitCode> {
  const kept = await openClient(config).call('setRetention', {
    body: { keepDays: keepDays === 'default' ? null : keepDays },
  });
  const time = kept.keepDays === 'forever' ? 'for ever' : `${kept.keepDays} ${kept.keepDays === 1 ? 'day' : 'days'}`;
  const since = kept.keepDays === 'forever' ? '' : '; older ones are removed for good, within the hour';
  const why = kept.own ? '' : ', as the server says';
  terminal.out(`  ${terminal.outStyle.green('✓')} traces are kept ${time}${why}${since}\n`);
  return exitCodes.done;
}
