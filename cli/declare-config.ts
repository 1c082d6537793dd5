import type { Command } from 'commander';
import type { ConfigCheckOptions } from './commands/config-check.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

/** `wheelhouse config …` */
export function declareConfig(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const config = program.command('config').description('The configuration of this folder');
  config
    .command('check')
    .description('Read wheelhouse.config and the environment, and say what they mean or what is wrong')
    .option('--json', 'print it as JSON; keys are counted, never shown')
    .addHelpText('after', '\nExit codes: 0 valid · 3 not valid')
    .action(async (options: ConfigCheckOptions) =>
      finish(await (await import('./commands/config-check.ts')).checkConfiguration(options, deps)),
    );
}
