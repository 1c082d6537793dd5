import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BudgetOptions, LimitOptions } from './commands/control.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

function dollars(text: string): string {
  if (!/^\d{1,7}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('Dollars, such as 25 or 0.50.');
  return text;
}

function count(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 0.');
  return Number(text);
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('A share above 0 and up to 1, such as 0.8.');
  return value;
}

const whose = 'project, team, person, key, or user for an end user that requests name';
const which = 'an id; * for each that has no row of its own (not for project)';
const load = () => import('./commands/control.ts');

/** `wheelhouse budget …` and `wheelhouse limit …` */
export function declareControl(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const budget = program.command('budget').description('What calls may cost');
  budget
    .command('set')
    .description('Set a budget; it replaces the one of the same subject and period')
    .argument('<scope>', whose)
    .argument('[subject]', which)
    .requiredOption('--usd <dollars>', 'the amount', dollars)
    .addOption(
      new Option('--per <period>', 'begins at midnight UTC, a week on Monday')
        .choices(['day', 'week', 'month', 'total'])
        .default('month'),
    )
    .option('--soft', 'only mark it when it is passed; without this, calls that could pass it are refused')
    .option('--alert-at <share>', 'from which share on it is marked', share, 0.8)
    .action(async (scope: string, subject: string | undefined, options: BudgetOptions) =>
      finish(await (await load()).setBudget({ scope, subject }, options, deps)),
    );
  budget
    .command('ls')
    .description('List budgets and what is spent of them')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => finish(await (await load()).listBudgets(options, deps)));
  budget
    .command('rm')
    .description('Remove a budget')
    .argument('<id>', 'as `budget ls` shows it')
    .action(async (id: string) => finish(await (await load()).removeBudget(id, deps)));

  const limit = program.command('limit').description('How many calls and tokens there may be');
  limit
    .command('set')
    .description('Set a limit; it replaces the one of the same subject')
    .argument('<scope>', whose)
    .argument('[subject]', which)
    .option('--rpm <number>', 'requests a minute', count)
    .option('--tpm <number>', 'tokens a minute, of requests and answers together', count)
    .option('--parallel <number>', 'calls that run at the same time', count)
    .action(async (scope: string, subject: string | undefined, options: LimitOptions) =>
      finish(await (await load()).setLimit({ scope, subject }, options, deps)),
    );
  limit
    .command('ls')
    .description('List limits and what is taken of them')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => finish(await (await load()).listLimits(options, deps)));
  limit
    .command('rm')
    .description('Remove a limit')
    .argument('<id>', 'as `limit ls` shows it')
    .action(async (id: string) => finish(await (await load()).removeLimit(id, deps)));
}
