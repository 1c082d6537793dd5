import { setTimeout as sleep } from 'node:timers/promises';
import { formatUsd } from '@wheelhouse/core/records';
import {
  type Client,
  type ComparisonBody,
  type ComparisonRowBody,
  createClient,
  type RequestBody,
} from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { decideGate, type GateState, parseGate } from '../gate.ts';
import { comparisonReport, type Report } from '../output/comparison-report.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import type { Terminal } from '../output/terminal.ts';
import { worseRows } from '../worst-rows.ts';

export type EvalOptions = {
  a: string;
  b: string;
  version?: number;
  scorers: string[];
  repeat: number;
  json?: boolean;
  gate: string[];
};
type Deps = { config: Config; terminal: Terminal };

const pollMs = 500;

async function follow(
  client: Client,
  created: ComparisonBody,
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
) {
  const progress = createProgress(terminal, () => performance.now());
  let comparison = created;
  try {
    for (;;) {
      const cost = comparison.costNanoUsd === null ? '' : formatUsd(BigInt(comparison.costNanoUsd));
      progress.update(comparison.done, comparison.total, cost);
      if (comparison.status === 'completed' || comparison.status === 'failed') return comparison;
      await sleep(pollMs, undefined, { signal });
      comparison = await client.call('getComparison', { params: { comparisonId: created.id }, signal });
    }
  } finally {
    progress.end();
  }
}

async function allRows(client: Client, comparisonId: string): Promise<ComparisonRowBody[]> {
  const rows: ComparisonRowBody[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor === null ? { limit: 500 } : { limit: 500, cursor };
    const page = await client.call('listComparisonRows', { params: { comparisonId }, query });
    rows.push(...page.data);
    cursor = page.next;
  } while (cursor !== null);
  return rows;
}

function headline(comparison: ComparisonBody): string {
  const { dataset, datasetVersion, repetitions, total, scorers } = comparison;
  const repeats = repetitions > 1 ? ` × ${repetitions} repeats` : '';
  return `  ${dataset} v${datasetVersion} · ${total / (2 * repetitions)} rows${repeats} × 2 models · ${scorers.join(', ')}\n`;
}

function gateExit(states: GateState[]): ExitCode {
  if (states.includes('failed')) return exitCodes.failed;
  return states.includes('inconclusive') ? exitCodes.inconclusive : exitCodes.done;
}

async function report(
  client: Client,
  comparison: ComparisonBody,
  gates: Report['gates'],
  url: string,
): Promise<Report> {
  const [main] = comparison.results;
  const worse = main && main.losses > 0 ? worseRows(await allRows(client, comparison.id), main.measure) : [];
  return { comparison, worse, gates, url };
}

/** `wheelhouse eval`: the server compares two models on a dataset; this asks for it, follows it and prints the stored result. */
export async function evaluate(dataset: string, options: EvalOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const gates = options.gate.map((text) => parseGate(text, options.scorers));
  const client = createClient({ baseUrl: config.url, ...(config.adminKey ? { apiKey: config.adminKey } : {}) });
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  // The names of scorers go as they are: the server answers with the ones it knows when one is wrong.
  const body: RequestBody<'createComparison'> = {
    dataset,
    a: options.a,
    b: options.b,
    scorers: options.scorers,
    repetitions: options.repeat,
    ...(options.version === undefined ? {} : { version: options.version }),
  };
  let link = '';
  try {
    const created = await client.call('createComparison', { body, signal: stop.signal });
    link = `${config.url}/x/${created.id}`;
    terminal.err(headline(created));
    const comparison = await follow(client, created, { terminal, signal: stop.signal });
    if (comparison.status === 'failed') {
      terminal.err(
        `${terminal.errStyle.red('✕')} The comparison failed: ${comparison.error ?? 'no reason was recorded'}\n  → ${link}\n`,
      );
      return exitCodes.failed;
    }
    const decided = gates.map((gate) => ({ gate, state: decideGate(gate, comparison.results) }));
    if (options.json) {
      const verdicts = decided.map(({ gate, state }) => ({ gate: gate.text, state }));
      terminal.out(`${JSON.stringify({ ...comparison, url: link, gates: verdicts })}\n`);
    } else {
      terminal.out(comparisonReport(await report(client, comparison, decided, config.url), terminal.outStyle));
    }
    return gateExit(decided.map(({ state }) => state));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    terminal.err(link ? `  Stopped watching; the server goes on with it: ${link}\n` : '  Stopped.\n');
    return exitCodes.stopped;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
