import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diffVersions, flavorOf } from '@wheelhouse/core/model';
import type { ModelVersion, Signature } from '@wheelhouse/core/records';
import { type Client, type ModelDetailBody, type ModelVersionBody, WheelhouseApiError } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { contentOfFile, type FileContent, isVersion, printFile, versionOfFile } from '../model-file.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { diffReport } from '../output/model-report.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { publishVersion } from '../publish-version.ts';
import { allModels } from './model.ts';

type Deps = { config: Config; terminal: Terminal };
export type FolderOptions = { dir: string; json?: boolean };
export type PullOptions = FolderOptions & { force?: boolean };
export type PushOptions = FolderOptions & { message?: string };

/** A file `<number>.md`, or of another name where it was never published. */
type LocalFile = { number: number | null; path: string; shown: string; text: string };
type LocalModel = { name: string; folder: string; files: LocalFile[] };

const numberOf = (file: string): number | null => {
  const digits = /^([1-9]\d*)\.md$/.exec(file)?.[1];
  return digits === undefined ? null : Number(digits);
};

const entriesOf = (folder: string) =>
  readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });

async function readFolder(name: string, { dir, cwd }: { dir: string; cwd: string }): Promise<LocalModel> {
  const folder = join(cwd, dir, name);
  const found = (await entriesOf(folder)).filter((entry) => entry.isFile() && entry.name.endsWith('.md'));
  const files = await Promise.all(
    found.map(async ({ name: file }) => ({
      ...{ number: numberOf(file), path: join(folder, file), shown: join(dir, name, file) },
      text: await readFile(join(folder, file), 'utf8'),
    })),
  );
  const last = Number.POSITIVE_INFINITY;
  files.sort((a, b) => (a.number ?? last) - (b.number ?? last) || a.shown.localeCompare(b.shown));
  return { name, folder, files };
}

/** The models that have a folder, or those that are named. */
async function readLocal(names: string[], place: { dir: string; cwd: string }): Promise<LocalModel[]> {
  const folders = (await entriesOf(join(place.cwd, place.dir))).filter((entry) => entry.isDirectory());
  const wanted = names.length > 0 ? names : folders.map(({ name }) => name).sort();
  const models = await Promise.all(wanted.map((name) => readFolder(name, place)));
  const missing = names.length > 0 ? models.find(({ files }) => files.length === 0) : undefined;
  if (missing)
    throw new UsageError(
      `There is no file of ${plain(missing.name)} in ${place.dir}.`,
      `Get them first: wheelhouse model pull ${plain(missing.name)}`,
    );
  return models;
}

async function known(name: string, client: Client): Promise<ModelVersionBody[]> {
  const nothing = (error: unknown): Pick<ModelDetailBody, 'versions'> => {
    if (error instanceof WheelhouseApiError && error.status === 404) return { versions: [] };
    throw error;
  };
  return (await client.call('getModel', { params: { name } }).catch(nothing)).versions;
}

type Pulled = { file: string; state: 'same' | 'written' | 'kept' };

/** `wheelhouse model pull`: every version as a file. What was edited here stays, unless it is forced. */
export async function pullModels(names: string[], options: PullOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const wanted = names.length > 0 ? names : (await allModels(client)).map(({ name }) => name);
  const pulled: Pulled[] = [];
  for (const name of wanted) {
    const { versions } = await client.call('getModel', { params: { name } });
    const local = await readFolder(name, { dir: options.dir, cwd: config.cwd });
    await mkdir(local.folder, { recursive: true });
    for (const version of versions.toReversed()) {
      const file = join(options.dir, name, `${version.number}.md`);
      const text = await printFile(version, client);
      const here = local.files.find(({ number }) => number === version.number);
      const state = here?.text === text ? 'same' : here && !options.force ? 'kept' : 'written';
      if (state === 'written') await writeFile(join(local.folder, `${version.number}.md`), text);
      pulled.push({ file, state });
    }
  }
  const of = (state: Pulled['state']) => pulled.filter((one) => one.state === state);
  const kept = of('kept');
  if (options.json) terminal.out(`${JSON.stringify(pulled)}\n`);
  else {
    const { green } = terminal.outStyle;
    terminal.out(`  ${green('✓')} ${of('written').length} written, ${of('same').length} were there already\n`);
    for (const { file } of kept) terminal.err(`  ${terminal.errStyle.yellow('▲')} ${plain(file)} was edited here\n`);
    if (kept.length > 0)
      terminal.err('  Publish them with: wheelhouse model push; or give them up with: wheelhouse model pull --force\n');
  }
  return kept.length > 0 ? exitCodes.failed : exitCodes.done;
}

