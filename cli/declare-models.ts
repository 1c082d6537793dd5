import { type Command, InvalidArgumentError } from 'commander';
import type { ListOptions, MoveOptions, NewOptions, RunOptions } from './commands/model.ts';
import type { FolderOptions, PullOptions, PushOptions } from './commands/model-files.ts';
import type { ExportOptions, ImportOptions } from './commands/model-package.ts';
import type { PromoteOptions } from './commands/model-promote.ts';
import type { ServeOptions } from './commands/serve.ts';
import type { Config } from './config.ts';
import { type ExitCode, UsageError } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
type Finish = (code: ExitCode) => void;
type Json = { json?: boolean };

const collect = (text: string, before: string[]): string[] => [...before, text];
const load = () => import('./commands/model.ts');
const loadFiles = () => import('./commands/model-files.ts');
const loadPackage = () => import('./commands/model-package.ts');
const defaultFolder = 'prompts';

function number(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It takes the number of a version.');
  return Number(text);
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 (any free one) to 65535.');
  return value;
}

function declareRegistry(model: Command, deps: Deps, finish: Finish): void {
  model
    .command('ls')
    .description('List models')
    .option('--q <text>', 'part of the name or the description')
    .option('--tag <tag>')
    .option('--owner <person>')
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => finish(await (await load()).listModels(options, deps)));
  model
    .command('show')
    .description('Show a model with its versions, or one version as a file')
    .argument('<model>', 'for example support-bot, support-bot@2 or support-bot@production')
    .option('--json', 'print it as JSON')
    .action(async (ref: string, options: Json) => finish(await (await load()).showModel(ref, options, deps)));
  model
    .command('new')
    .description('Publish a version of a file; a name that is new is registered')
    .argument('<model>', 'for example support-bot')
    .argument('<file>', 'Markdown with the settings on top; - reads stdin')
    .option('--message <text>', 'why it was made')
    .option('--description <text>', 'what a new model is for')
    .option('--tag <tag>', 'of a new model; repeatable', collect, [])
    .option('--move <alias>', 'and point the alias at it')
    .option('--breaking', 'with --move: also where callers of the version that it is at may fail')
    .option('--json', 'print what was published as JSON')
    .action(async (name: string, file: string, options: NewOptions) =>
      finish(await (await load()).newModel({ name, file }, options, deps)),
    );
  model
    .command('move')
    .description('Point an alias at a version')
    .argument('<alias>', 'for example support-bot@production')
    .argument('<version>', 'its number', number)
    .option('--message <text>', 'why it is moved, for the audit log')
    .option('--ask [why]', 'ask for it, where somebody else has to approve')
    .option('--breaking', 'also where callers of the version that it is at may fail')
    .option('--json', 'print the model as JSON')
    .action(async (ref: string, to: number, options: MoveOptions) =>
      finish(await (await load()).moveModel({ ref, to }, options, deps)),
    );
  model
    .command('rollback')
    .description('Put an alias back to where it was before')
    .argument('<alias>', 'for example support-bot@production')
    .option('--json', 'print the model as JSON')
    .action(async (ref: string, options: Json) => finish(await (await load()).rollBackModel(ref, options, deps)));
}

function declareRun(model: Command, deps: Deps, finish: Finish): void {
  model
    .command('run')
    .description('Ask a model, and print what it answers as it comes')
    .argument('<model>', 'any name that a client of the gateway could use, for example support-bot@production')
    .argument('[text]', 'the one text that it needs, or what a user says')
    .option(
      '--var <name=value>',
      'a variable; JSON where it is JSON, name:=value is always text; repeatable',
      collect,
      [],
    )
    .option('--input <json>', 'all variables')
    .option('--param <name=value>', 'how to answer, for example temperature=0.2; repeatable', collect, [])
    .option('--resume <trace>', 'go on where a run failed')
    .option('--json', 'print the whole answer as JSON, when it is complete')
    .action(async (ref: string, text: string | undefined, options: RunOptions) =>
      finish(await (await load()).runModel({ ref, text }, options, deps)),
    );
}

/** `diff` of one model and two versions is told by the server; without versions, of the files here. */
async function diff(names: string[], options: FolderOptions, deps: Deps): Promise<ExitCode> {
  const [name, from, to] = names;
  if (names.length < 2) return (await loadFiles()).diffLocal(names, options, deps);
  if (name && from && to && names.length === 3) return (await load()).diffModel({ name, from, to }, options, deps);
  throw new UsageError('A difference is one of two versions.', 'wheelhouse model diff support-bot 1 production');
}

