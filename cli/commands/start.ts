import { relative } from 'node:path';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { firstSignal } from '../first-signal.ts';
import { liveMessages } from '../live-messages.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { reloadReport } from '../output/reload-report.ts';
import { startBanner } from '../output/start-banner.ts';
import type { Terminal } from '../output/terminal.ts';
import { traceLine } from '../output/trace-line.ts';
import { findWebRoot } from '../web-root.ts';

/** What is left out comes from the environment, the config file or the defaults. */
export type StartOptions = { port?: number; dir?: string; host?: string };
type Deps = { config: Config; terminal: Terminal };

/** A burst prints this many lines, then says how many more there were. */
const burst = 5;
const rememberedTraces = 10_000;
/** A first start restores a database; after this long it says that it is at work. */
const patienceMs = 1000;

/** Prints each finished trace once. */
function tracePrinter(options: { terminal: Terminal; url: string; storeIsEmpty: boolean }) {
  const { terminal, url } = options;
  const printed = new Set<string>();
  let first = options.storeIsEmpty;
  return (traces: TraceSummaryBody[]) => {
    const fresh = traces.filter(({ traceId, endNs }) => endNs !== null && !printed.has(traceId));
    for (const trace of fresh.slice(0, burst)) {
      terminal.out(traceLine(trace, { first, url, style: terminal.outStyle }));
      first = false;
    }
    if (fresh.length > burst) terminal.out(`            … ${fresh.length - burst} more\n`);
    for (const { traceId } of fresh) printed.add(traceId);
    for (const traceId of printed) {
      if (printed.size <= rememberedTraces) break;
      printed.delete(traceId);
    }
  };
}

async function printTraces(
  print: (traces: TraceSummaryBody[]) => void,
  options: { url: string; apiKey: string | null; signal: AbortSignal },
) {
  try {
    for await (const message of liveMessages(options.url, options))
      if (message.type === 'traces') print(message.traces);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}

/** `wheelhouse start`: runs the server in this process until a signal, and prints each trace as it comes. */
export async function start(options: StartOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const startedAt = performance.now();
  const stopped = firstSignal();
  const patience = setTimeout(() => terminal.err('  preparing the stores …\n'), patienceMs);
  const { startServer } = await import('@wheelhouse/server/main');
  const { cwd, env } = config;
  const server = await startServer({
    cwd,
    env,
    flags: options,
    webRoot: findWebRoot(),
    reloaded: (outcome) => terminal.err(reloadReport(outcome, terminal.errStyle)),
  }).finally(() => clearTimeout(patience));
  const { info, url } = server;
  const shortDir = relative(config.cwd, info.dataDir);
  const dataDir = shortDir.startsWith('..') || shortDir === '' ? info.dataDir : shortDir;
  const live = new AbortController();
  const print = tracePrinter({ terminal, url, storeIsEmpty: info.storeSummary === 'empty' });
  terminal.out(startBanner({ ...info, dataDir, url, readyMs: performance.now() - startedAt }, terminal.outStyle));
  const printing = printTraces(print, { url, apiKey: config.adminKey, signal: live.signal }).catch(() => undefined);

  await stopped;
  terminal.err('\n  stopping: finishing the calls in flight; once more to stop at once\n');
  live.abort();
  await printing;
  await server.stop();
  terminal.err('  stopped\n');
  return exitCodes.done;
}
