import { type Command, InvalidArgumentError, Option } from 'commander';
import type { EndOptions, ListOptions, SetOptions } from './commands/prices.ts';
import type { ReconcileOptions } from './commands/reconcile.ts';
import type { RepriceOptions } from './commands/reprice.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

function dollars(text: string): string {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('Dollars per million, such as 0.15.');
  return text;
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1.');
  return Number(text);
}

const collect = (text: string, before: string[]): string[] => [...before, text];

/** `wheelhouse prices …` */
export function declarePrices(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const prices = program.command('prices').description('What calls cost: prices, re-pricing, and the bill beside them');
  prices
    .command('ls')
    .description('List prices: own ones, then the catalogue')
    .argument('[model]', 'a part of the name, for example gpt-4o')
    .option('--provider <name>', 'only of this provider')
    .option('--own', 'only own prices')
    .option('--limit <number>', 'how many', count, 30)
    .option('--json', 'print them as JSON')
    .action(async (model: string | undefined, options: ListOptions) =>
      finish(await (await import('./commands/prices.ts')).listPrices(model, options, deps)),
    );
  prices
    .command('set')
    .description('Set an own price from a day on; it comes before the catalogue')
    .argument('<model>', 'provider/model, for example openai/gpt-4o-mini; a * at the end stands for any ending')
    .option('--input <dollars>', 'per million input tokens', dollars)
    .option('--output <dollars>', 'per million output tokens', dollars)
    .option('--cache-read <dollars>', 'per million cached input tokens (default: as input)', dollars)
    .option('--cache-write <dollars>', 'per million tokens written to the cache (default: as input)', dollars)
    .option('--cache-write-1h <dollars>', 'the same, kept for an hour (default: as --cache-write)', dollars)
    .option('--reasoning <dollars>', 'per million reasoning tokens (default: as output)', dollars)
    .option('--input-image <dollars>', 'per million image tokens (default: as input)', dollars)
    .option('--input-audio <dollars>', 'per million audio input tokens', dollars)
    .option('--output-audio <dollars>', 'per million audio output tokens', dollars)
    .option('--request <dollars>', 'per million calls', dollars)
    .addOption(
      new Option('--above <tier>', 'rates of calls with more input tokens, "200000:input=3,output=15"; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--service-tier <name>', 'only calls of it: batch, flex, priority … (default: ordinary calls)')
    .option('--from <time>', 'ISO 8601 (default: now)')
    .option('--source <text>', 'where the figures are from')
    .action(async (model: string, options: SetOptions) =>
      finish(await (await import('./commands/prices.ts')).setPrice(model, options, deps)),
    );
  prices
    .command('end')
    .description('End an own price; the one before it, or the catalogue, counts again')
    .argument('<id>', 'as `prices ls --own` shows it')
    .option('--at <time>', 'ISO 8601 (default: now)')
    .action(async (id: string, options: EndOptions) =>
      finish(await (await import('./commands/prices.ts')).endPrice(id, options, deps)),
    );
  prices
    .command('reprice')
    .description('Price the calls of a period again; without --yes it only says what that would change')
    .option('--from <time>', 'ISO 8601, for example 2026-03-01')
    .option('--until <time>', 'ISO 8601 (default: now)')
    .option('--provider <name>', 'only its calls')
    .option('--model <name>', 'only its calls; a * at the end stands for any ending')
    .option('--yes', 'do it')
    .option('--cancel <id>', 'stop one that runs; what it wrote stays')
    .action(async (options: RepriceOptions) =>
      finish(await (await import('./commands/reprice.ts')).reprice(options, deps)),
    );
  prices
    .command('reconcile')
    .description("Put a provider's bill beside our figures, by model and day")
    .argument(
      '<file>',
      'OpenAI costs or Anthropic cost report (JSON or CSV), or a CSV of date,model,usd; - reads stdin',
    )
    .option('--provider <name>', 'whose bill it is (default: as its form says)')
    .option('--json', 'print the comparison as JSON')
    .action(async (file: string, options: ReconcileOptions) =>
      finish(await (await import('./commands/reconcile.ts')).reconcile(file, options, deps)),
    );
}
