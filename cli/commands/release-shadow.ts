import type { RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { answerLines } from '../output/release-answers.ts';
import type { Terminal } from '../output/terminal.ts';
import { allocationOf, findRelease, type StartReleaseOptions, showRelease, untilEnded } from './release.ts';
import { ensureDataset } from './release-place.ts';

type Deps = { config: Config; terminal: Terminal };
export type CanaryOptions = Pick<StartReleaseOptions, 'allocate' | 'between'> & {
  canary: number;
  steps?: { share: number; after: number }[];
  promote?: boolean;
  examples?: string;
  message: string;
  watch?: boolean;
};

/** `wheelhouse release canary` */
export async function startCanary(text: string, options: CanaryOptions, deps: Deps): Promise<ExitCode> {
  const client = openClient(deps.config);
  const { id } = await findRelease(client, text, ['running']);
  const body: RequestBody<'startCanary'> = {
    ...{ share: options.canary, promotesItself: options.promote ?? false, message: options.message },
    ...allocationOf(options),
    ...(options.steps === undefined ? {} : { steps: options.steps }),
    ...(options.examples === undefined ? {} : { examples: { dataset: options.examples } }),
  };
  if (options.examples !== undefined) await ensureDataset(client, options.examples);
  const release = await client.call('startCanary', { params: { releaseId: id }, body });
  showRelease(deps, release);
  return options.watch ? untilEnded(client, release.id, deps) : exitCodes.done;
}

/** `wheelhouse release answers` */
export async function showAnswers(text: string, options: { json?: boolean }, deps: Deps): Promise<ExitCode> {
  const client = openClient(deps.config);
  const { id } = await findRelease(client, text, ['running', 'rolled_back', 'stopped']);
  const answers = await client.call('compareReleaseAnswers', { params: { releaseId: id } });
  deps.terminal.out(
    options.json
      ? `${JSON.stringify(answers, null, 2)}\n`
      : `${answerLines(answers, deps.terminal.outStyle).join('\n')}\n`,
  );
  return exitCodes.done;
}
