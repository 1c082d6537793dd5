import { formatUsd } from '@wheelhouse/core/records';
import { type Client, namedScorer, type RequestBody, type ScoringBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { askOnTerminal } from '../output/ask.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { reportEnd, watchTask } from '../output/watch-task.ts';
import { readFilter } from '../read-filter.ts';
import { splitScorers } from '../split-scorers.ts';

type Deps = { config: Config; terminal: Terminal };
export type ScoreOptions = {
  scorers?: string;
  sessions?: boolean;
  sample: number;
  most: number;
  cap?: number;
  confirmAbove: number;
  yes?: boolean;
  cancel?: string;
};

function bodyOf(words: readonly string[], options: ScoreOptions): RequestBody<'createScoring'> {
  const scorers = splitScorers(options.scorers ?? '').map(namedScorer);
  if (scorers.length === 0)
    throw new UsageError('Nothing says how to score.', "Name scorers: --scorers 'readability,pii'.");
  return {
    ...{ of: options.sessions ? 'sessions' : 'traces', q: readFilter(words), scorers },
    ...{ sample: options.sample, most: options.most },
    ...(options.cap === undefined ? {} : { cap: String(options.cap) }),
  };
}

const count = (value: number) => value.toLocaleString('en');
const sentence = ({ of, done, scored, kept, failed, costNanoUsd }: ScoringBody) =>
  `${count(done)} ${of}: ${count(scored)} scored, ${count(kept)} were already, ${count(failed)} could not be; judges cost ${formatUsd(BigInt(costNanoUsd))}`;

/** Asks before it costs more than was agreed; what nobody knows the price of is not asked about. */
async function agreed(client: Client, body: RequestBody<'createScoring'>, options: ScoreOptions, terminal: Terminal) {
  if (options.yes) return true;
  const { total, costNanoUsd } = await client.call('estimateScoring', { body });
  if (costNanoUsd === null || Number(costNanoUsd) / 1e9 <= options.confirmAbove) return true;
  const said = `${count(total)} ${body.of ?? 'traces'}, about ${formatUsd(BigInt(costNanoUsd))}`;
  const ask = askOnTerminal();
  if (ask === null)
    throw new UsageError(`It would cost more than was agreed: ${said}.`, 'Say --yes, or raise --confirm-above.');
  if (/^y(es)?$/i.test((await ask(`  ${said}. Go on? [y/N] `)).trim())) return true;
  terminal.err('  Nothing was started.\n');
  return false;
}

const problemsShown = 5;

function showProblems(terminal: Terminal, { problems, failed }: ScoringBody): void {
  for (const { target, scorer, error } of problems.slice(0, problemsShown))
    terminal.err(`  ${terminal.errStyle.red('✕')} ${target} ${scorer}: ${error}\n`);
  if (failed > problemsShown) terminal.err(`  and ${count(failed - problemsShown)} more\n`);
}

/** `wheelhouse trace score`: starts it and shows how far it is. */
export async function scoreTraces(words: string[], options: ScoreOptions, deps: Deps): Promise<ExitCode> {
  const { config, terminal } = deps;
  const client = openClient(config);
  if (options.cancel !== undefined) {
    const cancelled = await client.call('cancelScoring', { params: { scoringId: options.cancel } });
    terminal.out(`  ${cancelled.id} is ${cancelled.status}: ${sentence(cancelled)}\n`);
    return exitCodes.done;
  }
  const body = bodyOf(words, options);
  if (!(await agreed(client, body, options, terminal))) return exitCodes.stopped;
  return watchTask({
    terminal,
    start: () => client.call('createScoring', { body }),
    read: (scoringId, signal) => client.call('getScoring', { params: { scoringId }, signal }),
    progress: ({ done, costNanoUsd }) => ({ done, note: formatUsd(BigInt(costNanoUsd)) }),
    cancelWith: 'wheelhouse trace score --cancel',
    ended(task) {
      showProblems(terminal, task);
      return reportEnd(terminal, task, sentence(task));
    },
  });
}
