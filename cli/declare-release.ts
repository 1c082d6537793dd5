import { type StickyKind, stickyKinds } from '@wheelhouse/core/records';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { HistoryOptions, StartReleaseOptions } from './commands/release.ts';
import type { ReplayOptions } from './commands/release-replay.ts';
import type { CanaryOptions } from './commands/release-shadow.ts';
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
function dollars(text: string): string {
  if (!/^\$?\d{1,9}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('It takes dollars, for example 2.50.');
  return text.replace('$', '');
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

/** `10,90`: percent. */
function between(text: string): { floor: number; ceiling: number } {
  const [floor, ceiling, ...more] = text.split(',').map(percent);
  if (floor === undefined || ceiling === undefined || more.length > 0 || floor >= ceiling)
    throw new InvalidArgumentError('Say 10,90: the least and the most percent.');
  return { floor, ceiling };
}
/** `1,5`: percent. */
function risks(text: string): { falseRollback: number; missedRegression: number } {
  const [falseRollback, missedRegression, ...more] = text.split(',').map((one) => Number(one) / 100);
  const isRisk = (risk: number | undefined): risk is number => risk !== undefined && risk > 0 && risk <= 0.5;
  if (!isRisk(falseRollback) || !isRisk(missedRegression) || more.length > 0)
    throw new InvalidArgumentError('Say 1,5: percent of false rollbacks and of missed regressions, at most 50.');
  return { falseRollback, missedRegression };
}
const canary = () => new Option('--canary <percent>', 'its share of the traffic').argParser(percent).default(0.1, '10');
const allocate = () =>
  new Option(
    '--allocate <how>',
    'let the share move by how it does: more while nothing is lost, less when it is',
  ).choices(['bandit']);

/** What there is beside a release that only listens. */
function declareShadow(release: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const shadow = () => import('./commands/release-shadow.ts');
  release
    .command('answers')
    .description('What both versions said to the same calls, of a release that only listens')
    .argument('<model>', 'the model, or model@alias')
    .option('--json', 'print it as JSON')
    .action(async (model: string, options: { json?: boolean }) =>
      finish(await (await shadow()).showAnswers(model, options, deps)),
    );
  release
    .command('canary')
    .description('End a release that only listens, and give its version a share of the alias')
    .argument('<model>', 'the model, or model@alias')
    .addOption(canary())
    .option('--steps <percents>', 'a share that grows: 5,25@200,50@1000', steps)
    .addOption(allocate())
    .option('--between <percents>', 'with --allocate: where it moves (default: 10,90)', between)
    .option('--promote', 'move the alias when nothing is worse, without asking')
    .option('--breaking', 'although callers may fail with it, because they are ready')
    .option('--examples <dataset>', 'where calls that failed become draft examples, when it is rolled back')
    .option('--message <text>', 'why', '')
    .option('--watch', 'show how it stands until it ends')
    .action(async (model: string, options: CanaryOptions) =>
      finish(await (await shadow()).startCanary(model, options, deps)),
    );
}

/** `wheelhouse release …` */
export function declareRelease(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const release = program.command('release').description('Versions on their way to an alias, watched');
  release
    .command('start')
    .description('Give a version a share of an alias')
    .argument('<model>', 'the model, or model@alias (default: production)')
    .argument('<version>', 'the version that is to take it over', version)
    .addOption(canary())
    .addOption(
      new Option('--shadow [percent]', 'only listen: it is asked this part of the calls as well, and answers nobody')
        .preset('10')
        .argParser(percent),
    )
    .option('--budget <dollars>', 'with --shadow: what its answers may cost in all', dollars)
    .option('--outside', 'with --shadow: ask it although it calls APIs or code, which do what they do twice')
    .option('--steps <percents>', 'a share that grows: 5,25@200,50@1000', steps)
    .addOption(allocate())
    .option('--between <percents>', 'with --allocate: where it moves (default: 10,90)', between)
    .addOption(
      new Option('--sticky <whom>', 'who keeps a version')
        .choices([...stickyKinds])
        .default('user' satisfies StickyKind),
    )
    .option('--rails <names>', 'what alone is watched, with the points that matter: thumbs=3,latency,errors=1')
    .option('--risks <percents>', 'of a false rollback and of a missed regression (default: 5,5)', risks)
    .option('--minimum <values>', 'values of each rail before a promotion', whole, 50)
    .option('--promote', 'move the alias when nothing is worse, without asking')
    .option('--breaking', 'although callers may fail with it, because they are ready')
    .option('--examples <dataset>', 'where calls that failed become draft examples, when it is rolled back')
    .option('--message <text>', 'why', '')
    .option('--plan', 'only say what would be watched')
    .option('--watch', 'show how it stands until it ends')
    .action(async (model: string, candidate: number, options: StartReleaseOptions) =>
      finish(await (await commands()).startRelease({ model, candidate }, options, deps)),
    );
  declareShadow(release, deps, finish);
  release
    .command('replay')
    .description('Ask the last inputs of an alias again, of its version and of another one, and show what changes')
    .argument('<model>', 'the model, or model@alias (default: production)')
    .argument('<version>', 'the version to compare; the same one shows how stable it is', version)
    .option('--last <inputs>', 'how many', whole, 50)
    .option('--repetitions <times>', 'how often each is asked', whole, 2)
    .option('--cap <dollars>', 'stop when it has cost so much', dollars)
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
