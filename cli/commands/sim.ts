import { firstSignal } from '../first-signal.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';

export type SimOptions = { port: number; host: string };

/** `wheelhouse sim`: the simulated model alone, behind an OpenAI-compatible address, until a signal. */
export async function sim(options: SimOptions, { terminal }: { terminal: Terminal }): Promise<ExitCode> {
  const stopped = firstSignal();
  const { startSimServer } = await import('@wheelhouse/server/sim-server');
  const server = await startSimServer(options);
  terminal.out(`\n  the simulated model   ${terminal.outStyle.cyan(server.url)}   as OPENAI_BASE_URL\n\n`);
  await stopped;
  await server.close();
  return exitCodes.done;
}
