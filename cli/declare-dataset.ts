import { type Command, InvalidArgumentError } from 'commander';
import type { AddOptions, ExportOptions, ImportOptions, ShowOptions } from './commands/dataset.ts';
import type { Config } from './config.ts';
import { datasetVersion } from './dataset-version.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };

function count(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1 to 500.');
  return Number(text);
}

const collect = (text: string, before: string[]): string[] => [...before, text];
const commands = () => import('./commands/dataset.ts');

function declareFiles(dataset: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  dataset
    .command('import')
    .description('Read a file of rows into the draft; - reads stdin')
    .argument('<name>')
    .argument('<file>', 'CSV, JSON Lines, JSON or Parquet, also packed with gzip')
    .option('--format <format>', 'csv, jsonl, json or parquet (default: by the name of the file)')
    .option('--input <fields>', 'the field that is the input; several make an object')
    .option('--expected <fields>', 'the field that is expected')
    .option('--metadata <fields>', 'fields that become metadata; * takes all that are not used')
    .option('--tags <field>', 'the field that holds tags')
    .option('--split <field>', 'the field that holds the split')
    .option('--weight <field>', 'the field that holds the weight')
    .option('--delimiter <character>', 'of CSV: one character, or tab (default: found out)')
    .option('--encoding <name>', 'utf-8, utf-16le, utf-16be or windows-1252 (default: found out)')
    .option('--unique', 'leave out rows that are there already')
    .option('--create', 'make the dataset where there is none')
    .addHelpText(
      'after',
      '\nRows of OpenAI, Langfuse and LangSmith are known by their shape; name no fields then.\nExit codes: 0 all rows are in · 1 some were refused · 2 usage · 3 config · 4 network · 130 stopped',
    )
    .action(async (name: string, file: string, options: ImportOptions) =>
      finish(await (await commands()).importFile(name, file, options, deps)),
    );
  dataset
    .command('export')
    .description('Write rows to a file, or to stdout')
    .argument('<name>')
    .option('-o, --output <file>', 'where to')
    .option('--format <format>', 'jsonl, json, csv, parquet, openai-evals, openai-chat, langfuse or langsmith')
    .option('--version <version>', 'number or name of a version (default: the draft)')
    .option('--split <name>', 'only rows of this split')
    .option('--tag <tag>', 'only rows with this tag')
    .action(async (name: string, options: ExportOptions) =>
      finish(await (await commands()).exportFile(name, options, deps)),
    );
}

/** `wheelhouse dataset …` */
export function declareDataset(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const dataset = program.command('dataset').description('Rows to evaluate and to learn from, in versions');
  dataset
    .command('ls')
    .description('List datasets')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => finish(await (await commands()).listDatasets(options, deps)));
  dataset
    .command('show')
    .description('What a dataset is, and its first rows')
    .argument('<name>')
    .option('--version <version>', 'number or name of a version (default: the draft)')
    .option('--split <name>', 'only rows of this split')
    .option('--tag <tag>', 'only rows with this tag')
    .option('--text <text>', 'only rows with this text')
    .option('--limit <number>', 'how many rows', count, 10)
    .option('--json', 'print it as JSON')
    .action(async (name: string, options: ShowOptions) =>
      finish(await (await commands()).showDataset(name, options, deps)),
    );
  dataset
    .command('add')
    .description('Add a row to the draft')
    .argument('<name>')
    .requiredOption('--input <text>', 'what goes in')
    .option('--expected <text>', 'what is to come out')
    .option('--metadata <json>', 'a JSON object')
    .option('--tag <tag>', 'repeatable', collect, [])
    .option('--split <name>', 'its split')
    .option('--create', 'make the dataset where there is none')
    .action(async (name: string, options: AddOptions) => finish(await (await commands()).addRow(name, options, deps)));
  declareFiles(dataset, deps, finish);
  dataset
    .command('freeze')
    .description('Make the draft the next version')
    .argument('<name>')
    .option('--alias <name>', 'and call it so')
    .action(async (name: string, options: { alias?: string }) =>
      finish(await (await commands()).freezeDataset(name, options, deps)),
    );
  dataset
    .command('split')
    .description(
      'Give every row of the draft a split, for example train=80 test=20; later rows get theirs by the same rule',
    )
    .argument('<name>')
    .argument('<parts...>', 'names and shares')
    .option('--by <path>', 'rows with the same value stay together, for example metadata.customer', 'input')
    .option('--seed <text>', 'another seed, another division', '')
    .action(async (name: string, parts: string[], options: { by: string; seed: string }) =>
      finish(await (await commands()).splitDataset(name, parts, options, deps)),
    );
  dataset
    .command('diff')
    .description('What is different between two versions')
    .argument('<name>')
    .argument('[from]', 'a version (default: the newest)')
    .argument('[to]', 'a version (default: the draft)')
    .option('--json', 'print it as JSON')
    .action(async (name: string, from: string | undefined, to: string | undefined, options: { json?: boolean }) =>
      finish(
        await (await commands()).diffDataset(
          name,
          { ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
          options,
          deps,
        ),
      ),
    );
  dataset
    .command('health')
    .description('Duplicates, leaks, conflicts, outliers, personal data, and what production asks that is not in it')
    .argument('<name>')
    .option('--version <version>', 'number or name of a version (default: the draft)', datasetVersion)
    .option('--json', 'print the report as JSON')
    .action(async (name: string, options: { version?: number | string; json?: boolean }) =>
      finish(await (await commands()).checkDataset(name, options, deps)),
    );
  dataset
    .command('cancel')
    .description('Stop a job of a dataset; what it added stays')
    .argument('<name>')
    .argument('<job>')
    .action(async (name: string, job: string) => finish(await (await commands()).cancelJob(name, job, deps)));
  dataset
    .command('rm')
    .description('Remove a dataset with all its versions, for good')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) =>
      finish(await (await commands()).removeDataset(name, options, deps)),
    );
}
