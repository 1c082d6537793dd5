import { type OnlineTarget, onlineTargets } from '@wheelhouse/core/records';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BackfillOptions, LabelOptions, OnlineOptions } from './commands/online.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };

const commands = () => import('./commands/online.ts');

function whole(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It takes a whole number above 0.');
  return Number(text);
}
function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('A share is above 0 and at most 1.');
  return value;
}
function dollars(text: string): string {
  if (!/^\d{1,7}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('Say dollars, such as 5 or 0.50.');
  return text;
}
function seconds(text: string): number {
  const [, number, unit] = /^(\d{1,5})(s|m|h)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Say 30s, 5m or 1h.');
  return Number(number) * (unit === 'h' ? 3_600 : unit === 'm' ? 60 : 1);
}
/** A time ago, or a time. */
function since(text: string): string {
  const [, number, unit] = /^(\d{1,4})(h|d)$/.exec(text) ?? [];
  const at =
    number === undefined ? Date.parse(text) : Date.now() - Number(number) * (unit === 'd' ? 24 : 1) * 3_600_000;
  if (Number.isNaN(at)) throw new InvalidArgumentError('Say 24h, 7d or 2026-01-31.');
  return new Date(at).toISOString();
}

/** `wheelhouse online …` */
export function declareOnline(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const online = program.command('online').description('What scores traffic as it arrives');
  online
    .command('ls')
    .description('List online evaluations with what they did today')
    .option('--json', 'print them as JSON')
    .action(async (options: Json) => finish(await (await commands()).listOnline(options, deps)));
  online
    .command('new')
    .description('Score what fits a filter as it arrives; one of that name is replaced')
    .argument('<name>', 'what to call it; a new name, or one to be replaced')
    .argument('[filter...]', 'which traces, as in `wheelhouse trace ls`; left out: all')
    .option(
      '--scorers <list>',
      'with commas between them, as in `wheelhouse trace score`; `name=` before one names its scores',
    )
    .addOption(
      new Option('--of <what>', 'what gets a score')
        .choices([...onlineTargets])
        .default('traces' satisfies OnlineTarget),
    )
    .option('--span <kind>', 'of spans: which kind; with a name behind a colon: tool:search*')
    .option('--sample <share>', 'share of those that fit', share, 1)
    .option('--budget <dollars>', 'of judges a day; when it is spent nothing more is scored that day', dollars)
    .option('--wait <time>', 'so long a session is quiet, or a follow-up waited for', seconds, 300)
    .option('--try', 'score a few of the newest, keep nothing')
    .addHelpText(
      'after',
      `
  wheelhouse online new privacy --scorers pii                            # every trace, by a check that is free
  wheelhouse online new kind model:support-bot --sample 0.1 --budget 2 \\
    --scorers 'kind=judge_rubric {"model":"openai/gpt-4o-mini","rubric":"Is it kind?"}'
  wheelhouse online new tools --of spans --span 'tool:search*' --scorers 'latency_within {"max":2}' --try
\nFollow-ups take no scorers: they say whether the same was asked again soon after, as the scores
regenerated, rephrased and settled.`,
    )
    .action(async (name: string, filter: string[], options: OnlineOptions) =>
      finish(await (await commands()).newOnline(name, filter, options, deps)),
    );
  online
    .command('show')
    .description('One online evaluation: how far it is, what it cost, what could not be scored')
    .argument('<name>', 'as `online ls` lists it')
    .option('--json', 'print it as JSON')
    .action(async (name: string, options: Json) => finish(await (await commands()).showOnline(name, options, deps)));
  for (const [verb, about, isPaused] of [
    ['pause', 'Score nothing for now', true],
    ['resume', 'Score what arrives from now on', false],
  ] as const)
    online
      .command(verb)
      .description(about)
      .argument('<name>', 'as `online ls` lists it')
      .action(async (name: string) => finish(await (await commands()).pauseOnline(name, { isPaused }, deps)));
  online
    .command('rm')
    .description('Score no more; its scores stay')
    .argument('<name>', 'as `online ls` lists it')
    .action(async (name: string) => finish(await (await commands()).removeOnline(name, deps)));
  online
    .command('backfill')
    .description('Score what came before by the same scorers; asks before it costs more than was agreed')
    .argument('<name>', 'as `online ls` lists it')
    .option('--since <time>', '24h, 7d or 2026-01-31; left out: all that is there', since)
    .option('--most <count>', 'so many at most, newest first', whole, 1_000)
    .option('--cap <dollars>', 'stop when judges have cost so much', dollars)
    .option('--confirm-above <dollars>', 'ask when it would cost more', Number, 1)
    .option('--yes', 'do not ask')
    .action(async (name: string, options: BackfillOptions) =>
      finish(await (await commands()).backfillOnline(name, options, deps)),
    );
  online
    .command('check')
    .description('What a scorer says of all, corrected by what people said of some, and which to label next')
    .argument('<name>', 'as `online ls` lists it')
    .option('--scorer <name>', 'which of its scorers')
    .option('--label <count>', 'put so many more into its review queue', whole)
    .option('--anew', 'draw from the scores of the last 30 days, in the place of those drawn from before')
    .option('--json', 'print it as JSON')
    .action(async (name: string, options: LabelOptions) =>
      finish(await (await commands()).checkOnline(name, options, deps)),
    );
}
