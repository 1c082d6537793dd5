import type { Command } from 'commander';
import type { AddKeyOptions, AddOptions, ListOptions } from './commands/providers.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

const collect = (text: string, before: string[]): string[] => [...before, text];
const load = () => import('./commands/providers.ts');

/** `wheelhouse provider …` */
export function declareProviders(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const provider = program.command('provider').description('Model vendors that can be called, and their keys');
  provider
    .command('ls')
    .description('List those that are set up')
    .option('--all', 'every vendor that is known')
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => finish(await (await load()).listProviders(options, deps)));
  provider
    .command('add')
    .description('Set up a provider of the project, on the public internet')
    .argument('<name>', 'what its models begin with')
    .option('--vendor <name>', 'whose form it has (default: openai-compatible)')
    .option('--base-url <address>', "https, up to and including /v1 (default: the vendor's own)")
    .option('--set <name=value>', 'what the vendor needs besides, such as region=eu-west-1; repeatable', collect, [])
    .action(async (name: string, options: AddOptions) => finish(await (await load()).addProvider(name, options, deps)));
  provider
    .command('rm')
    .description('Remove a provider of the project, and its keys')
    .argument('<name>')
    .action(async (name: string) => finish(await (await load()).removeProvider(name, deps)));
  const key = provider.command('key').description('Keys of the project; where it has any, its calls use them alone');
  key
    .command('add')
    .description('Store a key, encrypted; it is asked for, or read from stdin')
    .argument('<provider>', 'for example openai')
    .option('--label <text>', 'what it is called')
    .action(async (name: string, options: AddKeyOptions) => finish(await (await load()).addKey(name, options, deps)));
  key
    .command('rm')
    .description('Remove a stored key')
    .argument('<provider>')
    .argument('<id>', 'as `provider ls` shows it')
    .action(async (name: string, id: string) => finish(await (await load()).removeKey(name, id, deps)));
}
