import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type Json, parseExactJson } from '@wheelhouse/core/records';
import type { Client, ModelBody } from '@wheelhouse/sdk';
import { createModels, splitRef } from '@wheelhouse/sdk/model';
import type { Config } from '../config.ts';
import { contentOfFile, printFile } from '../model-file.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { diffReport, modelReport, modelTable } from '../output/model-report.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { publishVersion } from '../publish-version.ts';

type Deps = { config: Config; terminal: Terminal };
export type ListOptions = { q?: string; tag?: string; owner?: string; json?: boolean };
export type NewOptions = {
  message?: string;
  description?: string;
  tag: string[];
  move?: string;
  breaking?: boolean;
  json?: boolean;
};
export type RunOptions = { var: string[]; input?: string; param: string[]; resume?: string; json?: boolean };
export type MoveOptions = { message?: string; ask?: string | true; breaking?: boolean; json?: boolean };

const pageSize = 200;

/** Every model that fits, by name. */
export async function allModels(client: Client, filter: Omit<ListOptions, 'json'> = {}): Promise<ModelBody[]> {
  const models: ModelBody[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('listModels', { query: { ...filter, limit: pageSize, ...(cursor && { cursor }) } });
    models.push(...page.data);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return models;
}

/** `wheelhouse model ls` */
export async function listModels({ json, ...filter }: ListOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const models = await allModels(openClient(config), filter);
  if (json) terminal.out(`${JSON.stringify(models)}\n`);
  else if (models.length > 0) terminal.out(modelTable(models, terminal.outStyle));
  else terminal.out('  There is no such model: wheelhouse model new greet greet.md\n');
  return exitCodes.done;
}

/** `wheelhouse model show`: a model with its versions, or one version as its file. */
export async function showModel(
  ref: string,
  { json }: { json?: boolean },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const { name, selector } = splitRef(ref);
  const client = openClient(config);
  const detail = await client.call('getModel', { params: { name } });
  if (!ref.includes('@')) {
    terminal.out(json ? `${JSON.stringify(detail)}\n` : modelReport(detail, terminal.outStyle));
    return exitCodes.done;
  }
  const alias = detail.model.aliases.find((one) => one.alias === selector);
  const version = detail.versions.find(({ number }) => number === (alias?.version ?? Number(selector)));
  if (!version)
    throw new UsageError(`${plain(name)} has no version \`${plain(selector)}\`.`, `See: wheelhouse model show ${name}`);
  terminal.out(json ? `${JSON.stringify(version)}\n` : await printFile(version, client));
  return exitCodes.done;
}

async function readAll(path: string, cwd: string): Promise<string> {
  if (path !== '-')
    return readFile(join(cwd, path), 'utf8').catch(() => {
      throw new UsageError(`There is no file ${path}.`, 'Give a version as a file: docs/guides/models.md shows one.');
    });
  let text = '';
  for await (const piece of process.stdin.setEncoding('utf8')) text += piece;
  return text;
}

/** `wheelhouse model new` */
export async function newModel(
  { name, file }: { name: string; file: string },
  options: NewOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const content = contentOfFile(await readAll(file, config.cwd), file);
  const message = options.message ?? content.message;
  const number = await publishVersion(
    name,
    { ...content, message },
    { client, tags: options.tag, ...descriptionOf(options) },
  );
  if (options.move) {
    const params = { name, alias: options.move };
    await client.call('moveAlias', { params, body: { version: number, breaking: options.breaking ?? false } });
  }
  if (options.json) terminal.out(`${JSON.stringify({ model: name, version: number, alias: options.move ?? null })}\n`);
  else {
    const moved = options.move ? `, ${plain(options.move)} leads to it` : '';
    terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(name)}@${number} is published${moved}\n`);
  }
  return exitCodes.done;
}

const descriptionOf = ({ description }: NewOptions) => (description === undefined ? {} : { description });

function parseJson(text: string, option: string): Json {
  try {
    return parseExactJson(text);
  } catch {
    throw new UsageError(`${option} is no JSON.`, `Quote it for your shell: ${option} '{"question": "why"}'`);
  }
}

/** `name=value`; the value is JSON where it can be read as such, else text. `name:=text` is always text. */
function pairsOf(pairs: string[], option: string): Record<string, Json> {
  const entries = pairs.map((pair): [string, Json] => {
    const [, name, asText, value] = /^([^=:]+)(:?)=([\s\S]*)$/.exec(pair) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`${option} "${plain(pair)}" is not right.`, `Write it as ${option} name=value`);
    if (asText) return [name, value];
    try {
      return [name, parseExactJson(value)];
    } catch {
      return [name, value];
    }
  });
  return Object.fromEntries(entries);
}

function inputOf(text: string | undefined, options: RunOptions): Json {
  const { input } = options;
  if (text !== undefined && (input !== undefined || options.var.length > 0))
    throw new UsageError('The input is given twice.', 'Give a text, or --input, or --var.');
  if (text !== undefined) return text;
  const whole = input === undefined ? {} : parseJson(input, '--input');
  const variables = pairsOf(options.var, '--var');
  if (options.var.length > 0 && !isJsonObject(whole))
    throw new UsageError('--var goes with an --input that is an object.', 'Leave one of them out.');
  return isJsonObject(whole) ? { ...whole, ...variables } : whole;
}

/** `wheelhouse model run` */
export async function runModel(
  { ref, text }: { ref: string; text: string | undefined },
  options: RunOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const { url: baseUrl, adminKey, project } = config;
  const models = createModels({ baseUrl, ...(adminKey && { apiKey: adminKey }), ...(project && { project }) });
  const asked = {
    parameters: pairsOf(options.param, '--param'),
    ...(options.resume === undefined ? {} : { resume: options.resume }),
  };
  const model = models.model<Json, Json>(ref);
  const input = inputOf(text, options);
  if (options.json) {
    terminal.out(`${JSON.stringify(await model.predict(input, asked))}\n`);
    return exitCodes.done;
  }
  const stream = model.stream(input, asked);
  let written = '';
  try {
    for await (const piece of stream) {
      terminal.out(piece);
      written = piece;
    }
  } finally {
    if (written !== '' && !written.endsWith('\n')) terminal.out('\n');
  }
  const { model: answered, latencyMs, traceId } = await stream.result();
  const name = answered === null ? plain(ref) : `${answered.name}@${answered.version}`;
  const link = traceId === null ? '' : `  → ${config.url}/x/${traceId}`;
  terminal.err(terminal.errStyle.dim(`  ${name}  ${Math.round(latencyMs)} ms${link}\n`));
  return exitCodes.done;
}

/** `wheelhouse model diff`, of two versions at the server. */
export async function diffModel(
  { name, from, to }: { name: string; from: string; to: string },
  { json }: { json?: boolean },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const diff = await openClient(config).call('diffVersions', { params: { name }, query: { from, to } });
  const title = `${name}@${diff.from} → ${name}@${diff.to}`;
  terminal.out(json ? `${JSON.stringify(diff)}\n` : diffReport(title, diff, terminal.outStyle));
  return exitCodes.done;
}

function aliasOf(ref: string): { name: string; alias: string } {
  const { name, selector } = splitRef(ref);
  if (ref.includes('@') && !/^\d+$/.test(selector)) return { name, alias: selector };
  throw new UsageError(`\`${plain(ref)}\` names no alias.`, 'Write the model and the alias: support-bot@production');
}

