import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { firstSignal } from '../first-signal.ts';
import { readModelFolder } from '../model-folder.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';

export type ServePackageOptions = { model: string; host: string; port: number; open?: boolean; json?: boolean };

/** `wheelhouse serve --model`: answers for one exported version until a signal, without a database. */
export async function servePackage(
  { model: folder, host, port, open = false, json }: ServePackageOptions,
  { config, terminal }: { config: Config; terminal: Terminal },
): Promise<ExitCode> {
  const { cwd, env } = config;
  const model = await readModelFolder(resolve(cwd, folder));
  const stopped = firstSignal();
  const { startModelServer } = await import('@wheelhouse/server/serve-model');
  const server = await startModelServer({ cwd, env, flags: { host, port }, model, open });
  const { name, number } = model.model;
  if (json) terminal.out(`${JSON.stringify({ url: server.url, model: name, version: number })}\n`);
  else
    terminal.out(
      `\n  ${plain(name)}@${number}   ${terminal.outStyle.cyan(server.url)}   /invocations, /v1/chat/completions\n\n`,
    );
  await stopped;
  await server.stop();
  return exitCodes.done;
}
