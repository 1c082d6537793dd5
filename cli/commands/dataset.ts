import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { type DatasetJobBody, exportRows, importRows, type RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { askOnTerminal } from '../output/ask.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { watchTask } from '../output/watch-task.ts';
import { healthLines } from './dataset-health.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };

const number = (value: number) => value.toLocaleString('en');
const rowsText = (count: number) => `${number(count)} ${count === 1 ? 'row' : 'rows'}`;
const cut = (value: unknown, width: number): string => {
  if (value === null) return '–';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ');
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
};
const connection = ({ url, adminKey, project }: Config) => ({
  ...{ baseUrl: url, ...(adminKey && { apiKey: adminKey }), ...(project && { project }) },
});
const printJson = (terminal: Terminal, value: unknown) => terminal.out(`${JSON.stringify(value, null, 2)}\n`);

export async function listDatasets({ json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const { data } = await openClient(config).call('listDatasets', {});
  if (json) printJson(terminal, data);
  else if (data.length === 0) terminal.err('  No datasets yet: wheelhouse dataset import <name> <file> --create\n');
  else {
    const rows = data.map((one) => [
      ...[one.name, one.head === 0 ? '–' : `@${one.head}`, rowsText(one.draftCount)],
      one.changed ? 'changed since' : '',
    ]);
    terminal.out(
      `${renderTable([['name', 'version', 'draft', ''], ...rows], ['left', 'left', 'right', 'left']).join('\n')}\n`,
    );
  }
  return exitCodes.done;
}

export type ShowOptions = Json & { version?: string; split?: string; tag?: string; text?: string; limit: number };

export async function showDataset(name: string, options: ShowOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const { version, split, tag, text, limit } = options;
  const params = { name };
  const { dataset, versions } = await client.call('getDataset', { params });
  const { data } = await client.call('listExamples', { params, query: { version, split, tag, text, limit } });
  if (options.json) {
    printJson(terminal, { dataset, versions, examples: data });
    return exitCodes.done;
  }
  const labels = await client.call('listDatasetLabels', { params, query: { version } });
  const names = Object.entries(dataset.aliases).map(([alias, of]) => `${alias} → ${of}`);
  const facts: [string, string][] = [
    ['draft', `${rowsText(dataset.draftCount)}${dataset.changed ? ', changed since the newest version' : ''}`],
    ['versions', versions.map(({ number: n, count }) => `@${n} (${rowsText(count)})`).join('  ') || 'none'],
    ['names', names.join('  ')],
    ['splits', labels.splits.map((one) => `${one.split ?? '(none)'} ${number(one.count)}`).join('  ')],
    ['tags', labels.tags.map((one) => `${one.tag} ${number(one.count)}`).join('  ')],
    ['source', dataset.source],
    ['licence', dataset.licence],
    ['consent', dataset.consent],
  ];
  terminal.out(`  ${terminal.outStyle.bold(dataset.name)}  ${dataset.description}\n`);
  const told = facts.filter(([, value]) => value !== '');
  terminal.out(`${renderTable(told, ['left', 'left']).join('\n')}\n\n`);
  const rows = data.map((row) => [
    row.id,
    cut(row.input, 50),
    cut(row.expected, 30),
    row.split ?? '',
    row.tags.join(','),
  ]);
  terminal.out(
    `${renderTable([['id', 'input', 'expected', 'split', 'tags'], ...rows], ['left', 'left', 'left', 'left', 'left']).join('\n')}\n`,
  );
  return exitCodes.done;
}

export type AddOptions = {
  input: string;
  expected?: string;
  metadata?: string;
  tag: string[];
  split?: string;
  create?: boolean;
};

async function createWhereAsked({ config }: Deps, name: string, create: boolean | undefined): Promise<void> {
  if (!create) return;
  const { data } = await openClient(config).call('listDatasets', {});
  if (!data.some((one) => one.name === name)) await openClient(config).call('createDataset', { body: { name } });
}

function metadataOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new UsageError('--metadata is no JSON object.', 'For example --metadata \'{"topic": "billing"}\'');
}

export async function addRow(name: string, options: AddOptions, deps: Deps): Promise<ExitCode> {
  await createWhereAsked(deps, name, options.create);
  const { input, expected, tag, split } = options;
  const example = {
    ...{ input, metadata: metadataOf(options.metadata), tags: tag },
    ...(expected !== undefined && { expected }),
    ...(split !== undefined && { split }),
  };
  const { ids, dataset } = await openClient(deps.config).call('addExamples', {
    ...{ params: { name }, body: { examples: [example] } },
  });
  deps.terminal.out(`  ${ids[0]}  added; the draft of ${name} has ${rowsText(dataset.draftCount)}\n`);
  return exitCodes.done;
}

/** Shows a job until it ends; what was refused is listed, and makes the exit code 1. */
async function watchJob(
  name: string,
  start: () => Promise<DatasetJobBody>,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const read = async (jobId: string, signal?: AbortSignal) =>
    client.call('getDatasetJob', { params: { name, jobId }, ...(signal && { signal }) });
  const counted = (job: DatasetJobBody) => ({ ...job, total: job.total ?? job.read });
  return watchTask({
    terminal,
    start: async () => counted(await start()),
    read: async (id, signal) => counted(await read(id, signal)),
    progress: (job) => ({ done: job.read, note: `${number(job.added)} added` }),
    cancelWith: `wheelhouse dataset cancel ${name}`,
    ended(job) {
      for (const { at, error } of job.problems) terminal.err(`  ${String(at).padStart(6)}  ${error}\n`);
      const more = job.refused - job.problems.length;
      if (more > 0) terminal.err(`          and ${number(more)} more\n`);
      const parts = [`${rowsText(job.added)} ${job.kind === 'split' ? 'changed' : 'added'}`];
      if (job.skipped > 0) parts.push(`${number(job.skipped)} were there already`);
      if (job.refused > 0) parts.push(`${number(job.refused)} refused`);
      const isDone = job.status === 'completed';
      const { green, red } = terminal.outStyle;
      terminal.out(
        `  ${isDone ? green('✓') : red('✕')} ${isDone ? parts.join(', ') : `${job.status}: ${job.error ?? parts.join(', ')}`}\n`,
      );
      return isDone && job.refused === 0 ? exitCodes.done : exitCodes.failed;
    },
  });
}

export async function cancelJob(name: string, jobId: string, { config, terminal }: Deps): Promise<ExitCode> {
  const job = await openClient(config).call('cancelDatasetJob', { params: { name, jobId } });
  terminal.out(`  ${job.id} is ${job.status}; ${rowsText(job.added)} stay\n`);
  return exitCodes.done;
}

export type ImportOptions = {
  format?: string;
  input?: string;
  expected?: string;
  metadata?: string;
  tags?: string;
  split?: string;
  weight?: string;
  delimiter?: string;
  encoding?: string;
  unique?: boolean;
  create?: boolean;
};

const formatOfEnding: Record<string, string> = {
  ...{ '.csv': 'csv', '.tsv': 'csv', '.json': 'json', '.jsonl': 'jsonl', '.ndjson': 'jsonl', '.parquet': 'parquet' },
};

export async function importFile(name: string, file: string, options: ImportOptions, deps: Deps): Promise<ExitCode> {
  const { create, format = formatOfEnding[extname(file.replace(/\.gz$/, '')).toLowerCase()], ...query } = options;
  if (format === undefined)
    throw new UsageError(
      `What \`${file}\` holds is not clear from its name.`,
      'Say --format csv, jsonl, json or parquet.',
    );
  const content = file === '-' ? process.stdin : createReadStream(file);
  if (file !== '-') await once(content, 'open');
  await createWhereAsked(deps, name, create);
  const body = Readable.toWeb(content) as NonNullable<RequestInit['body']>;
  const start = () =>
    importRows({ ...connection(deps.config), dataset: name, file: body, query: { ...query, format } });
  return watchJob(name, start, deps);
}

export type ExportOptions = { format?: string; output?: string; version?: string; split?: string; tag?: string };

/** To a file that has its name only when it is whole, or to stdout. */
export async function exportFile(name: string, options: ExportOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { output, ...query } = options;
  const format = query.format ?? formatOfEnding[extname(output ?? '').toLowerCase()] ?? 'jsonl';
  if (format === 'parquet' && output === undefined)
    throw new UsageError('Parquet goes to a file.', `Name it with --output ${name}.parquet.`);
  const body = await exportRows({ ...connection(config), dataset: name, query: { ...query, format } });
  if (output === undefined) {
    for await (const piece of body) if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
    return exitCodes.done;
  }
  const part = `${output}.part`;
  const file = createWriteStream(part);
  let bytes = 0;
  try {
    for await (const piece of body) {
      bytes += piece.length;
      if (!file.write(piece)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'finish');
    await rename(part, output);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  terminal.err(`  ${number(bytes)} bytes  → ${output}\n`);
  return exitCodes.done;
}

export async function freezeDataset(
  name: string,
  { alias }: { alias?: string },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const { number: version, count } = await client.call('freezeDataset', { params: { name } });
  if (alias !== undefined) await client.call('setDatasetAlias', { params: { name, alias }, body: { version } });
  terminal.out(`  ${name}@${version}  ${rowsText(count)}${alias === undefined ? '' : `, called ${alias}`}\n`);
  return exitCodes.done;
}

function partsOf(words: string[]): Record<string, number> {
  const parts = words.map((word) => /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(word));
  const wrong = words.find((_, i) => parts[i] === null);
  if (wrong !== undefined)
    throw new UsageError(
      `\`${wrong}\` is no part of a split.`,
      'For example: wheelhouse dataset split qa train=80 test=20',
    );
  return Object.fromEntries(parts.map((part) => [part?.[1] ?? '', Number(part?.[2])]));
}

export async function splitDataset(
  name: string,
  words: string[],
  options: { by: string; seed: string },
  deps: Deps,
): Promise<ExitCode> {
  const body: RequestBody<'splitDataset'> = { parts: partsOf(words), ...options };
  return watchJob(name, () => openClient(deps.config).call('splitDataset', { params: { name }, body }), deps);
}

export async function diffDataset(
  name: string,
  versions: { from?: string; to?: string },
  options: Json,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const { counts, data, next } = await openClient(config).call('diffDataset', {
    ...{ params: { name }, query: { ...versions, limit: 200 } },
  });
  if (options.json) {
    printJson(terminal, { counts, data, next });
    return exitCodes.done;
  }
  const { green, red, yellow } = terminal.outStyle;
  const marks = { added: green('+'), removed: red('-'), changed: yellow('~') };
  for (const { id, kind, before, after, fields } of data)
    terminal.out(`  ${marks[kind]} ${id}  ${cut((after ?? before)?.input ?? null, 60)}  ${fields.join(', ')}\n`);
  if (next !== null) terminal.out('  …\n');
  terminal.out(
    `  ${number(counts.added)} added, ${number(counts.removed)} removed, ${number(counts.changed)} changed\n`,
  );
  return exitCodes.done;
}

export async function checkDataset(
  name: string,
  { version, json }: Json & { version?: number | string },
  deps: Deps,
): Promise<ExitCode> {
  const client = openClient(deps.config);
  const params = { name };
  let id = '';
  const start = async () => {
    const job = await client.call('checkDataset', { params, body: version === undefined ? {} : { version } });
    id = job.id;
    return { ...job, total: job.total ?? 1 };
  };
  const ended = await watchTask({
    ...{ terminal: deps.terminal, start, cancelWith: `wheelhouse dataset cancel ${name}` },
    read: async (jobId) => {
      const job = await client.call('getDatasetJob', { params: { name, jobId } });
      return { ...job, total: job.total ?? job.read };
    },
    progress: (job) => ({ done: job.read, note: 'rows looked at' }),
    ended(job) {
      if (job.status === 'completed') return exitCodes.done;
      deps.terminal.err(`  ${id} ${job.status}: ${job.error ?? ''}\n`);
      return exitCodes.failed;
    },
  });
  if (ended !== exitCodes.done) return ended;
  const report = await client.call('getDatasetHealth', { params, query: { version } });
  if (json) printJson(deps.terminal, report);
  else deps.terminal.out(`${healthLines(report, deps.terminal.outStyle).join('\n')}\n`);
  return exitCodes.done;
}

export async function removeDataset(
  name: string,
  { yes }: { yes?: boolean },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  if (!yes) {
    const answer = await askOnTerminal()?.(`  Remove ${name} with all its versions, for good? Type its name: `);
    if (answer !== name)
      throw new UsageError(
        'Nothing was removed.',
        `Type the name when asked, or say --yes: wheelhouse dataset rm ${name} --yes`,
      );
  }
  const { removed } = await openClient(config).call('removeDataset', { params: { name } });
  terminal.out(removed ? `  ${name} is removed\n` : `  There was no ${name}\n`);
  return exitCodes.done;
}
