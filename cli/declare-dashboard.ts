import type { Command } from 'commander';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };

const commands = () => import('./commands/dashboard.ts');

/** `wheelhouse dashboard …` */
export function declareDashboard(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const dashboard = program.command('dashboard').description('Panels of measures, texts and SQL');
  dashboard
    .command('ls')
    .description('List dashboards')
    .option('--json', 'print them as JSON')
    .action(async (options: Json) => finish(await (await commands()).listDashboards(options, deps)));
  dashboard
    .command('show')
    .description('What its panels show now: numbers, where the truth may lie, and how it went')
    .argument('<name>')
    .argument('[filter...]', 'asked of all panels; it may name a time')
    .option('--last <time>', 'such as 1h, 24h or 7d, where the filter names none', '24h')
    .option('--json', 'print it as JSON')
    .action(async (name: string, filter: string[], options: Json & { last: string }) =>
      finish(await (await commands()).showDashboard(name, filter, options, deps)),
    );
  dashboard
    .command('export')
    .description('Print one as JSON, which apply takes')
    .argument('<name>')
    .option('-o, --output <file>', 'write it there')
    .action(async (name: string, options: { output?: string }) =>
      finish(await (await commands()).exportDashboard(name, options, deps)),
    );
  dashboard
    .command('apply')
    .description('Make the dashboards of files, or replace those of their names')
    .argument('<file...>')
    .option('--name <name>', 'another name than the file says')
    .action(async (files: string[], options: { name?: string }) =>
      finish(await (await commands()).applyDashboards(files, options, deps)),
    );
  dashboard
    .command('rm')
    .description('Forget one; traces, views and monitors stay')
    .argument('<name>')
    .action(async (name: string) => finish(await (await commands()).removeDashboard(name, deps)));
}
