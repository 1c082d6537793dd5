import { formatUsd, silentMs } from '@wheelhouse/core/records';
import type {
  OptimizationBody,
  OptimizationCandidateDetailBody,
  OptimizationRowBody,
  RequestBody,
  RequestQuery,
} from '@wheelhouse/sdk';
import { resultCells } from '../eval/report.ts';
import { openClient } from '../open-client.ts';
import { exitOf, tokensOf } from '../optimize/report.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import type { Style } from '../output/style.ts';
import { renderTable } from '../output/table.ts';
import { cut, plain } from '../output/text.ts';
import { watchTask } from '../output/watch-task.ts';
import type { OptimizeDeps } from './optimize.ts';

export type StoredListOptions = {
  program?: string;
  dataset?: string;
  state?: NonNullable<RequestQuery<'listOptimizations'>>['state'];
  limit: number;
  json?: boolean;
};
export type StoredShowOptions = { candidate?: string; json?: boolean };
export type BudgetOptions = { dollars?: number; calls?: number; minutes?: number };
export type FollowOptions = { wait?: boolean; json?: boolean };
export type ResumeOptions = BudgetOptions & FollowOptions;
type OptimizerBody = NonNullable<RequestBody<'createOptimization'>['optimizer']>;
export type StartOptions = ResumeOptions & {
  dataset: string;
  version?: number | string;
  optimizer: OptimizerBody;
  scorers?: string[];
  model?: string;
  proposer?: string;
  name?: string;
  seed?: number;
  concurrency?: number;
};
export type StoredPublishOptions = { name?: string; alias?: string; breaking?: boolean; json?: boolean };

const marks = { queued: '…', running: '●', done: '✓', stopped: '■', failed: '✕' } as const;
const markOf = (one: OptimizationRowBody) => (silentMs(one, Date.now()) === null ? marks[one.state] : '?');
const percent = (score: number | null) => (score === null ? '–' : `${(score * 100).toFixed(1)} %`);
const costOf = (nanoUsd: string | null) => (nanoUsd === null ? '?' : formatUsd(BigInt(nanoUsd)));

/** On rows that no search has seen, where that is known; else on those that candidates are chosen by. */
function scoresOf({ state, score: { start, best, heldOutStart, heldOut } }: OptimizationRowBody): string {
  if (heldOut !== null) return `${percent(heldOutStart)} → ${percent(heldOut)}`;
  const isUnderWay = state === 'queued' || state === 'running';
  return best === null ? '–' : `${percent(start)} → ${percent(best)}${isUnderWay ? ' so far' : ''}`;
}

const budgetOf = ({ dollars, calls, minutes }: BudgetOptions) => ({
  ...(dollars === undefined ? {} : { dollars }),
  ...(calls === undefined ? {} : { calls }),
  ...(minutes === undefined ? {} : { minutes }),
});
const saysNothing = (budget: object) => Object.keys(budget).length === 0;

/** `wheelhouse optimize ls` */
export async function listStored(options: StoredListOptions, { config, terminal }: OptimizeDeps): Promise<ExitCode> {
  const { json, ...query } = options;
  const { data } = await openClient(config).call('listOptimizations', { query });
  if (json) terminal.out(`${JSON.stringify({ data })}\n`);
  else if (data.length === 0) terminal.err('  No optimizations yet. Write the first: wheelhouse optimize new\n');
  else {
    const rows = data.map((one) => [
      `${markOf(one)} ${one.id}`,
      cut(plain(one.name), 24),
      cut(plain(one.program), 28),
      plain(one.optimizer.name),
      scoresOf(one),
      one.spend.calls.toLocaleString('en'),
      costOf(one.spend.costNanoUsd),
    ]);
    const head = ['', 'NAME', 'PROGRAM', 'OPTIMIZER', 'SCORE', 'CALLS', 'COST'];
    const lines = renderTable([head, ...rows], ['left', 'left', 'left', 'left', 'right', 'right', 'right']);
    terminal.out(`${lines.join('\n')}\n`);
  }
  return exitCodes.done;
}

const candidatesShown = 8;

function candidateLines({ candidates, bestId }: OptimizationBody, style: Style): string[] {
  const scored = candidates
    .filter(({ score }) => score !== null)
    .sort((a, b) => (b.score?.value ?? 0) - (a.score?.value ?? 0));
  const rows = scored.slice(0, candidatesShown).map(({ id, n, by, changed, score, costNanoUsd }) => {
    const half =
      score?.low == null || score.high == null ? '' : ` ± ${(((score.high - score.low) / 2) * 100).toFixed(1)}`;
    const isBest = id === bestId;
    return [
      { text: `${isBest ? '★' : ' '} ${id.slice(0, 12)}`, paint: isBest ? style.bold : (text: string) => text },
      `${percent(score?.value ?? null)}${half}`,
      n === 0 ? 'as it was' : by,
      cut(changed.join(', '), 32),
      costOf(costNanoUsd),
    ];
  });
  if (rows.length === 0) return [];
  const head = ['CANDIDATE', 'SCORE', 'MADE BY', 'CHANGED', 'COST'];
  return renderTable([head, ...rows], ['left', 'right', 'left', 'left', 'right']);
}

