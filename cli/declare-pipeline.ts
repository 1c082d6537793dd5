import { type Command, InvalidArgumentError } from 'commander';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

const commands = () => import('./commands/pipeline.ts');

function whole(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1 to 999.');
  return Number(text);
}

const fileHelp = `
A file, for example refresh.yaml:
  name: refresh
  model: support-bot
  triggers:
    - { on: schedule, cron: '0 3 * * mon' }
  steps:
    - { do: dataset, dataset: failures, least: 50 }
    - { do: optimize, budget: { dollars: 5 } }
    - { do: publish }
    - { do: evaluate, dataset: golden, gates: ['exact >= baseline - 2pp'] }
    - { do: approve, role: admin }
    - { do: release, share: 0.1 }
docs/guides/pipelines.md has every step and trigger; \`wheelhouse pipeline plan refresh.yaml\` says what it would do.`;

/** `wheelhouse pipeline …` */
export function declarePipeline(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const pipeline = program
    .command('pipeline')
    .description('How better versions are made and released, again and again');
  pipeline
    .command('ls')
    .description('List pipelines with their newest runs')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => finish(await (await commands()).listPipelines(options, deps)));
  pipeline
    .command('apply')
    .description('Set up the pipeline of a file; one of that name is replaced, the same file again changes nothing')
    .argument('<file>', 'YAML or JSON: name, model, triggers, steps')
    .option('--name <name>', 'what it is called; else as the file says')
    .addHelpText('after', fileHelp)
    .action(async (file: string, options: { name?: string }) =>
      finish(await (await commands()).applyPipeline(file, options, deps)),
    );
  pipeline
    .command('plan')
    .description('What a file would do now, step by step; nothing is set up or started')
    .argument('<file>', 'YAML or JSON, as `apply` takes it')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing is known to hold a run back · 6 something would · 2 the file is wrong',
    )
    .action(async (file: string, options: { json?: boolean }) =>
      finish(await (await commands()).planPipeline(file, options, deps)),
    );
  pipeline
    .command('show')
    .description('One pipeline and its newest run, a line a step')
    .argument('<name>', 'of the pipeline, as `pipeline ls` lists it')
    .option('--json', 'print it as JSON')
    .action(async (name: string, options: { json?: boolean }) =>
      finish(await (await commands()).showPipeline(name, options, deps)),
    );
  pipeline
    .command('run')
    .description('Start a run')
    .argument('<name>', 'of the pipeline, as `pipeline ls` lists it')
    .option('--reason <text>', 'why', '')
    .option('--watch', 'say how it goes until it ends or asks for a yes')
    .action(async (name: string, options: { watch?: boolean; reason: string }) =>
      finish(await (await commands()).runPipeline(name, options, deps)),
    );
  pipeline
    .command('approve')
    .description('Say yes to the run that asks; it goes on in your name')
    .argument('<name>', 'of the pipeline')
    .option('--note <text>', 'why', '')
    .option('--breaking', 'although callers may fail with what is released, because they are ready')
    .action(async (name: string, { note, breaking = false }: { note: string; breaking?: boolean }) =>
      finish(await (await commands()).decidePipeline(name, { yes: true, note, breaking }, deps)),
    );
  pipeline
    .command('reject')
    .description('Say no; the run ends')
    .argument('<name>', 'of the pipeline')
    .option('--note <text>', 'why', '')
    .action(async (name: string, { note }: { note: string }) =>
      finish(await (await commands()).decidePipeline(name, { yes: false, note, breaking: false }, deps)),
    );
  for (const verb of ['stop', 'retry'] as const)
    pipeline
      .command(verb)
      .description(
        verb === 'stop'
          ? 'Stop the run with what it has under way; a release of it is rolled back'
          : 'Go on with a run that failed or was stopped, at the step where it was',
      )
      .argument('<name>', 'of the pipeline')
      .option('--reason <text>', 'why', '')
      .action(async (name: string, { reason }: { reason: string }) =>
        finish(await (await commands()).changeRun(name, { verb, reason }, deps)),
      );
  pipeline
    .command('runs')
    .description('Runs, newest first')
    .argument('[name]', 'of this pipeline alone')
    .option('--limit <count>', 'how many', whole, 20)
    .option('--json', 'print them as JSON')
    .action(async (name: string | undefined, options: { json?: boolean; limit: number }) =>
      finish(await (await commands()).listRuns(name, options, deps)),
    );
  pipeline
    .command('rm')
    .description('Remove a pipeline with its runs; what they made stays')
    .argument('<name>', 'of the pipeline, as `pipeline ls` lists it')
    .action(async (name: string) => finish(await (await commands()).removePipeline(name, deps)));
}
