import type { RequestQuery, ResponseBody, TraceSummaryBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { traceAlign, traceCells, traceHead } from '../output/trace-table.ts';
import { readFilter } from '../read-filter.ts';

export type ListOptions = { limit: number; json?: boolean };
type Deps = { config: Config; terminal: Terminal };

const pageSize = 500;

/** `wheelhouse trace ls [q]` */
export async function listTraces(words: string[], options: ListOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const q = readFilter(words);
  const client = openClient(config);
  const traces: TraceSummaryBody[] = [];
  let cursor: string | null = null;
  do {
    const query: RequestQuery<'listTraces'> = {
      q,
      limit: Math.min(pageSize, options.limit - traces.length),
      ...(cursor === null ? {} : { cursor }),
    };
    const page: ResponseBody<'listTraces'> = await client.call('listTraces', { query });
    traces.push(...page.data);
    cursor = page.next;
  } while (cursor !== null && traces.length < options.limit);
  if (options.json) {
    terminal.out(`${JSON.stringify({ data: traces, next: cursor })}\n`);
    return exitCodes.done;
  }
  const style = terminal.outStyle;
  const nowMs = Date.now();
  if (traces.length > 0) {
    const rows = [traceHead(style), ...traces.map((trace) => traceCells(trace, { style, nowMs }))];
    terminal.out(`${renderTable(rows, traceAlign).join('\n')}\n`);
  }
  const link = `${config.url}/traces${q === '' ? '' : `?q=${encodeURIComponent(q)}`}`;
  const count = traces.length === 0 ? (q === '' ? 'No traces yet.' : 'No trace fits.') : `${traces.length} shown`;
  terminal.err(`  ${count}${cursor === null ? '' : `, there are more: --limit ${options.limit * 5}`}  → ${link}\n`);
  return exitCodes.done;
}