function reportLines({ report }: OptimizationBody, style: Style): string[] {
  if (!report) return [];
  const { comparison, verdict, sentence, rows, before, after } = report;
  const tokens = [before, after].map((side) => (side === null ? '–' : tokensOf(side.spent, side.rows)));
  const table =
    comparison === null
      ? []
      : renderTable(
          [
            [`${rows.compared} held-out rows`, 'A as it was', 'B compiled', 'change', '95 % interval', ''],
            ...comparison
              .filter(({ measure, meanA, meanB }) => measure !== 'cost' || meanA !== 0 || meanB !== 0)
              .map((result) => resultCells(result as never, style)),
            ['tokens/row', ...tokens, '', '', ''],
          ],
          ['left', 'right', 'right', 'right', 'left', 'left'],
        );
  const paint = verdict === 'gain' ? style.green : style.yellow;
  return [...table, `  ${paint(verdict === 'gain' ? '✓' : '■')} ${plain(sentence)}`];
}

function headlineOf(one: OptimizationBody): string {
  const { id, state, program, optimizer, spend, share, etaSeconds, phase, error } = one;
  const left = etaSeconds === null ? '' : `, at most ${Math.ceil(etaSeconds / 60)} min left`;
  const doing = phase === null ? '' : ` (${phase})`;
  const silence = silentMs(one, Date.now());
  const notes = [
    ...(silence === null ? [] : [`no word for ${Math.round(silence / 60_000)} min; its command goes on with --resume`]),
    ...(error === null ? [] : [plain(error)]),
  ];
  const parts = [
    `${markOf(one)} ${id} ${state}${doing}`,
    plain(program),
    plain(optimizer.name),
    `${spend.calls.toLocaleString('en')} calls  ${costOf(spend.costNanoUsd)}  ${Math.round(share * 100)} % of the budget${left}`,
  ];
  return [parts.join(' · '), ...notes].map((line) => `  ${line}`).join('\n');
}

/** A candidate's predictors: what differs from its parent in full, the rest not at all. */
function detailLines({ id, by, instances, parent }: OptimizationCandidateDetailBody, style: Style): string[] {
  const lines = [`  ${style.bold(id.slice(0, 12))} made by ${by}`];
  for (const [path, { instructions, demos = [] }] of Object.entries(instances)) {
    lines.push('', `  ${style.bold(path || 'program')}`);
    const before = parent?.[path]?.instructions;
    if (before !== undefined && before !== instructions)
      lines.push(...before.split('\n').map((line) => `    ${style.red(`- ${plain(line)}`)}`));
    const sign = before !== undefined && before !== instructions ? '+ ' : '';
    if (instructions) lines.push(...instructions.split('\n').map((line) => `    ${sign}${plain(line)}`));
    for (const { values, traceId } of demos)
      lines.push(`    ${cut(plain(JSON.stringify(values)), 72)}${traceId ? `  trace ${traceId.slice(0, 8)}` : ''}`);
  }
  return lines;
}

/** A candidate by its id, or as much of it as tells it from the others. */
function candidateMeant({ candidates }: OptimizationBody, word: string): string {
  const found = candidates.filter(({ id }) => id.startsWith(word));
  const [only] = found;
  if (only && found.length === 1) return only.id;
  throw new UsageError(
    found.length === 0 ? `There is no candidate ${word}.` : `${found.length} candidates begin with ${word}.`,
    'wheelhouse optimize show --json <id> lists them.',
  );
}

