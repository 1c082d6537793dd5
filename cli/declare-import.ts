import { type Command, InvalidArgumentError } from 'commander';
import type { ImportOptions } from './commands/import.ts';
import type { Config } from './config.ts';
import type { Tool } from './import/make-plan.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

const collect = (text: string, before: string[]): string[] => [...before, text];

function collectRange(text: string, before: Map<string, { min: number; max: number }>) {
  const [, name = '', low, high] = /^(.+)=(-?[\d.]+)\.\.(-?[\d.]+)$/.exec(text) ?? [];
  const range = { min: Number(low), max: Number(high) };
  if (!(range.max > range.min))
    throw new InvalidArgumentError('It takes a name and a range, for example quality=1..5.');
  return new Map(before).set(name, range);
}

const tools: Record<Tool, string> = {
  'openai-evals': 'evals, graders, runs and results of OpenAI: the hosted API’s objects, or a registry of openai/evals',
  langfuse: 'datasets, runs, traces, scores and prompts of Langfuse',
  langsmith: 'datasets, experiments and feedback of LangSmith',
};

/** `wheelhouse import …` */
export function declareImport(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const verb = program.command('import').description('Bring evaluations over from another tool’s exports');
  for (const [tool, about] of Object.entries(tools)) {
    const command = verb
      .command(tool)
      .description(`Bring over ${about}`)
      .argument('<what...>', 'files and folders of the export: JSON, JSON Lines, CSV, YAML, packed with gzip or not')
      .option('--dry-run', 'say what would be made and what is not the same here, and make nothing')
      .option('--out <folder>', 'where files of evaluations are written', '.')
      .option('--prefix <text>', 'stands before the names of all that is made', '')
      .option('--licence <text>', 'what may be done with the rows, for example CC-BY-4.0', '')
      .option('--model <name>', 'what answers where the export does not say it (default: sim/echo)')
      .option('--range <name=min..max>', 'of scores that are not from 0 to 1; repeatable', collectRange, new Map())
      .option('--json', 'print it as JSON');
    if (tool === 'langfuse')
      command.option('--breaking', 'labels move aliases although callers may fail, because they are ready');
    if (tool === 'openai-evals')
      command
        .option('--only <eval>', 'of a registry only this eval; repeatable', collect, [])
        .option('--judge <model>', 'what judges where the export does not say it', 'openai/gpt-4o-mini');
    command
      .addHelpText(
        'after',
        '\nDoing it again makes nothing twice, and goes on where it was cut off.\nExit codes: 0 all is here · 1 some records could not be taken · 2 usage · 3 config · 4 network',
      )
      .action(async (what: string[], options: ImportOptions) =>
        finish(await (await import('./commands/import.ts')).importExport(tool as Tool, { what, options }, deps)),
      );
  }
}
