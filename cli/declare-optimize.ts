import { type Command, InvalidArgumentError } from 'commander';
import type { OptimizeDeps, OptimizeOptions } from './commands/optimize.ts';
import type { ExitCode } from './output/exit-codes.ts';

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
    .option('--out <file>', 'write the candidate to go on with as JSON')
    .option('--json', 'print the report as JSON')
    .option('--jsonl', 'print a JSON object a line, as things come')
    .addHelpText('after', codes)
    .action(async (file: string, options: OptimizeOptions) =>
      finish(await (await import('./commands/optimize.ts')).optimize(file, options, deps)),
    );
  optimization
    .command('new')
    .description('Write an optimization that works as it is, to begin with')
    .argument('[name]', 'how it is called', 'triage')
    .action(async (name: string) =>
      finish(await (await import('./commands/optimize-new.ts')).newOptimization(name, deps)),
    );
}
