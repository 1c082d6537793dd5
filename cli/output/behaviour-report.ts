import type { Behaviour, SideBehaviour } from '@wheelhouse/core/eval';
import { formatUsd } from '@wheelhouse/core/records';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

type Example = { input: unknown; before: string | null; after: string | null };
type Report = {
  model: string;
  incumbent: number;
  candidate: number;
  dataset: string;
  evaluation: string;
  behaviour: Behaviour;
  examples: readonly Example[];
};

const width = 100;
const none = '–';

function cut(value: unknown): string {
  if (value === null) return 'failed';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ');
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
const percent = (value: number | null) => (value === null ? none : `${Math.round(value * 100)} %`);
const measures: [string, (side: SideBehaviour) => string][] = [
  ['same answer when asked again', ({ stable }) => percent(stable)],
  ['words alike when asked again', ({ alike }) => percent(alike)],
  ['characters of an answer', ({ length }) => (length === null ? none : String(Math.round(length)))],
  ['time of a call', ({ latencyNs }) => (latencyNs === null ? none : `${Math.round(latencyNs / 1e6)} ms`)],
  ['cost of a call', ({ costNanoUsd: cost }) => (cost === null ? none : formatUsd(BigInt(Math.round(cost))))],
];

/** What a replay showed: how many inputs are answered otherwise, what each version is like, and what changed most. */
export function behaviourLines({ behaviour, examples, ...report }: Report, { bold, red, green, dim }: Style): string[] {
  const { counts, alike, before, after, keys } = behaviour;
  const known = alike.flatMap((one, i) => (behaviour.rows[i] === 'changed' && one !== null ? [one] : []));
  const words =
    known.length === 0
      ? ''
      : ` (${percent(known.reduce((sum, one) => sum + one, 0) / known.length)} of the words alike)`;
  const failing = counts.fails === 0 ? green('0 fail that answered') : red(`${counts.fails} fail that answered`);
  const rest = [
    ...(counts.recovers > 0 ? [`${counts.recovers} answer that failed`] : []),
    ...(counts.both_fail > 0 ? [`${counts.both_fail} fail with both`] : []),
  ];
  const sides = [`version ${report.incumbent}`, `version ${report.candidate}`];
  const table = measures.map(([name, of]) => [name, of(before), of(after)]);
  const changed = examples.flatMap((one) => [
    ...['', `  ${dim('asked')}  ${cut(one.input)}`, `  ${dim('before')} ${cut(one.before)}`],
    `  ${dim('now')}    ${cut(one.after)}`,
  ]);
  return [
    '',
    `  ${bold(report.model)}  ${report.incumbent} → ${report.candidate}  ${dim(`${report.evaluation}, dataset ${report.dataset}`)}`,
    '',
    `  ${[`${counts.same} the same`, `${counts.changed} changed${words}`, failing, ...rest].join(' · ')}`,
    '',
    ...renderTable([['', ...sides], ...table], ['left', 'right', 'right']),
    ...(keys.gone.length === 0 ? [] : [`  ${red('gone from answers')}: ${keys.gone.join(', ')}`]),
    ...(keys.added.length === 0 ? [] : [`  new in answers: ${keys.added.join(', ')}`]),
    ...changed,
  ];
}
