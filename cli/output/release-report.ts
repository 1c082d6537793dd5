import { formatUsd } from '@wheelhouse/core/records';
import type { ReleaseBody } from '@wheelhouse/sdk';
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

function splitLine({ incumbent, candidate, share, state }: ReleaseBody, { cyan }: Style): string {
  if (state !== 'running') return '';
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

function lastLine(release: ReleaseBody, { green, red, bold }: Style): string {
  const { state, verdict, model, alias, reason } = release;
  if (state !== 'running') {
    const paint = state === 'promoted' ? green : red;
    return [`  ${paint(endings[state])}: ${reason ?? ''}`, ...draftLines(release)].join('\n');
  }
  if (verdict === null) return '  not enough data: nothing was looked at yet.';
  const hint = verdict.verdict === 'promote' ? `\n  wheelhouse release promote ${model}@${alias} moves the alias.` : '';
  return `  ${bold(verdictWords(verdict.verdict))}: ${verdict.sentence}${hint}`;
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