function declareFiles(model: Command, deps: Deps, finish: Finish): void {
  model
    .command('pull')
    .description(`Write every version as a file, ${defaultFolder}/<model>/<version>.md`)
    .argument('[models...]', 'their names (default: all)')
    .option('--dir <folder>', 'where the files are', defaultFolder)
    .option('--force', 'write over what was edited here')
    .option('--json', 'print what became of each file as JSON')
    .addHelpText('after', '\nExit codes: 0 done · 1 files that were edited here stayed as they are')
    .action(async (names: string[], options: PullOptions) =>
      finish(await (await loadFiles()).pullModels(names, options, deps)),
    );
  model
    .command('push')
    .description('Publish what was edited or added here as next versions, and name the files by their numbers')
    .argument('[models...]', 'their names (default: all that have a folder)')
    .option('--dir <folder>', 'where the files are', defaultFolder)
    .option('--message <text>', 'why they were made (default: what each file says)')
    .option('--json', 'print what was published as JSON')
    .action(async (names: string[], options: PushOptions) =>
      finish(await (await loadFiles()).pushModels(names, options, deps)),
    );
  model
    .command('diff')
    .description('What is different: two versions, or the files here against the server')
    .argument('[model]', 'its name (default: all that have a folder)')
    .argument('[from]', 'a number or an alias')
    .argument('[to]', 'a number or an alias')
    .option('--dir <folder>', 'where the files are', defaultFolder)
    .option('--json', 'print it as JSON')
    .action(
      async (name: string | undefined, from: string | undefined, to: string | undefined, options: FolderOptions) =>
        finish(
          await diff(
            [name, from, to].filter((text) => text !== undefined),
            options,
            deps,
          ),
        ),
    );
}

function declarePackage(model: Command, deps: Deps, finish: Finish): void {
  model
    .command('export')
    .description('Write a version as a folder that answers without a server, here and in MLflow')
    .argument('<model>', 'for example support-bot@production')
    .argument('<folder>', 'a new one')
    .option('--force', 'write over what is there')
    .option('--json', 'print what was written as JSON')
    .action(async (ref: string, folder: string, options: ExportOptions) =>
      finish(await (await loadPackage()).exportModel({ ref, folder }, options, deps)),
    );
  model
    .command('import')
    .description('Publish the version of a folder, and what it leads to')
    .argument('<folder>', 'one that was exported')
    .option('--name <model>', 'what it is called here (default: as where it was exported)')
    .option('--json', 'print what was published as JSON')
    .action(async (folder: string, options: ImportOptions) =>
      finish(await (await loadPackage()).importModel(folder, options, deps)),
    );
}

function percent(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 100)) throw new InvalidArgumentError('It takes percent above 0 and below 100.');
  return value / 100;
}

function declarePromote(model: Command, deps: Deps, finish: Finish): void {
  model
    .command('promote')
    .description('Take a version, and what it leads to, to another server or to an alias')
    .argument('<model>', 'for example support-bot@staging')
    .option('--to <url>', 'the other server (default: this one, where nothing is copied)')
    .option('--alias <alias>', 'the alias that is to lead to it there')
    .option('--canary <percent>', 'with --alias: give it that share of the calls, watched', percent)
    .option('--breaking', 'also where callers of the version that the alias is at may fail')
    .option('--name <model>', 'what it is called there (default: as here)')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--json', 'print what was done as JSON')
    .addHelpText(
      'after',
      '\nEnvironment:\n  WHEELHOUSE_TO_API_KEY  a key of the other server, with the role editor\n  WHEELHOUSE_TO_PROJECT  the project there (default: the one of the key)',
    )
    .action(async (ref: string, options: PromoteOptions) =>
      finish(await (await import('./commands/model-promote.ts')).promoteModel(ref, options, deps)),
    );
}

type ServeAnyOptions = ServeOptions & { model?: string; open?: boolean; json?: boolean };

/** Code becomes a model at the server; a folder that was exported is one by itself. */
async function serveAny(code: string | undefined, options: ServeAnyOptions, deps: Deps): Promise<ExitCode> {
  const { model, host, port: wanted, open = false, json = false } = options;
  if (model !== undefined && code === undefined)
    return (await import('./commands/serve-package.ts')).servePackage({ model, host, port: wanted, open, json }, deps);
  if (model !== undefined || code === undefined)
    throw new UsageError(
      'Either code is served or an exported folder.',
      'wheelhouse serve ./bot.ts, or wheelhouse serve --model ./folder',
    );
  if (open || json) throw new UsageError('--open and --json go with --model.', 'Leave them out.');
  return (await import('./commands/serve.ts')).serve(code, options, deps);
}

/** `wheelhouse model …`, `wheelhouse serve` */
export function declareModels(program: Command, deps: Deps, finish: Finish): void {
  const model = program
    .command('model')
    .description('Models and prompts: versions, aliases, files, and what they answer');
  declareRegistry(model, deps, finish);
  declareRun(model, deps, finish);
  declareFiles(model, deps, finish);
  declarePackage(model, deps, finish);
  declarePromote(model, deps, finish);
  program
    .command('serve')
    .description('Make a model of code that stays where it is, and answer for it until stopped')
    .argument('[code]', './bot.ts, ./bot.py:predict, or a folder that MLflow saved')
    .option('--model <folder>', 'answer for what was exported there instead, without any other server')
    .option('--open', 'with --model: whoever reaches it may call it, wherever it listens')
    .option('--json', 'with --model: print the address as JSON')
    .option('--name <model>', "what the model is called (default: the file's name)")
    .option('--alias <alias>', 'point the alias at each version that is served')
    .option('--breaking', 'point it there although callers may fail with it, because they are ready')
    .option('--message <text>', 'why the version was made')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', port, 0)
    .option('--url <address>', 'where the server reaches it (default: the address that it listens on)')
    .option('--python <program>', 'the Python that runs it', 'python3')
    .option('--no-watch', 'do not publish a new version when the code changes')
    .action(async (code: string | undefined, options: ServeAnyOptions) => finish(await serveAny(code, options, deps)));
}
