import { resolve } from 'node:path';
import { packageFiles } from '@wheelhouse/core/model';
import type { Config } from '../config.ts';
import { readModelFolder, writeModelFolder } from '../model-folder.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { loadPackage, planPackage, publishPackage, type Sides } from '../publish-package.ts';

type Deps = { config: Config; terminal: Terminal };
export type ExportOptions = { force?: boolean; json?: boolean };
export type ImportOptions = { name?: string; json?: boolean };

/** `wheelhouse model export`: a folder that answers as the version does, and needs no server to. */
export async function exportModel(
  { ref, folder }: { ref: string; folder: string },
  { force = false, json }: ExportOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const { model, references } = await loadPackage(ref, client);
  const { version: wheelhouse } = await client.call('getServer', {});
  const files = packageFiles({ model, references }, { wheelhouse });
  await writeModelFolder(resolve(config.cwd, folder), files, force);
  if (json) {
    const { name, number, hash } = model;
    terminal.out(
      `${JSON.stringify({ model: name, version: number, hash, folder, references: [...references.keys()] })}\n`,
    );
    return exitCodes.done;
  }
  const more = references.size === 0 ? '' : ` with ${[...references.keys()].map(plain).join(', ')}`;
  terminal.out(
    `  ${terminal.outStyle.green('✓')} ${plain(model.name)}@${model.number} is in ${plain(folder)}${more}\n`,
  );
  terminal.err(terminal.errStyle.dim(`    wheelhouse serve --model ${plain(folder)}\n`));
  return exitCodes.done;
}

const sides: Sides = {
  here: 'here',
  there: 'in the folder',
  hint: () => 'Rename the model or the alias here, or import into another project: WHEELHOUSE_PROJECT.',
};

/** `wheelhouse model import`: publishes what is in a folder, and whatever it leads to. */
export async function importModel(
  folder: string,
  { name, json }: ImportOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const read = await readModelFolder(resolve(config.cwd, folder));
  const client = openClient(config);
  const plan = await planPackage(read, { name: name ?? read.model.name, client, sides });
  const lead = ({ version, ...params }: { name: string; alias: string; version: number }) =>
    client.call('moveAlias', { params, body: { version } });
  const taken: { model: string; version: number; isNew: boolean }[] = [];
  for await (const { model, number, isNew } of publishPackage(plan, { client, lead }))
    taken.push({ model, version: number, isNew });
  const references = taken.slice(0, -1);
  if (json) terminal.out(`${JSON.stringify({ ...taken.at(-1), references })}\n`);
  else
    for (const one of taken) {
      const state = one.isNew ? 'is published' : 'was here already';
      terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(one.model)}@${one.version} ${state}\n`);
    }
  return exitCodes.done;
}
