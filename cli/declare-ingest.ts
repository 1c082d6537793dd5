import { type Command, InvalidArgumentError } from 'commander';
import type { LedgerOptions, LetterOptions, ReplayOptions } from './commands/ingest.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

function count(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1.');
  return Number(text);
}

/** `wheelhouse ingest …` */
export function declareIngest(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const ingest = program
    .command('ingest')
    .description('What became of every span that came in, and what to do about those that were refused');
  ingest
    .command('ledger')
    .description('received = stored + rejected + waiting, for each door')
    .option('--all-projects', 'the sum of all projects; takes the admin key')
    .option('--json', 'print it as JSON')
    .action(async (options: LedgerOptions) =>
      finish(await (await import('./commands/ingest.ts')).showLedger(options, deps)),
    );
  ingest
    .command('dead-letters')
    .description('List what doors refused; with an id, print its body')
    .argument('[id]', 'prints its body, to be repaired')
    .option('--source <door>', 'only of this door')
    .option('--reason <text>', 'only for this reason')
    .option('--limit <number>', 'how many', count, 50)
    .option('--json', 'print them as JSON')
    .action(async (id: string | undefined, options: LetterOptions) =>
      finish(await (await import('./commands/ingest.ts')).showLetters(id, options, deps)),
    );
  ingest
    .command('repair')
    .description('Give a dead letter another body')
    .argument('<id>', 'as `ingest dead-letters` shows it')
    .argument('<file>', 'the repaired body; - reads stdin')
    .option('--type <media type>', 'its content type', 'application/json')
    .action(async (id: string, file: string, options: { type: string }) =>
      finish(await (await import('./commands/ingest.ts')).repairLetter(id, file, { ...options, ...deps })),
    );
  ingest
    .command('replay')
    .description('Send dead letters through their doors again; those that are taken are none any more')
    .argument('[ids...]', 'these (default: all that fit)')
    .option('--source <door>', 'only of this door')
    .option('--reason <text>', 'only for this reason')
    .action(async (ids: string[], options: ReplayOptions) =>
      finish(await (await import('./commands/ingest.ts')).replayLetters(ids, options, deps)),
    );
  ingest
    .command('forget')
    .description('Remove a dead letter')
    .argument('<id>', 'as `ingest dead-letters` shows it')
    .action(async (id: string) => finish(await (await import('./commands/ingest.ts')).forgetLetter(id, deps)));
}
