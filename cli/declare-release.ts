import { type StickyKind, stickyKinds } from '@wheelhouse/core/records';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { HistoryOptions, StartReleaseOptions } from './commands/release.ts';
import type { ReplayOptions } from './commands/release-replay.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

const commands = () => import('./commands/release.ts');

function version(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It takes the number of a version.');
  return Number(text);
}
function whole(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It takes a whole number above 0.');
  return Number(text);
}
function percent(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 100)) throw new InvalidArgumentError('It takes percent above 0 and below 100.');
  return value / 100;
}
/** `5,25@200,50@1000`: percent, each from so many calls of the candidate on. */
function steps(text: string): { share: number; after: number }[] {
  return text.split(',').map((one, i) => {
    const [share = '', after, ...more] = one.trim().split('@');
    if (more.length > 0 || (i > 0 && after === undefined) || !/^\d{0,7}$/.test(after ?? ''))
      throw new InvalidArgumentError('Say 5,25@200,50@1000: percent, each but the first with where it begins.');
    return { share: percent(share), after: Number(after ?? 0) };
  });
}

/** `wheelhouse release …` */
export function declareRelease(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const release = program.command('release').description('Versions on their way to an alias, watched');
  release
    .command('start')
    .description('Give a version a share of an alias')
    .argument('<model>', 'the model, or model@alias (default: production)')
    .argument('<version>', 'the version that is to take it over', version)
    .option('--canary <percent>', 'its share of the traffic', percent, 0.1)
    .option('--steps <percents>', 'a share that grows: 5,25@200,50@1000', steps)
    .addOption(
      new Option('--sticky <whom>', 'who keeps a version')
        .choices([...stickyKinds])
        .default('user' satisfies StickyKind),
    )
    .option('--minimum <values>', 'values of each rail before a promotion', whole, 50)
    .option('--promote', 'move the alias when nothing is worse, without asking')
    .option('--examples <dataset>', 'where calls that failed become draft examples, when it is rolled back')
    .option('--message <text>', 'why', '')
    .option('--watch', 'show how it stands until it ends')
    .action(async (model: string, candidate: number, options: StartReleaseOptions) =>
      finish(await (await commands()).startRelease({ model, candidate }, options, deps)),
    );
  release
    .command('replay')
    .description('Ask the last inputs of an alias again, of its version and of another one, and show what changes')
    .argument('<model>', 'the model, or model@alias (default: production)')
    .argument('<version>', 'the version to compare; the same one shows how stable it is', version)
    .option('--last <inputs>', 'how many', whole, 50)
    .option('--repetitions <times>', 'how often each is asked', whole, 2)
    .option('--yes', 'whatever it costs')
    .option('--json', 'print it as JSON')
    .action(async (model: string, candidate: number, options: ReplayOptions) =>
      finish(await (await import('./commands/release-replay.ts')).replayRelease({ model, candidate }, options, deps)),
    );
  release
    .command('status')
    .description('How releases stand that run')
    .argument('[model]', 'of this model, or model@alias, alone')
    .option('--json', 'print them as JSON')
    .action(async (model: string | undefined, options: { json?: boolean }) =>
      finish(await (await commands()).showStatus(model, options, deps)),
    );
  release
    .command('watch')
    .description('Show how one stands until it ends')
    .argument('<model>', 'the model, or model@alias')
    .action(async (model: string) => finish(await (await commands()).watchRelease(model, deps)));
  for (const verb of ['promote', 'rollback'] as const)
    release
      .command(verb)
      .description(
        verb === 'promote'
          ? 'Move the alias to the version that is on its way'
          : 'Take the version out; of the newest one that was promoted, move the alias back',
      )
      .argument('<model>', 'the model, or model@alias')
      .option('--reason <text>', 'why', '')
      .action(async (model: string, { reason }: { reason: string }) =>
        finish(await (await commands()).endRelease({ model, verb, reason }, deps)),
      );
  release
    .command('history')
    .description('Releases, newest first')
    .argument('[model]', 'of this model, or model@alias, alone')
    .option('--limit <count>', 'how many', whole, 20)
    .option('--json', 'print them as JSON')
    .action(async (model: string | undefined, options: HistoryOptions) =>
      finish(await (await commands()).showHistory(model, options, deps)),
    );
}
