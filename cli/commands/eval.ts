import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatUsd } from '@wheelhouse/core/records';
import type { Client, EvaluationBody } from '@wheelhouse/sdk';
import { bodyOf, type EvaluateOptions, type EvaluationDefinition, evaluate, gatesOf } from '@wheelhouse/sdk/eval';
import type { Config } from '../config.ts';
import { createEvents } from '../eval/events.ts';
import { findTargets, type Target } from '../eval/find-files.ts';
import { type FoundServer, findServer } from '../eval/find-server.ts';
import { type JunitSuite, junit } from '../eval/junit.ts';
import { loadFile } from '../eval/load-file.ts';
import { markdown } from '../eval/markdown.ts';
import { evaluationProgress } from '../eval/progress.ts';
import { evaluationReport, type Report } from '../eval/report.ts';
import { listenForStop, type Stopping } from '../eval/stopping.ts';
import { askOnTerminal } from '../output/ask.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';

export type EvalOptions = {
  run: string[];
  version?: number;
  split?: string;
  tag?: string;
  scorers?: string[];
  gate: string[];
  repeat?: number;
  first?: number;
  concurrency?: number;
  cap?: number;
  rollout?: string;
  resume?: string;
  confirmAbove: number;
  yes?: boolean;
  strict?: boolean;
  json?: boolean;
  jsonl?: boolean;
  junit?: string;
  md?: string;
};
export type EvalDeps = { config: Config; terminal: Terminal };

