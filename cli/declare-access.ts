import { type Command, InvalidArgumentError } from 'commander';
import type { InviteOptions, KeyOptions, ListOptions } from './commands/access.ts';
import type { RemoveProjectOptions } from './commands/project-rm.ts';
import type { ProjectSettings } from './commands/project-set.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

function days(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('A whole number of days, from 1.');
  return Number(text);
}

function keepDays(text: string): ProjectSettings['keepDays'] {
  if (text === 'forever' || text === 'default') return text;
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 36_500)
    throw new InvalidArgumentError('A whole number of days from 1, forever, or default.');
  return Number(text);
}

const load = () => import('./commands/access.ts');

/** `wheelhouse key …`, `wheelhouse person …` and `wheelhouse project …` */
export function declareAccess(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const key = program.command('key').description('Keys of programs');
  key
    .command('create')
    .description('Make a key; stdout is the secret, shown this once')
    .argument('<name>', 'what it is for')
    .option('--role <role>', 'viewer, editor, admin or owner (default: it may call models and send traces only)')
    .option('--team <team>', 'whose budget it shares')
    .option('--days <number>', 'how long it holds (default: until it is revoked)', days)
    .action(async (name: string, options: KeyOptions) => finish(await (await load()).createKey(name, options, deps)));
  key
    .command('ls')
    .description('List keys, newest first')
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => finish(await (await load()).listKeys(options, deps)));
  key
    .command('rm')
    .description('Revoke a key, at once and for good')
    .argument('<id>', 'as `key ls` shows it')
    .action(async (id: string) => finish(await (await load()).revokeKey(id, deps)));

  const person = program.command('person').description('Who is in the project');
  person
    .command('invite')
    .description('Make a link by which somebody joins')
    .argument('<address>', 'for example ada@example.com')
    .option('--role <role>', 'viewer, editor, admin or owner', 'editor')
    .option('--days <number>', 'how long the link holds', days, 7)
    .action(async (email: string, options: InviteOptions) => finish(await (await load()).invite(email, options, deps)));
  person
    .command('ls')
    .description('List people')
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => finish(await (await load()).listPeople(options, deps)));

  const project = program.command('project').description('Projects; nothing of one is seen in another');
  project
    .command('create')
    .description('Open a project')
    .argument('<id>', 'never changes')
    .option('--name <name>', 'how it is shown (default: the id)')
    .action(async (id: string, options: { name?: string }) =>
      finish(await (await load()).createProject(id, options, deps)),
    );
  project
    .command('set')
    .description('Change settings of this project')
    .requiredOption('--keep-days <days>', 'how long traces are kept: a number, forever, or default', keepDays)
    .action(async (options: ProjectSettings) =>
      finish(await (await import('./commands/project-set.ts')).setProject(options, deps)),
    );
  project
    .command('rm')
    .description('Close a project at once and erase all of it for good; says first what it has, and asks for its name')
    .argument('<id>', 'as `project ls` shows it')
    .option('--dry-run', 'say what it has, and remove nothing')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: RemoveProjectOptions) =>
      finish(await (await import('./commands/project-rm.ts')).removeProject(id, options, deps)),
    );
  project
    .command('ls')
    .description('List projects')
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => finish(await (await load()).listProjects(options, deps)));
}