export function tellMoved(alias: string, breaking: string[], terminal: Terminal, to: number | undefined): void {
  terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(alias)} is at version ${to ?? '?'}\n`);
  for (const text of breaking) terminal.err(`  ${terminal.errStyle.yellow('▲')} ${plain(text)}\n`);
}

/** `wheelhouse model move` */
export async function moveModel(
  { ref, to }: { ref: string; to: number },
  options: MoveOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const params = aliasOf(ref);
  const client = openClient(config);
  if (options.ask) {
    const message = options.ask === true ? (options.message ?? '') : options.ask;
    const request = await client.call('requestAlias', { params, body: { version: to, message } });
    if (options.json) terminal.out(`${JSON.stringify(request)}\n`);
    else terminal.out(`  ${terminal.outStyle.green('✓')} It is asked for, as ${plain(request.id)}\n`);
    return exitCodes.done;
  }
  const { breaking = false, message = '' } = options;
  const moved = await client.call('moveAlias', { params, body: { version: to, breaking, message } });
  if (options.json) terminal.out(`${JSON.stringify(moved)}\n`);
  else tellMoved(ref, moved.breaking, terminal, to);
  return exitCodes.done;
}

/** `wheelhouse model rollback` */
export async function rollBackModel(
  ref: string,
  { json }: { json?: boolean },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const params = aliasOf(ref);
  const moved = await openClient(config).call('rollBackAlias', { params });
  const to = moved.model.aliases.find(({ alias }) => alias === params.alias)?.version;
  if (json) terminal.out(`${JSON.stringify(moved)}\n`);
  else tellMoved(ref, moved.breaking, terminal, to);
  return exitCodes.done;
}
