import { formatUsd } from '@wheelhouse/core/records';
import type { Client, EvaluationBody, EvaluationRowBody, RequestQuery } from '@wheelhouse/sdk';
import { gatesOf } from '@wheelhouse/sdk/eval';
import { inputText } from '../eval/input-text.ts';
import { evaluationReport, scoresOf } from '../eval/report.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { measureFormat } from '../output/measures.ts';
import { renderTable } from '../output/table.ts';
import { cut, plain } from '../output/text.ts';
import { type EvalDeps, exitOf, reportOf } from './eval.ts';

export type ListOptions = { dataset?: string; model?: string; limit: number; json?: boolean };
export type ShowOptions = { json?: boolean; worse?: boolean; errors?: boolean; flaky?: boolean; limit: number };
export type GateOptions = { gate: string[]; strict?: boolean; json?: boolean };

const marks = { queued: '…', running: '●', completed: '✓', stopped: '■', failed: '✕' } as const;

/** The first scorer of the last run, beside what it is compared with. */
function qualityOf({ runs, scorers, summaries }: EvaluationBody): string {
  const last = summaries.find(({ runId, measure }) => runId === runs.at(-1)?.id && measure === scorers[0]);
  if (!last) return '';
  const format = measureFormat(last.measure, [last.mean]);
  const half = last.low === null || last.high === null ? '' : ` ± ${(((last.high - last.low) / 2) * 100).toFixed(1)}`;
  return `${format.mean(last.mean)}${half}`;
}

/** `wheelhouse eval ls` */
export async function listEvaluations(options: ListOptions, { config, terminal }: EvalDeps): Promise<ExitCode> {
  const { dataset, model, limit, json } = options;
  const query = { limit, ...(dataset === undefined ? {} : { dataset }), ...(model === undefined ? {} : { model }) };
  const { data } = await openClient(config).call('listEvaluations', { query });
  if (json) {
    terminal.out(`${JSON.stringify({ data })}\n`);
    return exitCodes.done;
  }
  if (data.length === 0) {
    terminal.err('  No evaluations yet. Write the first: wheelhouse eval new\n');
    return exitCodes.done;
  }
  const rows = data.map((one) => [
    `${marks[one.status]} ${one.id}`,
    cut(plain(one.name || one.dataset), 24),
    cut(one.runs.map(({ label }) => label).join(' · '), 36),
    `${one.done}/${one.total}`,
    qualityOf(one),
    one.costNanoUsd === null ? '?' : formatUsd(BigInt(one.costNanoUsd)),
  ]);
  const head = ['', 'NAME', 'RUNS', 'DONE', 'QUALITY', 'COST'];
  const lines = renderTable([head, ...rows], ['left', 'left', 'left', 'right', 'right', 'right']);
  terminal.out(`${lines.join('\n')}\n`);
  return exitCodes.done;
}

const rowFilter = ({ worse, errors, flaky }: ShowOptions): RequestQuery<'listEvaluationRows'>['filter'] =>
  worse ? 'regressions' : errors ? 'errors' : flaky ? 'flaky' : undefined;

function rowLine(row: EvaluationRowBody, evaluation: EvaluationBody): string[] {
  const failure = Object.values(row.cells)
    .flat()
    .find(({ error }) => error !== null)?.error;
  const [a, b] = scoresOf(row, evaluation);
  const text = cut(plain(inputText(row.input)), 40);
  return [
    row.exampleId,
    text,
    evaluation.runs.length > 1 ? `${a} → ${b}` : a,
    failure ? `✕ ${cut(plain(failure), 40)}` : '',
  ];
}

