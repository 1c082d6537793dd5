import { type Command, InvalidArgumentError } from 'commander';
import type { AddOptions, ExportOptions, NewOptions, RuleOptions } from './commands/review.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

const collect = (text: string, before: string[]): string[] => [...before, text];
const commands = () => import('./commands/review.ts');

function whole(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It takes a whole number above 0.');
  return Number(text);
}
function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('It takes a number above 0 and up to 1.');
  return value;
}

/** `wheelhouse review …` */
export function declareReview(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const review = program.command('review').description('Queues of what people look at, and what they say');
  review
    .command('ls')
    .description('List queues')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => finish(await (await commands()).listQueues(options, deps)));
  review
    .command('new')
    .description('Make a queue')
    .argument('<name>')
    .option('--field <name:kind>', 'what people are asked; repeatable (default: good:boolean)', collect, [])
    .option('--instructions <text>', 'what they are to look for', '')
    .option('--overlap <people>', 'labels of each item, each by somebody else', whole, 1)
    .option('--open', 'show models, scores and labels of others')
    .addHelpText(
      'after',
      '\nFields: good:boolean · tone:1-5 · verdict:good=1|fair=0.5|bad=0 · why?:text · better?:correction · which:preference\nA ? behind the name: it may be left out. What stands behind = is compared with a judge.',
    )
    .action(async (name: string, options: NewOptions) =>
      finish(await (await commands()).createQueue(name, options, deps)),
    );
  review
    .command('add')
    .description('Put traces, conversations or answers of an evaluation into a queue')
    .argument('<name>')
    .option('--trace <id>', 'a trace; repeatable', collect, [])
    .option('--span <trace/span>', 'a step of a trace; repeatable', collect, [])
    .option('--session <id>', 'a conversation; repeatable', collect, [])
    .option('--filter <q>', 'traces that fit, newest first')
    .option('--sessions', 'the conversations of those traces')
    .option('--sample <share>', 'of those, such a share by chance', share, 1)
    .option('--evaluation <id>', 'answers of an evaluation')
    .option('--pairs', 'two answers to a row beside each other, where a field is a preference')
    .option('--run <id>', 'of this run; repeatable (default: all)', collect, [])
    .option('--pick <how>', 'evenly, doubt, disagreement or flaky', 'evenly')
    .option('--measure <scorer>', 'the scorer that it goes by (default: the first)')
    .option('--other <scorer>', 'for disagreement: the scorer that it is compared with')
    .option('--count <rows>', 'how many traces or rows', whole)
    .action(async (name: string, options: AddOptions) =>
      finish(await (await commands()).addItems(name, options, deps)),
    );
  review
    .command('rule')
    .description('What comes into a queue by itself; with a filter, let new traces that fit come')
    .argument('<name>')
    .argument('[filter]')
    .option('--sample <share>', 'of those, such a share by chance', share, 1)
    .option('--off', 'let nothing come any more')
    .action(async (name: string, filter: string | undefined, options: RuleOptions) =>
      finish(await (await commands()).setRule(name, filter, options, deps)),
    );
  review
    .command('show')
    .description('How far a queue is, whether people agree, and what their labels say of the judge')
    .argument('<name>')
    .option('--json', 'print it as JSON')
    .action(async (name: string, options: { json?: boolean }) =>
      finish(await (await commands()).showQueue(name, options, deps)),
    );
  review
    .command('label')
    .description('Label items, one after another, with keys')
    .argument('<name>')
    .option('--decide', 'settle what people disagree about')
    .action(async (name: string, options: { decide?: boolean }) =>
      finish(await (await import('./commands/review-label.ts')).labelItems(name, options, deps)),
    );
  review
    .command('export')
    .description('Write labels to a file, or to stdout')
    .argument('<name>')
    .option('-o, --output <file>', 'where to')
    .option('--format <format>', 'jsonl or csv', 'jsonl')
    .action(async (name: string, options: ExportOptions) =>
      finish(await (await commands()).exportLabels(name, options, deps)),
    );
  review
    .command('examples')
    .description('Make examples of corrected outputs')
    .argument('<name>')
    .argument('<dataset>')
    .option('--tag <tag>', 'repeatable', collect, [])
    .action(async (name: string, dataset: string, options: { tag: string[] }) =>
      finish(await (await commands()).addExamples(name, dataset, options, deps)),
    );
  review
    .command('rm')
    .description('Remove a queue with its labels; scores on traces stay')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) =>
      finish(await (await commands()).removeQueue(name, options, deps)),
    );
}
