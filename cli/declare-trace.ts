import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExportFileOptions } from './commands/trace-export.ts';
import type { ExportsOptions } from './commands/trace-exports.ts';
import type { ListOptions } from './commands/trace-ls.ts';
import type { RenormalizeOptions } from './commands/trace-renormalize.ts';
import type { RemoveOptions } from './commands/trace-rm.ts';
import type { ScoreOptions } from './commands/trace-score.ts';
import type { ShowOptions } from './commands/trace-show.ts';
import type { TailOptions } from './commands/trace-tail.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}
function atLeastOne(text: string): number {
  const value = count(text);
  if (value === 0) throw new InvalidArgumentError('It takes a whole number from 1.');
  return value;
}

function dollars(text: string): number {
  if (!/^\d{1,7}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('It takes dollars, such as 0.50.');
  return Number(text);
}
function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('It takes a share between 0 and 1, such as 0.1.');
  return value;
}

const filterHelp = `
The filter language: status:error model:gpt* cost>0.01 score.grounded<0.5 latency>2s last:24h "some words"
  -field:value negates · field:a,b any of · a or b · ( ) groups; one that begins with - comes after --`;

/** `wheelhouse trace …` */
export function declareTrace(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const trace = program.command('trace').description('List, follow, show, score, export and remove traces');
  trace
    .command('ls')
    .description('List traces, newest first')
    .argument('[filter...]', 'which traces (default: all)')
    .option('--limit <number>', 'how many', atLeastOne, 20)
    .option('--json', 'print them as one JSON object')
    .addHelpText('after', filterHelp)
    .action(async (words: string[], options: ListOptions) =>
      finish(await (await import('./commands/trace-ls.ts')).listTraces(words, options, deps)),
    );
  trace
    .command('tail')
    .description('Print traces as they finish')
    .argument('[filter...]', 'which traces (default: all)')
    .option('--last <number>', 'so many that are there already come first', count, 10)
    .option('--json', 'print a JSON object a line')
    .addHelpText('after', filterHelp)
    .action(async (words: string[], options: TailOptions) =>
      finish(await (await import('./commands/trace-tail.ts')).tailTraces(words, options, deps)),
    );
  trace
    .command('show')
    .description('Show a trace as a tree of its spans')
    .argument('<id>', 'its id, or the first digits of it')
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: ShowOptions) =>
      finish(await (await import('./commands/trace-show.ts')).showTrace(id, options, deps)),
    );
  trace
    .command('export')
    .description('Write everything that fits, with all contents, to a file')
    .argument('[filter...]', 'which traces (default: all)')
    .option('--format <name>', 'jsonl, a line a trace, or parquet, a row a span (default: by the name of the file)')
    .option('-o, --output <file>', 'where to; stdout when left out')
    .addOption(
      new Option('--to <place>', 'blob: the server writes it to its disk or bucket, as a job').choices(['blob']),
    )
    .option('--stored <id>', 'fetch what the server wrote')
    .addHelpText('after', filterHelp)
    .action(async (words: string[], options: ExportFileOptions) =>
      finish(await (await import('./commands/trace-export.ts')).exportToFile(words, options, deps)),
    );
  trace
    .command('exports')
    .description('List what `export --to blob` wrote')
    .option('--rm <id>', 'stop it and remove its file')
    .option('--json', 'print them as JSON')
    .action(async (options: ExportsOptions) =>
      finish(await (await import('./commands/trace-exports.ts')).listExports(options, deps)),
    );
  trace
    .command('renormalize')
    .description('Read stored spans again as the newest version of Wheelhouse does')
    .option('--from <time>', 'spans that started then or later, ISO 8601 (default: all)')
    .option('--until <time>', 'spans that started before then (default: now)')
    .option('--cancel <id>', 'stop one that runs; what it wrote stays')
    .action(async (options: RenormalizeOptions) =>
      finish(await (await import('./commands/trace-renormalize.ts')).renormalizeTraces(options, deps)),
    );
  trace
    .command('score')
    .description('Score traces that are there, or sessions; what is scored already is not scored again')
    .argument('[filter...]', 'which (default: all)')
    .option('--scorers <list>', "how: 'readability,kind=judge_rubric {…}'; a name before = is that of the scores")
    .option('--sessions', 'judge the last answer of each session, after what was said before')
    .option('--sample <share>', 'a share of those that fit, such as 0.1', share, 1)
    .option('--most <number>', 'so many at most, newest first', atLeastOne, 1_000)
    .option('--cap <dollars>', 'stop when judges cost so much', dollars)
    .option('--confirm-above <dollars>', 'ask before it costs more', dollars, 1)
    .option('-y, --yes', 'do not ask')
    .option('--cancel <id>', 'stop one that runs; the scores that it gave stay')
    .addHelpText('after', filterHelp)
    .action(async (words: string[], options: ScoreOptions) =>
      finish(await (await import('./commands/trace-score.ts')).scoreTraces(words, options, deps)),
    );
  trace
    .command('rm')
    .description('Remove a trace, a session or all of a user for good')
    .argument('[id]', 'id of a trace, or the first digits of it')
    .option('--session <id>', 'every trace of this session')
    .option('--user <id>', 'every trace of this end user')
    .option('-y, --yes', 'do not ask')
    .action(async (id: string | undefined, options: RemoveOptions) =>
      finish(await (await import('./commands/trace-rm.ts')).removeTraces(id, options, deps)),
    );
}
