import { formatDuration, formatUsd } from '@wheelhouse/core/records';
import type { ReleaseBody, ResponseBody } from '@wheelhouse/sdk';
import type { Style } from './style.ts';
import { type CellText, renderTable } from './table.ts';

type Verdict = NonNullable<ReleaseBody['verdict']>;
type Rail = Verdict['rails'][number];

const barWidth = 40;
const none = '–';

/** `roll_back` as people say it. */
export const verdictWords = (text: string): string => text.replaceAll('_', ' ');

function number(value: number, { unit }: Rail): string {
  if (unit === 'nano_usd') return formatUsd(BigInt(Math.round(value)));
  return unit === 'share' ? (value * 100).toFixed(1) : value.toFixed(2);
}

const mean = (value: number | null, rail: Rail) =>
  value === null ? none : `${number(value, rail)}${rail.unit === 'share' ? ' %' : ''}`;

function change(value: number | null, rail: Rail): string {
  if (value === null) return none;
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±';
  return `${sign}${number(Math.abs(value), rail)}${rail.unit === 'share' ? ' pp' : ''}`;
}

/** What is watched, as a column's name: shares of calls that are slow or fail. */
const nameOf = ({ name, kind }: Rail) => (kind === 'latency' ? `${name} (slow calls)` : name);

const interval = (rail: Rail) => {
  const { low, high } = rail.interval;
  return low === null && high === null ? none : `${change(low, rail)} … ${change(high, rail)}`;
};

function railRow(rail: Rail, { green, red, dim }: Style): (string | CellText)[] {
  const paint = rail.state === 'broken' ? red : rail.state === 'held' ? green : dim;
  return [
    ...[nameOf(rail), mean(rail.incumbent.mean, rail), mean(rail.candidate.mean, rail)],
    ...[change(rail.difference, rail), interval(rail), { text: verdictWords(rail.state), paint }],
  ];
}

/** The widest of what each rail has seen. */
const most = (rails: readonly Rail[], arm: 'incumbent' | 'candidate') =>
  Math.max(0, ...rails.map((rail) => rail[arm].count)).toLocaleString('en');

const copiesText = ({ copies }: ReleaseBody) => {
  if (copies === null) return '';
  const { drawn, answered, costNanoUsd } = copies;
  return `; ${answered.toLocaleString('en')} of ${drawn.toLocaleString('en')} answered, ${formatUsd(BigInt(costNanoUsd))}`;
};

function splitLine(release: ReleaseBody, { cyan }: Style): string {
  const { incumbent, candidate, share, state, shadow } = release;
  if (state !== 'running') return '';
  if (shadow !== null) {
    const part = share === 0 ? 'is asked no more' : `is asked ${Math.round(share * 1_000) / 10} % of them as well`;
    return `  version ${incumbent} answers every call; version ${candidate} ${cyan(part)}${copiesText(release)}`;
  }
  const part = Math.max(1, Math.round(share * barWidth));
  const percent = (value: number) => `${Math.round(value * 1_000) / 10} %`;
  const bar = `${'█'.repeat(barWidth - part)}${cyan('▒'.repeat(part))}`;
  return `  version ${incumbent}  ${percent(1 - share)}  ${bar}  version ${candidate}  ${percent(share)}`;
}

const endings = { promoted: 'promoted', rolled_back: 'rolled back', stopped: 'stopped' } as const;

function draftLines({ state, examples, drafts }: ReleaseBody): string[] {
  if (state !== 'rolled_back' || examples === null) return [];
  const where = `the draft of ${examples.dataset}`;
  if (drafts === null) return [`  Calls that failed are on their way to ${where}.`];
  const refused = drafts.refused.map((reason) => `  not in the draft: ${reason}`);
  return [`  ${drafts.rows} calls that failed are in ${where}; freeze it once they are right.`, ...refused];
}

const shadowWords: Record<string, string> = {
  ...{ promote: 'looks as good', roll_back: 'worse', not_enough_data: 'not enough data', hold: 'not settled' },
};

function lastLine(release: ReleaseBody, { green, red, bold }: Style): string {
  const { state, verdict, model, alias, reason } = release;
  if (state !== 'running') {
    const paint = state === 'promoted' ? green : red;
    const word = release.shadow !== null && state === 'rolled_back' ? 'ended' : endings[state];
    return [`  ${paint(word)}: ${reason ?? ''}`, ...draftLines(release)].join('\n');
  }
  if (verdict === null) return '  not enough data: nothing was looked at yet.';
  const next = release.shadow === null ? 'promote' : 'canary';
  const follows = next === 'promote' ? 'moves the alias' : 'gives it a share of the calls';
  const hint = verdict.verdict === 'promote' ? `\n  wheelhouse release ${next} ${model}@${alias} ${follows}.` : '';
  const word = release.shadow === null ? verdictWords(verdict.verdict) : (shadowWords[verdict.verdict] ?? 'hold');
  return `  ${bold(word)}: ${verdict.sentence}${hint}`;
}

type Plan = ResponseBody<'planRelease'>;

function ruleOf(rail: Plan['rails'][number]): string {
  const points = `worse by ${Number((rail.effect * 100).toPrecision(3))} pp`;
  switch (rail.kind) {
    case 'quality':
      return `score ${rail.score} from ${rail.low} to ${rail.high}, ${points}`;
    case 'latency':
      return `calls over ${formatDuration(BigInt(rail.slowNs))}, ${points}`;
    case 'cost':
      return `dearer by ${formatUsd(BigInt(Math.round(Number(rail.capNanoUsd) * rail.effect)))} a call`;
    case 'errors':
      return `calls that fail, ${points}`;
    case 'refusals':
      return `calls that are refused, ${points}`;
  }
}

/** What a release would watch, and what stands in its way. */
export function planLines(plan: Plan, { model, alias }: { model: string; alias: string }): string[] {
  const { incumbent, candidate, rails, without, breaking } = plan;
  return [
    `  ${model}@${alias}  ${incumbent} → ${candidate}`,
    ...renderTable([['rail', 'is'], ...rails.map((rail) => [rail.name, ruleOf(rail)])], ['left', 'left']),
    ...without.map((reason) => `  not watched: ${reason}`),
    ...breaking.map((reason) => `  callers may fail: ${reason}`),
  ];
}

/** How a release stands: its split, each rail with its interval, the verdict. */
export function releaseLines(release: ReleaseBody, style: Style): string[] {
  const { id, model, alias, incumbent, candidate, verdict } = release;
  const lines = ['', `  ${style.bold(`${model}@${alias}`)}  ${incumbent} → ${candidate}  ${style.dim(id)}`];
  const split = splitLine(release, style);
  if (split !== '') lines.push(split);
  if (verdict !== null && verdict.rails.length > 0) {
    const { rails } = verdict;
    const columns = [`${incumbent} (${most(rails, 'incumbent')})`, `${candidate} (${most(rails, 'candidate')})`];
    const head = ['', ...columns, 'change', 'interval*', 'rail'];
    lines.push(
      '',
      ...renderTable(
        [head, ...rails.map((rail) => railRow(rail, style))],
        [...(['left', 'right', 'right', 'right', 'right', 'left'] as const)],
      ),
      '  * valid at any time you look, so watching does not cheat',
      '',
    );
  }
  return [...lines, lastLine(release, style)];
}
