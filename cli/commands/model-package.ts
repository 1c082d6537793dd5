import { resolve } from 'node:path';
import { type PackagedVersion, packageFiles } from '@wheelhouse/core/model';
import type { Json, ModelVersion } from '@wheelhouse/core/records';
import { type Client, type RequestBody, WheelhouseApiError } from '@wheelhouse/sdk';
import { loadVersion, splitRef } from '@wheelhouse/sdk/model';
import type { Config } from '../config.ts';
import { readModelFolder, writeModelFolder } from '../model-folder.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { publish } from './model.ts';

type Deps = { config: Config; terminal: Terminal };
export type ExportOptions = { force?: boolean; json?: boolean };
export type ImportOptions = { name?: string; json?: boolean };

function packaged(ref: string, version: ModelVersion): PackagedVersion {
  const { number, hash, definition, signature, example, message, author, createdAt } = version;
  if (definition.flavor === 'code')
    throw new UsageError(
      `${plain(ref)} is code, which is answered where it lives and is in no folder.`,
      'Take the code itself along, and serve it there: wheelhouse serve ./bot.ts',
    );
  const { name } = splitRef(ref);
  return { name, number, hash, definition, signature, example, message, author, createdAt };
}

/** `wheelhouse model export`: a folder that answers as the version does, and needs no server to. */
export async function exportModel(
  { ref, folder }: { ref: string; folder: string },
  { force = false, json }: ExportOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const { version, references } = await loadVersion(ref, client, new AbortController().signal);
  const model = packaged(ref, version);
  const led = new Map([...references].map(([name, one]) => [name, packaged(name, one)]));
  const { version: wheelhouse } = await client.call('getServer', {});
  const files = packageFiles({ model, references: led }, { wheelhouse });
  await writeModelFolder(resolve(config.cwd, folder), files, force);
  if (json) {
    const { name, number, hash } = model;
    terminal.out(`${JSON.stringify({ model: name, version: number, hash, folder, references: [...led.keys()] })}\n`);
    return exitCodes.done;
  }
  const more = led.size === 0 ? '' : ` with ${[...led.keys()].map(plain).join(', ')}`;
  terminal.out(
    `  ${terminal.outStyle.green('✓')} ${plain(model.name)}@${model.number} is in ${plain(folder)}${more}\n`,
  );
  terminal.err(terminal.errStyle.dim(`    wheelhouse serve --model ${plain(folder)}\n`));
  return exitCodes.done;
}

/** The version of a name here; null: there is none. */
async function found(ref: string, client: Client): Promise<ModelVersion | null> {
  try {
    return (await loadVersion(ref, client, new AbortController().signal)).version;
  } catch (error) {
    if (error instanceof WheelhouseApiError && error.status === 404) return null;
    throw error;
  }
}

const bodyOf = ({ definition, signature, example, message }: PackagedVersion): RequestBody<'createVersion'> => ({
  ...{ definition: definition as RequestBody<'createVersion'>['definition'], message },
  signature: signature as unknown as NonNullable<RequestBody<'createVersion'>['signature']>,
  ...(example === null ? {} : { example: example as Json & object }),
});

type Taken = { model: string; version: number; isNew: boolean };

/** An older version that is the same, or the next one. */
async function take(name: string, version: PackagedVersion, client: Client): Promise<Taken> {
  const known = await client.call('getModel', { params: { name } }).catch((error: unknown) => {
    if (error instanceof WheelhouseApiError && error.status === 404) return null;
    throw error;
  });
  const same = known?.versions.find(({ hash }) => hash === version.hash);
  if (same) return { model: name, version: same.number, isNew: false };
  return { model: name, version: await publish(name, bodyOf(version), { client }), isNew: true };
}

/** What a name leads to has to be the same here: a name that is free is taken, one that leads elsewhere is never moved. */
async function missingReferences(
  references: ReadonlyMap<string, PackagedVersion>,
  client: Client,
): Promise<[string, PackagedVersion][]> {
  const missing: [string, PackagedVersion][] = [];
  for (const [ref, version] of references) {
    const here = await found(ref, client);
    if (here === null) missing.push([ref, version]);
    else if (here.hash !== version.hash)
      throw new UsageError(
        `\`${plain(ref)}\` leads to another version here than in the folder.`,
        'Rename the model or the alias here, or import into another project: WHEELHOUSE_PROJECT.',
      );
  }
  return missing;
}

/** `wheelhouse model import`: publishes what is in a folder, and whatever it leads to. */
export async function importModel(
  folder: string,
  { name, json }: ImportOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const { model, references } = await readModelFolder(resolve(config.cwd, folder));
  const client = openClient(config);
  const taken: Taken[] = [];
  // Whatever others lead to comes before them.
  for (const [ref, version] of (await missingReferences(references, client)).reverse()) {
    const { name: other, selector } = splitRef(ref);
    const one = await take(other, version, client);
    taken.push(one);
    if (!/^\d+$/.test(selector))
      await client.call('moveAlias', { params: { name: other, alias: selector }, body: { version: one.version } });
    else if (Number(selector) !== one.version)
      throw new UsageError(
        `${plain(other)} is version ${one.version} here, and the folder names \`${plain(ref)}\`.`,
        'Import into a project where that number is the next one.',
      );
  }
  const own = await take(name ?? model.name, model, client);
  taken.push(own);
  if (json) terminal.out(`${JSON.stringify({ ...own, references: taken.slice(0, -1) })}\n`);
  else
    for (const one of taken) {
      const state = one.isNew ? 'is published' : 'was here already';
      terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(one.model)}@${one.version} ${state}\n`);
    }
  return exitCodes.done;
}
