import { type Command, InvalidArgumentError, Option } from 'commander';
import type { EvalDeps, EvalOptions } from './commands/eval.ts';
import type { GateOptions, ListOptions, ShowOptions } from './commands/eval-stored.ts';
import type { ExitCode } from './output/exit-codes.ts';
import { splitScorers } from './split-scorers.ts';

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1.');
  return Number(text);
}
function dollars(text: string): number {
  const value = Number(text.replace(/^\$/, ''));
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('It takes dollars, for example 2.50.');
  return value;
}
const collect = (text: string, before: string[]): string[] => [...before, text];
const repeatable = (flags: string, text: string) => new Option(flags, text).argParser(collect).default([], 'none');

const gateHelp = `
Gates: exact >= baseline - 5pp · latency p95 <= 2.5s · cost mean <= $0.01 · errors <= 1% (risk 10%)`;
const codes =
  '\nExit codes: 0 done · 1 a gate failed · 2 usage · 3 config · 4 network · 5 the limit of its cost was reached · 6 a gate is inconclusive · 130 stopped';

function declareStored(evaluation: Command, deps: EvalDeps, finish: (code: ExitCode) => void): void {
  const stored = () => import('./commands/eval-stored.ts');
  evaluation
    .command('ls')
    .description('List evaluations, newest first')
    .option('--dataset <name>', 'only over this dataset')
    .option('--model <name>', 'only of this model, or of a version of it')
    .option('--limit <number>', 'how many', count, 20)
    .option('--json', 'print them as one JSON object')
    .action(async (options: ListOptions) => finish(await (await stored()).listEvaluations(options, deps)));
  evaluation
    .command('show')
    .description('Show what an evaluation found, or some of its rows')
    .argument('<id>', 'its id')
    .option('--worse', 'rows that got worse, the worst first')
    .option('--errors', 'rows with calls that failed')
    .option('--flaky', 'rows whose repetitions disagree')
    .option('--limit <number>', 'how many rows', count, 20)
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: ShowOptions) =>
      finish(await (await stored()).showEvaluation(id, options, deps)),
    );
  evaluation
    .command('compare')
    .description('Compare runs of any evaluations over the same version of a dataset')
    .argument('<run...>', 'ids of runs, or of evaluations for all of theirs; the baseline first')
    .addOption(repeatable('--gate <rule>', 'fail unless it holds; repeatable'))
    .option('--strict', 'a gate that cannot be decided fails')
    .option('--json', 'print it as JSON')
    .addHelpText('after', gateHelp + codes)
    .action(async (runs: string[], options: GateOptions) =>
      finish(await (await stored()).compareStored(runs, options, deps)),
    );
  evaluation
    .command('gate')
    .description('Say whether the gates of a finished evaluation hold, or others')
    .argument('<id>', 'its id')
    .addOption(repeatable('--gate <rule>', 'these instead of its own; repeatable'))
    .option('--strict', 'a gate that cannot be decided fails')
    .option('--json', 'print it as JSON')
    .addHelpText('after', gateHelp + codes)
    .action(async (id: string, options: GateOptions) => finish(await (await stored()).gateStored(id, options, deps)));
  evaluation
    .command('stop')
    .description('Stop an evaluation; what was answered is kept')
    .argument('<id>', 'its id')
    .action(async (id: string) => finish(await (await stored()).stopStored(id, deps)));
  evaluation
    .command('rm')
    .description('Remove evaluations with their answers')
    .argument('<id...>', 'their ids')
    .action(async (ids: string[]) => finish(await (await stored()).removeStored(ids, deps)));
  evaluation
    .command('new')
    .description('Write an evaluation that works as it is, to begin with')
    .argument('[name]', 'how it is called', 'support')
    .action(async (name: string) => finish(await (await import('./commands/eval-new.ts')).newEvaluation(name, deps)));
}

/** `wheelhouse eval …` */
export function declareEval(program: Command, deps: EvalDeps, finish: (code: ExitCode) => void): void {
  const evaluation = program
    .command('eval')
    .description('Evaluate: files of evaluations, or models over a dataset')
    .argument('[what...]', 'files, folders, or a dataset (default: every *.eval.ts below here)')
    .addOption(repeatable('--run <model>', 'a model to answer the dataset, the baseline first; repeatable'))
    .option('--version <number>', 'version of the dataset (default: the newest, after freezing a changed draft)', count)
    .option('--split <name>', 'only rows of this split')
    .option('--tag <name>', 'only rows with this tag')
    .addOption(
      new Option(
        '--scorers <names>',
        'how answers are scored; options follow as JSON: \'exact,bleu {"tokenize":"char"}\' (default: exact,levenshtein, or what the file says)',
      ).argParser(splitScorers),
    )
    .addOption(repeatable('--gate <rule>', 'fail unless it holds; repeatable'))
    .option('--repeat <number>', 'answers per row and run', count)
    .option('--first <number>', 'only so many rows', count)
    .option('--concurrency <number>', 'calls under way at one time', count)
    .option('--cap <dollars>', 'stop, to be resumed, when it cost so much', dollars)
    .option('--rollout <name>', 'take answers of earlier evaluations of the same rollout again')
    .option('--resume <id>', 'go on with an evaluation that was stopped')
    .option('--watch', 'again after each change of the file')
    .option('--confirm-above <dollars>', 'ask before it costs more', dollars, 1)
    .option('--yes', 'do not ask')
    .option('--strict', 'a gate that cannot be decided fails')
    .option('--json', 'print the stored evaluation as JSON')
    .option('--jsonl', 'print a JSON object a line, as things come')
    .option('--junit <file>', "write JUnit's XML, for a CI server")
    .option('--md <file>', 'write Markdown, for a comment on a pull request')
    .addHelpText('after', gateHelp + codes)
    .action(async (what: string[], options: EvalOptions & { watch?: boolean }) =>
      finish(
        options.watch
          ? await (await import('./commands/eval-watch.ts')).watchEvaluations(what, options, deps)
          : await (await import('./commands/eval.ts')).runEvaluations(what, options, deps),
      ),
    );
  declareStored(evaluation, deps, finish);
}
