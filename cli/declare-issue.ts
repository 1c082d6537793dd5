import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ChangeOptions, ListOptions } from './commands/issue.ts';
import type { ScoreOptions } from './commands/issue-scores.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };

const commands = () => import('./commands/issue.ts');

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It takes a number.');
  return value;
}

const anIssue = 'its id, as `issue ls` lists it: is_…';

/** `wheelhouse issue …` */
export function declareIssue(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const issue = program.command('issue').description('In which ways traces fail, and what is done about it');
  issue
    .command('ls')
    .description('List issues, the last seen first')
    .addOption(
      new Option('--state <state>', 'which')
        .choices(['open', 'new', 'known', 'regressed', 'resolved', 'all'])
        .default('open'),
    )
    .option('--model <name>', 'of a registered model')
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => finish(await (await commands()).listIssues(options, deps)));
  issue
    .command('show')
    .description('One issue, its last traces and what became of it')
    .argument('<issue>', anIssue)
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: Json) => finish(await (await commands()).showIssue(id, options, deps)));
  const changes = (name: string, about: string) => issue.command(name).description(about).argument('<issue>', anIssue);
  const change = async (id: string, options: ChangeOptions) =>
    finish(await (await commands()).changeIssue(id, options, deps));
  changes('resolve', 'It is done: it comes back with a later version of its models')
    .option('--now', 'any call that begins later brings it back')
    .action((id: string, { now }: { now?: boolean }) =>
      change(id, { state: 'resolved', ...(now ? { from: 'now' } : {}) }),
    );
  changes('reopen', 'It is not done').action((id: string) => change(id, { state: 'known' }));
  changes('assign', 'Say whose it is')
    .argument('[person]', 'left out: nobody’s')
    .action((id: string, person?: string) => change(id, { assignee: person ?? null }));
  changes('block', 'Hold the aliases and releases of its models until it is resolved')
    .option('--off', 'hold them no more')
    .action((id: string, { off }: { off?: boolean }) => change(id, { isBlocker: !off }));
  changes('note', 'Say something of it')
    .argument('<text>')
    .action((id: string, note: string) => change(id, { note }));
  issue
    .command('scores')
    .description('Which values of scores say that something is bad; of one name, says which are from now on')
    .argument('[score]', 'the name of the scores; left out: list them all')
    .option('--below <number>', 'numbers below are bad', number)
    .option('--above <number>', 'numbers above are bad', number)
    .addOption(new Option('--when <truth>', 'this is bad').choices(['true', 'false']))
    .option('--one-of <texts>', 'these texts are bad, with commas between them')
    .option('--never', 'nothing is bad')
    .option('--usual', 'as is usual again')
    .option('--json', 'print them as JSON')
    .action(async (score: string | undefined, options: ScoreOptions) =>
      finish(await (await import('./commands/issue-scores.ts')).issueScores(score, options, deps)),
    );
  issue
    .command('merge')
    .description('Put one into another; what comes later goes there, too')
    .argument('<issue>', anIssue)
    .argument('<into>', 'the issue that takes it in')
    .action(async (id: string, into: string) => finish(await (await commands()).mergeIssue(id, into, deps)));
  issue
    .command('split')
    .description('Take out what was put into it')
    .argument('<issue>', anIssue)
    .argument('<group>', 'as `issue show` lists it')
    .action(async (id: string, group: string) => finish(await (await commands()).splitIssue(id, group, deps)));
}