/** How far it is or what it found, and where its page is. */
function shownText(one: OptimizationBody, { config, terminal }: OptimizeDeps): string {
  const style = terminal.outStyle;
  const blocks = [[headlineOf(one)], reportLines(one, style), candidateLines(one, style)];
  const link = `  ${config.url}/experiments/optimizations/${one.id}`;
  const shown = [...blocks, [link]].filter((block) => block.length > 0).map((block) => block.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

/** `wheelhouse optimize show` */
export async function showStored(
  optimizationId: string,
  { candidate, json }: StoredShowOptions,
  { config, terminal }: OptimizeDeps,
): Promise<ExitCode> {
  const client = openClient(config);
  const one = await client.call('getOptimization', { params: { optimizationId } });
  const style = terminal.outStyle;
  if (candidate !== undefined) {
    const params = { optimizationId, candidateId: candidateMeant(one, candidate) };
    const detail = await client.call('getOptimizationCandidate', { params });
    terminal.out(json ? `${JSON.stringify(detail)}\n` : `${detailLines(detail, style).join('\n')}\n`);
    return exitCodes.done;
  }
  terminal.out(json ? `${JSON.stringify(one)}\n` : shownText(one, { config, terminal }));
  return exitCodes.done;
}

function endCode({ state, report }: OptimizationBody): ExitCode {
  if (state === 'stopped') return exitCodes.stopped;
  return report === null ? exitCodes.failed : exitOf(report);
}

const progressNote = ({ state, phase, spend, score }: OptimizationBody): string =>
  [
    '% of the budget',
    ...(state === 'queued' ? ['waiting for its turn'] : phase === null ? [] : [phase]),
    `${spend.calls.toLocaleString('en')} calls`,
    costOf(spend.costNanoUsd),
    ...(score.best === null ? [] : [`best ${percent(score.best)}`]),
  ].join('  ');

/** Shows how far one of the server is until it ends, and then what it found. */
async function follow(
  begin: () => Promise<OptimizationBody>,
  { json }: FollowOptions,
  { config, terminal }: OptimizeDeps,
): Promise<ExitCode> {
  const client = openClient(config);
  const taskOf = (one: OptimizationBody) => ({ ...one, status: one.state, total: 100 });
  return watchTask({
    terminal,
    start: async () => taskOf(await begin()),
    read: async (optimizationId, signal) =>
      taskOf(await client.call('getOptimization', { params: { optimizationId }, signal })),
    progress: (one) => ({ done: Math.floor(one.share * 100), note: progressNote(one) }),
    cancelWith: 'wheelhouse optimize stop',
    ended({ status: _, total: __, ...one }) {
      terminal.out(json ? `${JSON.stringify(one)}\n` : shownText(one, { config, terminal }));
      return endCode(one);
    },
  });
}

/** `wheelhouse optimize start`: in the server, so that it goes on when this terminal does not. */
export async function startStored(
  program: string,
  options: StartOptions,
  { config, terminal }: OptimizeDeps,
): Promise<ExitCode> {
  const budget = budgetOf(options);
  if (saysNothing(budget)) throw new UsageError('The budget has no limit.', 'Say --dollars, --calls or --minutes.');
  const { dataset, version, optimizer, scorers, model, proposer, name, seed, concurrency } = options;
  const begin = () =>
    openClient(config).call('createOptimization', {
      body: {
        ...{ program, dataset, budget, optimizer },
        ...(version === undefined ? {} : { version }),
        ...(scorers === undefined ? {} : { scorers }),
        ...(model === undefined ? {} : { model }),
        ...(proposer === undefined ? {} : { proposer }),
        ...(name === undefined ? {} : { name }),
        ...(seed === undefined ? {} : { seed }),
        ...(concurrency === undefined ? {} : { concurrency }),
      },
    });
  if (options.wait) return follow(begin, options, { config, terminal });
  const started = await begin();
  if (options.json) terminal.out(`${JSON.stringify(started)}\n`);
  else
    terminal.out(
      `  … ${started.id} queued\n  ${config.url}/experiments/optimizations/${started.id}\n\n  next  wheelhouse optimize show ${started.id}\n`,
    );
  return exitCodes.done;
}

/** `wheelhouse optimize stop` */
export async function stopStored(optimizationId: string, { config, terminal }: OptimizeDeps): Promise<ExitCode> {
  const { spend } = await openClient(config).call('stopOptimization', { params: { optimizationId } });
  terminal.out(
    `  ■ ${optimizationId} stopped after ${spend.calls.toLocaleString('en')} calls; their answers are kept\n`,
  );
  return exitCodes.done;
}

/** `wheelhouse optimize resume` */
export async function resumeStored(
  optimizationId: string,
  options: ResumeOptions,
  { config, terminal }: OptimizeDeps,
): Promise<ExitCode> {
  const given = budgetOf(options);
  const body = saysNothing(given) ? {} : { budget: given };
  const begin = () => openClient(config).call('resumeOptimization', { params: { optimizationId }, body });
  if (options.wait) return follow(begin, options, { config, terminal });
  const resumed = await begin();
  if (options.json) terminal.out(`${JSON.stringify(resumed)}\n`);
  else
    terminal.out(
      `  ${marks[resumed.state]} ${optimizationId} ${resumed.state}\n\n  next  wheelhouse optimize show ${optimizationId}\n`,
    );
  return exitCodes.done;
}

/** `wheelhouse optimize publish` */
export async function publishStored(
  optimizationId: string,
  { name, alias, breaking = false, json }: StoredPublishOptions,
  { config, terminal }: OptimizeDeps,
): Promise<ExitCode> {
  const body = { breaking, ...(name === undefined ? {} : { name }), ...(alias === undefined ? {} : { alias }) };
  const done = await openClient(config).call('publishOptimization', { params: { optimizationId }, body });
  const { published, heldBack } = done;
  if (json) terminal.out(`${JSON.stringify(done)}\n`);
  else {
    const moved = published.alias === null ? '' : `, ${published.alias} leads to it`;
    terminal.out(`  ${terminal.outStyle.green('✓')} ${published.name}@${published.version} is published${moved}\n`);
  }
  if (heldBack)
    terminal.err(`  ${terminal.errStyle.yellow('■')} ${alias} was not moved: ${heldBack.message} ${heldBack.hint}\n`);
  return heldBack ? exitCodes.failed : exitCodes.done;
}

/** `wheelhouse optimize rm` */
export async function removeStored(ids: string[], { config, terminal }: OptimizeDeps): Promise<ExitCode> {
  const client = openClient(config);
  for (const optimizationId of ids) {
    await client.call('removeOptimization', { params: { optimizationId } });
    terminal.out(`  removed ${optimizationId}\n`);
  }
  return exitCodes.done;
}
