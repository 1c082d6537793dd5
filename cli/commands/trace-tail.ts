import { setTimeout as sleep } from 'node:timers/promises';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { liveMessages } from '../live-messages.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';
import { tailLine, traceCells, traceHead } from '../output/trace-table.ts';
import { readFilter } from '../read-filter.ts';

export type TailOptions = { last: number; json?: boolean };
type Deps = { config: Config; terminal: Terminal };

const rememberedTraces = 10_000;
const comeBackMs = 1_000;

/** Prints each finished trace once, oldest first. */
function createPrinter(options: TailOptions, terminal: Terminal) {
  const printed = new Set<string>();
  const style = terminal.outStyle;
  return (traces: readonly TraceSummaryBody[]) => {
    const fresh = traces.filter(({ traceId, endNs }) => endNs !== null && !printed.has(traceId));
    fresh.sort((a, b) => (BigInt(a.startNs) < BigInt(b.startNs) ? -1 : 1));
    for (const trace of fresh) {
      terminal.out(
        options.json ? `${JSON.stringify(trace)}\n` : `${tailLine(traceCells(trace, { style, nowMs: Date.now() }))}\n`,
      );
      printed.add(trace.traceId);
    }
    for (const id of printed) {
      if (printed.size <= rememberedTraces) break;
      printed.delete(id);
    }
  };
}

/** `wheelhouse trace tail [q]`: the newest, then what comes, until it is stopped; a server that restarts is found again. */
export async function tailTraces(words: string[], options: TailOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const q = readFilter(words);
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  const print = createPrinter(options, terminal);
  const place: { lastEventId: string | null } = { lastEventId: null };
  let met = false;
  try {
    if (!options.json) terminal.out(`${tailLine(traceHead(terminal.outStyle))}\n`);
    if (options.last > 0) {
      const { data } = await openClient(config).call('listTraces', {
        query: { q, limit: options.last },
        signal: stop.signal,
      });
      print(data);
    }
    for (;;) {
      try {
        const live = liveMessages(config.url, {
          ...{ apiKey: config.adminKey, project: config.project, signal: stop.signal },
          ...{ q, place },
        });
        for await (const message of live) if (message.type === 'traces') print(message.traces);
        met = true;
      } catch (error) {
        const away = error instanceof Error && 'code' in error && error.code === 'unreachable';
        // A connection that broke in the middle is no error of the fetch itself.
        if (
          stop.signal.aborted ||
          (away && !met && place.lastEventId === null) ||
          (!away && !(error instanceof TypeError))
        )
          throw error;
      }
      await sleep(comeBackMs, undefined, { signal: stop.signal });
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return exitCodes.stopped;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}