type VersionParts = Pick<ModelVersion, 'definition' | 'signature'>;
type Change = { model: LocalModel; file: LocalFile; content: FileContent; at: ModelVersionBody | null };

/** Files that say something else than the version of their number, and those without one. */
async function changesIn(models: LocalModel[], client: Client): Promise<Change[]> {
  const changes: Change[] = [];
  for (const model of models) {
    const versions = await known(model.name, client);
    for (const file of model.files) {
      const content = contentOfFile(file.text, file.shown);
      const at = versions.find(({ number }) => number === file.number) ?? null;
      if (at === null || !(await isVersion(content, at, client))) changes.push({ model, file, content, at });
    }
  }
  return changes;
}

/** Models that others name come first; new files of a model before edited ones, which then get the numbers after. */
function inOrder(changes: Change[]): Change[] {
  const namedBy = ({ content }: Change): string[] =>
    flavorOf(content.definition)
      .references(content.definition)
      .map((ref) => ref.split('@', 1)[0] ?? '');
  const done = new Set<string>();
  const ordered: Change[] = [];
  function add(name: string, open: readonly string[]): void {
    if (done.has(name) || open.includes(name)) return;
    const own = changes.filter(({ model }) => model.name === name);
    for (const other of own.flatMap(namedBy)) add(other, [...open, name]);
    done.add(name);
    ordered.push(...own.filter(({ at }) => at === null), ...own.filter(({ at }) => at !== null));
  }
  for (const { model } of changes) add(model.name, []);
  return ordered;
}

const messageOf = ({ content, at }: Change, given: string | undefined): string =>
  given ?? (at !== null && at.message === content.message ? '' : content.message);

/** Publishes one file, names it by the number it got, and puts back the version that it was edited from. */
async function pushOne(change: Change, message: string, client: Client): Promise<number> {
  const { model, file, content, at } = change;
  const number = await publishVersion(model.name, { ...content, message }, { client });
  const made = (await known(model.name, client)).find((one) => one.number === number);
  if (made) await writeFile(join(model.folder, `${number}.md`), await printFile(made, client));
  if (at !== null && at.number !== number) await writeFile(file.path, await printFile(at, client));
  if (at === null && file.number !== number) await rm(file.path);
  return number;
}

/** `wheelhouse model push`: what was edited or added here becomes the next version of its model. */
export async function pushModels(names: string[], options: PushOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const changes = await changesIn(await readLocal(names, { dir: options.dir, cwd: config.cwd }), client);
  const pushed: { file: string; model: string; version: number }[] = [];
  try {
    for (const change of inOrder(changes)) {
      const version = await pushOne(change, messageOf(change, options.message), client);
      pushed.push({ file: change.file.shown, model: change.model.name, version });
    }
  } finally {
    // What was published before something failed stays published, so it is told.
    if (options.json) terminal.out(`${JSON.stringify(pushed)}\n`);
    else
      for (const { file, model, version } of pushed)
        terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(file)} is ${plain(model)}@${version}\n`);
  }
  if (pushed.length === 0 && !options.json) terminal.out('  Nothing is new here\n');
  return exitCodes.done;
}

/** `wheelhouse model diff`, of the files here against the server. */
export async function diffLocal(
  names: string[],
  options: FolderOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const changes = await changesIn(await readLocal(names, { dir: options.dir, cwd: config.cwd }), client);
  const diffs = [];
  for (const change of changes) {
    const { model, file, content } = change;
    const before = change.at ?? (await known(model.name, client))[0] ?? null;
    const diff =
      before === null
        ? null
        : diffVersions(before as VersionParts, await versionOfFile(content, before.signature as Signature, client));
    diffs.push({ file: file.shown, model: model.name, version: before?.number ?? null, diff });
  }
  if (options.json) terminal.out(`${JSON.stringify(diffs)}\n`);
  else if (diffs.length === 0) terminal.out('  No difference\n');
  else
    terminal.out(
      diffs
        .map(({ file, model, version, diff }) =>
          diff === null
            ? `  ${plain(file)} is the first of a new model\n`
            : diffReport(`${model}@${version} → ${file}`, diff, terminal.outStyle),
        )
        .join('\n'),
    );
  return exitCodes.done;
}
