import { type Command, InvalidArgumentError, Option } from 'commander';
import type { OptimizeDeps, OptimizeOptions } from './commands/optimize.ts';
import type {
  ResumeOptions,
  StartOptions,
  StoredListOptions,
  StoredPublishOptions,
  StoredShowOptions,
} from './commands/optimize-stored.ts';
import { datasetVersion } from './dataset-version.ts';
import type { ExitCode } from './output/exit-codes.ts';
import { splitScorers } from './split-scorers.ts';

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}
function amount(text: string): number {
  const value = Number(text.replace(/^\$/, ''));
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('It takes a number from 0.');
  return value;
}

const codes =
  '\nExit codes: 0 done, a gain found or none · 1 it kept failing, or a price is unknown · 2 usage · 3 config · 4 network · 5 the budget was spent before anything could be said · 130 stopped';

const states = ['queued', 'running', 'stopped', 'done', 'failed'];
const optimizers = [...['labeled-few-shot', 'bootstrap-few-shot', 'random-search', 'mipro', 'gepa', 'copro', 'simba']];
/** `mipro {"effort":"light"}`: a name, and what it is told as JSON. */
function optimizerNamed(text: string): StartOptions['optimizer'] {
  const [, name = '', told = '{}'] = /^([a-z-]+)\s*(\{.*\})?$/s.exec(text.trim()) ?? [];
  if (!optimizers.includes(name)) throw new InvalidArgumentError(`It takes one of ${optimizers.join(', ')}.`);
  try {
    return { ...JSON.parse(told), name } as StartOptions['optimizer'];
  } catch {
    throw new InvalidArgumentError('What stands behind the name is no JSON.');
  }
}

const withBudget = (command: Command) =>
  command
    .option('--dollars <amount>', 'stop when so much is spent', amount)
    .option('--calls <number>', 'stop after so many calls of models', whole)
    .option('--minutes <number>', 'stop after so long', amount);

const wait = 'show how far it is until it ends; an interrupt ends the showing, not the search';

/** What the server keeps of optimizations, and runs itself. */
function declareStored(optimization: Command, deps: OptimizeDeps, finish: (code: ExitCode) => void): void {
  const stored = () => import('./commands/optimize-stored.ts');
  withBudget(
    optimization
      .command('start')
      .description('Optimize a registered program or prompt in the server')
      .argument('<program>', 'name@alias or name@version')
      .requiredOption('--dataset <name>', 'rows to learn from and to compare on')
      .option(
        '--version <version>',
        'number or name of a version of the dataset (default: the newest, after freezing a changed draft)',
        datasetVersion,
      )
      .addOption(
        new Option(
          '--optimizer <name>',
          `how: ${optimizers.join(', ')}; options follow as JSON: 'mipro {"effort":"light"}'`,
        )
          .argParser(optimizerNamed)
          .default({ name: 'random-search' }, 'random-search'),
      )
      .addOption(new Option('--scorers <names>', 'how answers are scored (default: exact)').argParser(splitScorers)),
  )
    .option('--model <name>', 'what is asked (default: as the program says)')
    .option('--proposer <name>', 'what writes instructions (default: what is asked)')
    .option('--name <name>', 'what it is called')
    .option('--seed <number>', 'another number is another search', whole)
    .option('--concurrency <number>', 'runs under way at one time', whole)
    .option('--wait', wait)
    .option('--json', 'print it as JSON')
    .action(async (program: string, options: StartOptions) =>
      finish(await (await stored()).startStored(program, options, deps)),
    );
  optimization
    .command('ls')
    .description('List optimizations, newest first')
    .option('--program <name>', 'only of this program')
    .option('--dataset <name>', 'only on this dataset')
    .addOption(new Option('--state <state>', 'only in this state').choices(states))
    .option('--limit <number>', 'how many', whole, 20)
    .option('--json', 'print them as one JSON object')
    .action(async (options: StoredListOptions) => finish(await (await stored()).listStored(options, deps)));
  optimization
    .command('show')
    .description('Show how far an optimization is, or what it found')
    .argument('<id>', 'its id')
    .option('--candidate <id>', 'what is tuned in a candidate, beside its parent')
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: StoredShowOptions) =>
      finish(await (await stored()).showStored(id, options, deps)),
    );
  optimization
    .command('stop')
    .description('Stop an optimization; what was answered is kept')
    .argument('<id>', 'its id')
    .action(async (id: string) => finish(await (await stored()).stopStored(id, deps)));
  withBudget(
    optimization.command('resume').description('Go on with one that runs in the server').argument('<id>', 'its id'),
  )
    .option('--wait', wait)
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: ResumeOptions) =>
      finish(await (await stored()).resumeStored(id, options, deps)),
    );
  optimization
    .command('publish')
    .description('Publish what was found as a version, where it is better')
    .argument('<id>', 'its id')
    .option('--name <name>', 'of the model (default: that of the program)')
    .option('--alias <name>', 'lead this alias to the version')
    .option('--breaking', 'with --alias: although its callers may fail, because they are ready')
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: StoredPublishOptions) =>
      finish(await (await stored()).publishStored(id, options, deps)),
    );
  optimization
    .command('rm')
    .description('Remove optimizations with all that was answered')
    .argument('<id...>', 'their ids')
    .action(async (ids: string[]) => finish(await (await stored()).removeStored(ids, deps)));
}

/** `wheelhouse optimize …` */
export function declareOptimize(program: Command, deps: OptimizeDeps, finish: (code: ExitCode) => void): void {
  const optimization = program
    .command('optimize')
    .description('Search for better instructions and examples of a program or prompt, and compare on rows held out')
    .argument('<file>', 'a file that exports an optimization, such as triage.program.ts')
    .option('--dollars <amount>', 'stop when so much is spent', amount)
    .option('--calls <number>', 'stop after so many calls of models', whole)
    .option('--minutes <number>', 'stop after so long', amount)
    .option('--seed <number>', 'another number is another search', whole)
    .option('--concurrency <number>', 'runs under way at one time', whole)
    .option('--resume', 'go on from the state beside the file; nothing is asked again')
    .option('--dry-run', 'check everything, run one row, and say what the budget comes to')
    .option('--publish <name>', 'publish what was found as a version, where it is better')
    .option('--alias <name>', 'lead this alias to the version')
    .option('--breaking', 'with --alias: although its callers may fail, because they are ready')
    .option('--out <file>', 'write the candidate to go on with as JSON')
    .option('--json', 'print the report as JSON')
    .option('--jsonl', 'print a JSON object a line, as things come')
    .addHelpText('after', codes)
    .action(async (file: string, options: OptimizeOptions) =>
      finish(await (await import('./commands/optimize.ts')).optimize(file, options, deps)),
    );
  declareStored(optimization, deps, finish);
  optimization
    .command('new')
    .description('Write an optimization that works as it is, to begin with')
    .argument('[name]', 'how it is called', 'triage')
    .action(async (name: string) =>
      finish(await (await import('./commands/optimize-new.ts')).newOptimization(name, deps)),
    );
}
