import { formatUsd } from '@wheelhouse/core/records';
import type { Client, ReplayDetailBody, ReplayInputBody, RequestBody, ResponseBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { askOnTerminal } from '../output/ask.ts';
import { behaviourLines } from '../output/behaviour-report.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { watchTask } from '../output/watch-task.ts';
import { placeOf } from './release-place.ts';

type Deps = { config: Config; terminal: Terminal };
export type ReplayOptions = { last: number; repetitions: number; cap?: string; yes?: boolean; json?: boolean };

const shownChanges = 3;
/** Spans of the last answers are stored a little later than the answers. */
const settleTries = 20;
const settleEveryMs = 500;

async function agreed(
  { inputs, without, calls, costNanoUsd, breaking }: ResponseBody<'estimateReplay'>,
  { yes, terminal }: { yes: boolean; terminal: Terminal },
): Promise<boolean> {
  const cost = costNanoUsd === null ? 'at a cost that is not known' : `for about ${formatUsd(BigInt(costNanoUsd))}`;
  for (const one of breaking) terminal.err(`  ! Callers may fail with it: ${one}\n`);
  for (const one of without) terminal.err(`  left out: ${one}\n`);
  terminal.err(`  ${inputs} inputs, ${calls} calls, ${cost}\n`);
  if (yes) return true;
  const ask = askOnTerminal();
  if (ask === null) throw new UsageError('Nobody is there to agree to that.', 'Say --yes.');
  const answer = await ask('  Go on? [y/N] ');
  return /^y(es)?$/i.test(answer.trim());
}

/** What it showed, once the traces of its answers say which tools were called. */
async function settled(client: Client, replayId: string): Promise<ReplayDetailBody> {
  for (let tries = 1; ; tries++) {
    const found = await client.call('getReplay', { params: { replayId } });
    if (found.isSettled || tries === settleTries) return found;
    await new Promise((resolve) => setTimeout(resolve, settleEveryMs));
  }
}

/** Those that say most. */
async function changedInputs(client: Client, replayId: string): Promise<ReplayInputBody[]> {
  const { data } = await client.call('listReplayInputs', { params: { replayId }, query: { limit: shownChanges } });
  const isTold = ({ kind, tools }: ReplayInputBody) =>
    kind === 'fails' || kind === 'changed' || (tools !== null && tools !== 'same');
  return data.filter(isTold);
}

/** `wheelhouse release replay`: the last inputs of an alias, asked again of its version and of another one. */
export async function replayRelease(
  { model: text, candidate }: { model: string; candidate: number },
  options: ReplayOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const { last, repetitions, cap } = options;
  const body: RequestBody<'startReplay'> = {
    ...{ ...placeOf(text), candidate, last, repetitions },
    ...(cap === undefined ? {} : { cap }),
  };
  const estimate = await client.call('estimateReplay', { body });
  if (!(await agreed(estimate, { yes: options.yes ?? false, terminal }))) {
    terminal.err('  Nothing was asked.\n');
    return exitCodes.done;
  }
  let id = '';
  const code = await watchTask({
    terminal,
    start: () => client.call('startReplay', { body }),
    read: async (replayId, signal) => (await client.call('getReplay', { params: { replayId }, signal })).replay,
    progress: ({ done, costNanoUsd: cost }) => ({
      ...{ done, note: cost === null ? 'answers' : `answers, ${formatUsd(BigInt(cost))}` },
    }),
    cancelWith: 'wheelhouse eval stop',
    ended: (replay) => {
      id = replay.id;
      if (replay.status !== 'completed') terminal.err(`  ${replay.id} ${replay.status}: ${replay.error ?? ''}\n`);
      return replay.status === 'completed' ? exitCodes.done : exitCodes.failed;
    },
  });
  if (id === '') return code;
  const found = await settled(client, id);
  if (options.json) terminal.out(`${JSON.stringify(found, null, 2)}\n`);
  else {
    const changed = await changedInputs(client, id);
    const page = new URL(`/releases/replays/${id}`, config.url).href;
    terminal.out(`${behaviourLines({ ...found, changed, page }, terminal.outStyle).join('\n')}\n`);
  }
  if (code !== exitCodes.done) return code;
  return found.behaviour.counts.fails === 0 ? exitCodes.done : exitCodes.failed;
}