async function showRows(client: Client, evaluation: EvaluationBody, options: ShowOptions, { terminal }: EvalDeps) {
  const filter = rowFilter(options);
  const query = { limit: options.limit, ...(filter === undefined ? {} : { filter }) };
  const page = await client.call('listEvaluationRows', { params: { evaluationId: evaluation.id }, query });
  if (options.json) return terminal.out(`${JSON.stringify(page)}\n`);
  const lines = renderTable(
    page.data.map((row) => rowLine(row, evaluation)),
    ['left', 'left', 'right', 'left'],
  );
  terminal.out(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
  if (page.counts === null) return;
  const { regressions, improvements, errors, flaky } = page.counts;
  terminal.err(`  ${regressions} worse, ${improvements} better, ${errors} with errors, ${flaky} flaky\n`);
}

/** `wheelhouse eval show` */
export async function showEvaluation(id: string, options: ShowOptions, deps: EvalDeps): Promise<ExitCode> {
  const { config, terminal } = deps;
  const client = openClient(config);
  const evaluation = await client.call('getEvaluation', { params: { evaluationId: id } });
  if (rowFilter(options) !== undefined) {
    await showRows(client, evaluation, options, deps);
    return exitCodes.done;
  }
  if (options.json) terminal.out(`${JSON.stringify(evaluation)}\n`);
  else if (evaluation.status === 'completed') {
    const report = await reportOf(client, evaluation, {
      url: config.url,
      again: `wheelhouse eval ${evaluation.dataset}`,
    });
    terminal.out(evaluationReport(report, terminal.outStyle));
  } else {
    const { status, done, total, error } = evaluation;
    terminal.out(
      `  ${marks[status]} ${id} ${status}: ${done} of ${total} answers${error === null ? '' : `; ${error}`}\n`,
    );
  }
  return exitCodes.done;
}

/** A run by its id, or the runs of an evaluation by its. */
async function runIds(client: Client, words: readonly string[]): Promise<string[]> {
  const found = words.map(async (word) => {
    if (!word.startsWith('ev_')) return [word];
    const { runs } = await client.call('getEvaluation', { params: { evaluationId: word } });
    return runs.map(({ id }) => id);
  });
  return (await Promise.all(found)).flat();
}

/** `wheelhouse eval compare`: runs of any evaluations over one version of a dataset. */
export async function compareStored(
  words: string[],
  options: GateOptions,
  { config, terminal }: EvalDeps,
): Promise<ExitCode> {
  const client = openClient(config);
  const [baseline, ...runs] = await runIds(client, words);
  if (baseline === undefined || runs.length === 0)
    throw new UsageError(
      'A comparison takes two runs or more, the baseline first.',
      'wheelhouse eval show --json <id> lists runs.',
    );
  const gates = options.gate.length === 0 ? {} : { gates: options.gate.join(';') };
  const comparison = await client.call('compareRuns', { query: { baseline, runs: runs.join(','), ...gates } });
  const all = [comparison.baseline, ...comparison.runs];
  if (options.json) terminal.out(`${JSON.stringify(comparison)}\n`);
  else {
    const evaluation = {
      ...(await client.call('getEvaluation', { params: { evaluationId: comparison.baseline.evaluationId } })),
      ...{ ...comparison, runs: all, failed: 0, cached: 0, erased: 0 },
    };
    const report = { evaluation, worse: { rows: [], count: 0 }, url: null, again: 'wheelhouse eval' };
    terminal.out(evaluationReport(report, terminal.outStyle));
  }
  const state = gatesOf(comparison);
  if (state === 'inconclusive') return options.strict ? exitCodes.failed : exitCodes.inconclusive;
  return state === 'failed' ? exitCodes.failed : exitCodes.done;
}

/** `wheelhouse eval gate`: what the gates of a finished evaluation say, or others. */
export async function gateStored(id: string, options: GateOptions, deps: EvalDeps): Promise<ExitCode> {
  const { config, terminal } = deps;
  const client = openClient(config);
  const evaluation = await client.call('getEvaluation', { params: { evaluationId: id } });
  if (evaluation.status !== 'completed')
    throw new UsageError(`Evaluation ${id} is ${evaluation.status}.`, 'Gates are decided when it is completed.');
  if (options.gate.length > 0) return compareStored([id], options, deps);
  if (evaluation.gateResults.length === 0)
    throw new UsageError(`Evaluation ${id} has no gates.`, 'Name some: --gate "exact >= baseline - 5pp"');
  const { green, red, yellow } = terminal.outStyle;
  const paint = { held: green, failed: red, inconclusive: yellow } as const;
  if (options.json) terminal.out(`${JSON.stringify({ gates: evaluation.gateResults })}\n`);
  else
    for (const { text, state, sentence } of evaluation.gateResults)
      terminal.out(`  ${text}   ${paint[state](state)}\n    ${sentence}\n`);
  return exitOf(evaluation, options);
}

/** `wheelhouse eval stop` */
export async function stopStored(id: string, { config, terminal }: EvalDeps): Promise<ExitCode> {
  const { done, total } = await openClient(config).call('stopEvaluation', { params: { evaluationId: id } });
  terminal.out(`  ■ ${id} stopped: ${done} of ${total} answers are kept\n`);
  return exitCodes.done;
}

/** `wheelhouse eval rm` */
export async function removeStored(ids: string[], { config, terminal }: EvalDeps): Promise<ExitCode> {
  const client = openClient(config);
  for (const id of ids) {
    await client.call('removeEvaluation', { params: { evaluationId: id } });
    terminal.out(`  removed ${id}\n`);
  }
  return exitCodes.done;
}
