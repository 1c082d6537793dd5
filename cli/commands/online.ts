import { formatUsd } from '@wheelhouse/core/records';
import { namedScorer, type OnlineEvaluationBody, type RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { askOnTerminal } from '../output/ask.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { readFilter } from '../read-filter.ts';
import { splitScorers } from '../split-scorers.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };
type NewOnline = RequestBody<'setOnlineEvaluation'>;

export type OnlineOptions = {
  scorers?: string;
  of: string;
  span?: string;
  sample: number;
  budget?: string;
  wait: number;
  try?: boolean;
};
export type BackfillOptions = { since?: string; most: number; cap?: string; confirmAbove: number; yes?: boolean };
export type LabelOptions = { scorer?: string; label?: number; anew?: boolean; json?: boolean };

const targets = ['traces', 'spans', 'sessions', 'follow_ups'] as const;
const printJson = (terminal: Terminal, value: unknown) => terminal.out(`${JSON.stringify(value, null, 2)}\n`);
const timeText = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const usd = (nano: string) => formatUsd(BigInt(nano));
const usdOrUnknown = (nano: string | null) => (nano === null ? 'an unknown price' : usd(nano));
const percent = (value: number) => `${Number((value * 100).toFixed(1))} %`;

function stateText({ state }: OnlineEvaluationBody, { outStyle }: Terminal): string {
  return { on: '✓ on', paused: '■ paused', spent: '– spent', failing: outStyle.red('✕ failing') }[state];
}

export async function listOnline({ json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const all: OnlineEvaluationBody[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.call('listOnlineEvaluations', {
      query: { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
    });
    all.push(...page.data);
    cursor = page.next;
  }
  if (json) printJson(terminal, all);
  else if (all.length === 0)
    terminal.err("  No online evaluations yet: wheelhouse online new <name> [filter] --scorers 'pii,readability'\n");
  else {
    const rows = all.map((one) => [
      ...[one.name, stateText(one, terminal), one.of, String(one.today.scored), String(one.today.failed)],
      ...[usd(one.today.costNanoUsd), one.lastScoreAt === null ? 'none yet' : timeText(one.lastScoreAt)],
    ]);
    const head = ['name', 'state', 'of', 'scores today', 'failed', 'cost today', 'last score'];
    const table = renderTable([head, ...rows], ['left', 'left', 'left', 'right', 'right', 'right', 'left']);
    terminal.out(`${table.join('\n')}\n`);
  }
  return exitCodes.done;
}

function spanOf(text: string): NonNullable<NewOnline['span']> {
  const [kind = '', ...name] = text.split(':');
  return {
    ...(kind === '' ? {} : { kind: kind as NonNullable<NonNullable<NewOnline['span']>['kind']> }),
    ...(name.length === 0 ? {} : { name: name.join(':') }),
  };
}

function bodyOf(words: readonly string[], options: OnlineOptions): NewOnline {
  const of = targets.find((one) => one === options.of);
  if (of === undefined) throw new UsageError(`\`${options.of}\` cannot be scored.`, `Say ${targets.join(', ')}.`);
  const scorers = splitScorers(options.scorers ?? '').map(namedScorer);
  if (scorers.length === 0 && of !== 'follow_ups')
    throw new UsageError('Nothing says how to score.', "Name scorers: --scorers 'readability,pii'.");
  return {
    ...{ of, q: readFilter(words), scorers, sample: options.sample, waitSeconds: options.wait },
    ...(options.span === undefined ? {} : { span: spanOf(options.span) }),
    ...(options.budget === undefined ? {} : { budget: options.budget }),
  };
}

export async function newOnline(
  name: string,
  words: string[],
  options: OnlineOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const body = bodyOf(words, options);
  if (!options.try) {
    await client.call('setOnlineEvaluation', { params: { online: name }, body });
    terminal.out(`  ${name} scores what arrives from now on\n`);
    return exitCodes.done;
  }
  const { looked, perDay, costNanoUsd, perDayNanoUsd, rows } = await client.call('tryOnlineEvaluation', { body });
  for (const { input, scores } of rows) {
    const said = scores.map(({ name: score, result }) =>
      result.ok ? `${score} ${result.score ?? result.label}` : terminal.outStyle.red(`${score}: ${result.error}`),
    );
    terminal.out(`  ${input.slice(0, 60)}\n    ${said.join(', ')}\n`);
  }
  terminal.out(
    `  ${looked} looked at, for ${usdOrUnknown(costNanoUsd)}; ${perDay} of the last day fit: about ${usdOrUnknown(perDayNanoUsd)} a day\n`,
  );
  return exitCodes.done;
}

export async function showOnline(name: string, { json }: Json, { config, terminal }: Deps): Promise<ExitCode> {
  const online = await openClient(config).call('getOnlineEvaluation', { params: { online: name } });
  if (json) {
    printJson(terminal, online);
    return exitCodes.done;
  }
  const { of, q, scorers, sample, budgetNanoUsd, today, total, problem, problems, sentence } = online;
  terminal.out(`  ${terminal.outStyle.bold(name)}  ${stateText(online, terminal)}\n  ${sentence}\n`);
  if (problem !== null) terminal.err(`  The last look failed: ${problem}\n`);
  const part = sample < 1 ? `${percent(sample)} of ` : '';
  terminal.out(`  scores ${part}${of.replace('_', '-')} that fit ${q === '' ? 'any filter' : q}`);
  terminal.out(scorers.length === 0 ? '\n' : ` by ${scorers.map((scorer) => scorer.name).join(', ')}\n`);
  const budget = budgetNanoUsd === null ? 'no budget' : `of ${usd(budgetNanoUsd)} a day`;
  terminal.out(`  judges cost ${usd(today.costNanoUsd)} today (${budget}), ${usd(total.costNanoUsd)} in all\n`);
  if (today.unpriced > 0) terminal.err(`  ${today.unpriced} scores came of judges whose price nobody knows.\n`);
  for (const { target, scorer, error } of problems.slice(0, 5))
    terminal.err(`  ${terminal.errStyle.red('✕')} ${target} ${scorer}: ${error}\n`);
  return exitCodes.done;
}

export async function pauseOnline(
  name: string,
  { isPaused }: { isPaused: boolean },
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const call = isPaused ? 'pauseOnlineEvaluation' : 'resumeOnlineEvaluation';
  await openClient(config).call(call, { params: { online: name } });
  terminal.out(`  ${name} ${isPaused ? 'is paused' : 'scores what arrives from now on'}\n`);
  return exitCodes.done;
}

export async function removeOnline(name: string, { config, terminal }: Deps): Promise<ExitCode> {
  const { removed } = await openClient(config).call('removeOnlineEvaluation', { params: { online: name } });
  terminal.out(removed ? `  ${name} scores no more\n` : `  There is no online evaluation ${name}.\n`);
  return removed ? exitCodes.done : exitCodes.usage;
}

export async function backfillOnline(
  name: string,
  { since, most, cap, confirmAbove, yes }: BackfillOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const body = { most, ...(since === undefined ? {} : { since }), ...(cap === undefined ? {} : { cap }) };
  const params = { online: name };
  const { total, costNanoUsd } = await client.call('estimateOnlineBackfill', { params, body });
  const said = `${total.toLocaleString('en')} to look at, about ${usdOrUnknown(costNanoUsd)}`;
  if (!yes && costNanoUsd !== null && Number(costNanoUsd) / 1e9 > confirmAbove) {
    const ask = askOnTerminal();
    if (ask === null)
      throw new UsageError(`It would cost more than was agreed: ${said}.`, 'Say --yes, or raise --confirm-above.');
    if (!/^y(es)?$/i.test((await ask(`  ${said}. Go on? [y/N] `)).trim())) {
      terminal.err('  Nothing was started.\n');
      return exitCodes.stopped;
    }
  }
  const { id } = await client.call('backfillOnlineEvaluation', { params, body });
  terminal.out(`  ${id}: ${said}. Stop it with \`wheelhouse trace score --cancel ${id}\`.\n`);
  return exitCodes.done;
}

export async function checkOnline(name: string, options: LabelOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const client = openClient(config);
  const chosen = options.scorer === undefined ? {} : { scorer: options.scorer };
  const params = { online: name };
  if (options.label !== undefined) {
    const body = { ...chosen, count: options.label, anew: options.anew ?? false };
    const { queue, added } = await client.call('drawOnlineLabels', { params, body });
    terminal.out(`  ${added} added: wheelhouse review label ${queue}\n`);
    return exitCodes.done;
  }
  const checked = await client.call('checkOnlineEvaluation', { params, query: chosen });
  if (options.json) {
    printJson(terminal, checked);
    return exitCodes.done;
  }
  const { scorer, queue, since, until, score, suggestions } = checked;
  const { rows, labels, raw, estimate, interval, labelsWanted } = score;
  terminal.out(`  ${scorer} of ${rows} traces, from ${timeText(since)} to ${timeText(until)}\n`);
  terminal.out(`  it says    ${raw === null ? 'nothing' : percent(raw)}\n`);
  const corrected =
    estimate === null || interval === null
      ? `not known with ${labels} labels of ${queue}; 30 are the least`
      : `${percent(estimate)}, from ${percent(interval.low)} to ${percent(interval.high)} with ${labels} labels`;
  terminal.out(`  people say ${corrected}\n`);
  if (labelsWanted !== null) terminal.out(`  ${labelsWanted} labels in all would tell it to ± 5 points\n`);
  if (suggestions.length > 0) {
    terminal.out('  to label next:\n');
    for (const { traceId, value, isQueued } of suggestions)
      terminal.out(`    ${traceId}  ${percent(value)}${isQueued ? '  in the queue' : ''}\n`);
    terminal.out(`  Put some into ${queue}: wheelhouse online check ${name} --label 30\n`);
  }
  return exitCodes.done;
}