/** What the command line says goes over what a file says. */
export function overridden(definition: EvaluationDefinition, options: EvalOptions): EvaluationDefinition {
  const { repeat, first, concurrency, cap, rollout, gate, scorers } = options;
  return {
    ...definition,
    gates: [...(definition.gates ?? []), ...gate],
    ...(scorers === undefined ? {} : { scorers }),
    ...(repeat === undefined ? {} : { repetitions: repeat }),
    ...(first === undefined ? {} : { first }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(cap === undefined ? {} : { cap }),
    ...(rollout === undefined ? {} : { rollout }),
  };
}

function ofDataset(dataset: string, { run, version, split, tag }: EvalOptions): EvaluationDefinition {
  if (run.length === 0)
    throw new UsageError(
      `No model is named to answer ${dataset}.`,
      `Name them with --run, the baseline first: wheelhouse eval ${dataset} --run support-bot@production --run support-bot@2`,
    );
  const data = {
    dataset,
    ...(version === undefined ? {} : { version }),
    ...(split === undefined ? {} : { split }),
    ...(tag === undefined ? {} : { tag }),
  };
  return { name: '', data, runs: run, scorers: ['exact', 'levenshtein'] };
}

/** How the same is asked for again. */
const commandOf = (target: Target, { run }: EvalOptions): string =>
  ['wheelhouse eval', target.name, ...run.map((ref) => `--run ${ref}`)].join(' ');

export type Planned = { definition: EvaluationDefinition; again: string };

async function planned(target: Target, options: EvalOptions): Promise<Planned[]> {
  const again = commandOf(target, options);
  if (target.kind === 'dataset') return [{ definition: overridden(ofDataset(target.name, options), options), again }];
  if (options.run.length > 0)
    throw new UsageError('--run goes with the name of a dataset.', `${target.name} says itself what it runs.`);
  const { definitions } = await loadFile(target.path);
  return definitions.map((definition) => ({ definition: overridden(definition, options), again }));
}

/** Asks before it costs more than was agreed; what nobody knows the price of is not asked about. */
async function agreed(
  client: Client,
  definition: EvaluationDefinition,
  { options, terminal }: { options: EvalOptions; terminal: Terminal },
): Promise<boolean> {
  if (options.yes || options.resume !== undefined) return true;
  const { costNanoUsd, calls } = await client.call('estimateEvaluation', { body: await bodyOf(client, definition) });
  if (costNanoUsd === null || Number(costNanoUsd) / 1e9 <= options.confirmAbove) return true;
  const said = `${calls} calls, about ${formatUsd(BigInt(costNanoUsd))}`;
  const ask = askOnTerminal();
  if (ask === null)
    throw new UsageError(`It would cost more than was agreed: ${said}.`, 'Say --yes, or raise --confirm-above.');
  const answer = await ask(`  ${said}. Go on? [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return true;
  terminal.err('  Nothing was started.\n');
  return false;
}

const shownWorse = 3;
const failedRowsOfJunit = 500;

export async function reportOf(
  client: Client,
  evaluation: EvaluationBody,
  { url, again }: Pick<Report, 'url' | 'again'>,
): Promise<Report> {
  const isPair = evaluation.runs.length === 2;
  const params = { evaluationId: evaluation.id };
  const page = isPair
    ? await client.call('listEvaluationRows', { params, query: { filter: 'regressions', limit: shownWorse } })
    : { data: [], counts: { regressions: 0 } };
  return { evaluation, worse: { rows: page.data, count: page.counts?.regressions ?? 0 }, url, again };
}

function headline({ dataset, datasetVersion, runs, repetitions, total, scorers }: EvaluationBody): string {
  const rows = total / runs.length / repetitions;
  const repeats = repetitions > 1 ? ` × ${repetitions} repeats` : '';
  return `  ${dataset} v${datasetVersion} · ${rows} rows${repeats} × ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} · ${scorers.join(', ')}\n`;
}

const isCapped = ({ capNanoUsd, costNanoUsd }: EvaluationBody) =>
  capNanoUsd !== null && costNanoUsd !== null && BigInt(costNanoUsd) >= BigInt(capNanoUsd);

/** 0 when it is complete and no declared gate says otherwise. */
export function exitOf(evaluation: EvaluationBody, { strict = false }: { strict?: boolean }): ExitCode {
  const { status } = evaluation;
  if (status === 'failed') return exitCodes.failed;
  if (status !== 'completed') return isCapped(evaluation) ? exitCodes.budget : exitCodes.stopped;
  const gates = gatesOf(evaluation);
  if (gates === 'inconclusive') return strict ? exitCodes.failed : exitCodes.inconclusive;
  return gates === 'failed' ? exitCodes.failed : exitCodes.done;
}

/** The worst of several: what failed, before what was not finished, before what could not be decided. */
const severity: ExitCode[] = [
  ...[exitCodes.stopped, exitCodes.failed, exitCodes.budget, exitCodes.network, exitCodes.config, exitCodes.usage],
  ...[exitCodes.inconclusive, exitCodes.done],
];
const worst = (codes: readonly ExitCode[]): ExitCode => severity.find((code) => codes.includes(code)) ?? exitCodes.done;

function saysUnfinished(evaluation: EvaluationBody, again: string, terminal: Terminal): void {
  const { id, status, error, done, total } = evaluation;
  const { red, yellow } = terminal.errStyle;
  const mark = status === 'failed' ? red('✕') : yellow('■');
  const why = error ?? (isCapped(evaluation) ? 'the limit of its cost was reached' : 'it was stopped');
  terminal.err(
    `${mark} ${done} of ${total} answers are kept; ${status}: ${why}\n  go on with  ${again} --resume ${id}\n`,
  );
}

type Done = { evaluation: EvaluationBody; report: Report; again: string };

type Session = { server: FoundServer; options: EvalOptions; stop: Stopping } & EvalDeps;

/** Runs one evaluation to its end; null: it was not agreed to. */
export async function runOne(
  { definition, again }: Planned,
  { server, options, stop, terminal }: Session,
  memory: NonNullable<EvaluateOptions['memory']> | null = null,
): Promise<Done | null> {
  const { client } = server;
  if (!(await agreed(client, definition, { options, terminal }))) return null;
  const progress = evaluationProgress(terminal);
  const events = options.jsonl ? createEvents(terminal.out) : null;
  let begun = false;
  const evaluation = await evaluate(definition, {
    ...{ client, memory, signal: stop.signal, isOver: stop.isStopping },
    ...(options.resume === undefined ? {} : { resume: options.resume }),
    onProgress(now) {
      if (!begun) {
        terminal.err(headline(now));
        events?.begin(now);
      }
      begun = true;
      progress.show(now);
      events?.progress(now);
    },
    ...(events && { onCell: events.cell }),
  }).finally(progress.end);
  events?.end(evaluation);
  const report = await reportOf(client, evaluation, { url: server.isOwn ? null : server.url, again });
  return { evaluation, report, again };
}

async function writeFiles(done: readonly Done[], { server, options, config }: Session): Promise<void> {
  const { client } = server;
  if (options.md !== undefined)
    await writeFile(resolve(config.cwd, options.md), `${done.map(({ report }) => markdown(report)).join('\n')}\n`);
  if (options.junit === undefined) return;
  const suites = done.map(async ({ evaluation }): Promise<JunitSuite> => {
    const query = { filter: 'errors', limit: failedRowsOfJunit } as const;
    const params = { evaluationId: evaluation.id };
    const { data } = await client.call('listEvaluationRows', { params, query });
    return { evaluation, failedRows: data };
  });
  await writeFile(resolve(config.cwd, options.junit), junit(await Promise.all(suites)));
}

export function print(done: readonly Done[], { options, terminal }: Pick<Session, 'options' | 'terminal'>): void {
  if (options.json) {
    const evaluations = done.map(({ evaluation, report }) => ({
      ...evaluation,
      url: report.url === null ? null : `${report.url}/x/${evaluation.id}`,
    }));
    terminal.out(`${JSON.stringify(evaluations.length === 1 ? evaluations[0] : { evaluations })}\n`);
  } else if (!options.jsonl)
    for (const { evaluation, report } of done)
      if (evaluation.status === 'completed') terminal.out(evaluationReport(report, terminal.outStyle));
  for (const { evaluation, again } of done)
    if (evaluation.status !== 'completed') saysUnfinished(evaluation, again, terminal);
}

/** `wheelhouse eval`: runs files of evaluations, or models over a dataset, and prints what was found. */
export async function runEvaluations(words: string[], options: EvalOptions, deps: EvalDeps): Promise<ExitCode> {
  const { config, terminal } = deps;
  const targets = await findTargets(words, config.cwd);
  const plans = (await Promise.all(targets.map((target) => planned(target, options)))).flat();
  if (options.resume !== undefined && plans.length > 1)
    throw new UsageError('--resume goes on with one evaluation.', 'Name the one file, or the dataset, that it is of.');
  const server = await findServer(deps);
  const stop = listenForStop(() =>
    terminal.err('\n  stopping: calls under way end and are kept; once more to end them too\n'),
  );
  const session: Session = { ...deps, server, options, stop };
  try {
    const done: Done[] = [];
    for (const plan of plans) {
      if (stop.isStopping()) break;
      const one = await runOne(plan, session);
      if (one) done.push(one);
    }
    await writeFiles(done, session);
    print(done, session);
    return stop.isStopping() ? exitCodes.stopped : worst(done.map(({ evaluation }) => exitOf(evaluation, options)));
  } finally {
    stop.close();
    await server.close();
  }
}
