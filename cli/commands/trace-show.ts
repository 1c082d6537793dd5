import type { Config } from '../config.ts';
import { findTrace } from '../find-trace.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { traceTree } from '../output/trace-tree.ts';

export type ShowOptions = { json?: boolean };
type Deps = { config: Config; terminal: Terminal };

/** `wheelhouse trace show <id>` */
export async function showTrace(id: string, options: ShowOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const traceId = await findTrace(client, id);
  const body = await client.call('getTrace', { params: { traceId } });
  if (options.json) {
    terminal.out(`${JSON.stringify(body)}\n`);
    return exitCodes.done;
  }
  terminal.out(`\n${traceTree(body, terminal.outStyle)}\n`);
  terminal.err(`  → ${config.url}/x/${traceId}\n`);
  return exitCodes.done;
}
