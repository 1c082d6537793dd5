import { formatUsd } from '@wheelhouse/core/records';
import type { ReplayDetailBody, ReplayInputBody } from '@wheelhouse/sdk';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

type Report = ReplayDetailBody & {
  /** The inputs that say most. */
  changed: readonly ReplayInputBody[];
  page: string;
};
type Behaviour = ReplayDetailBody['behaviour'];
type Side = Behaviour['before'];

const width = 100;
const shownFields = 8;
const shownTools = 8;
const none = '–';

function cut(value: unknown): string {
  if (value === null || value === undefined) return 'failed';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ');
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
const percent = (value: number | null) => (value === null ? none : `${Math.round(value * 100)} %`);
const measures: [string, (side: Side) => string][] = [
  ['same answer when asked again', ({ stable }) => percent(stable)],
  ['words alike when asked again', ({ alike }) => percent(alike)],
  ['characters of an answer', ({ length }) => (length === null ? none : String(Math.round(length)))],
  ['time of a call', ({ latencyNs }) => (latencyNs === null ? none : `${Math.round(latencyNs / 1e6)} ms`)],
  ['cost of a call', ({ costNanoUsd: cost }) => (cost === null ? none : formatUsd(BigInt(Math.round(cost))))],
];

function countLine({ counts, alike }: Behaviour, { red, green }: Style): string {
  const words = alike === null ? '' : ` (${percent(alike)} of the words alike)`;
  const failing = counts.fails === 0 ? green('0 fail that answered') : red(`${counts.fails} fail that answered`);
  const rest = [
    ...(counts.recovers > 0 ? [`${counts.recovers} answer that failed`] : []),
    ...(counts.both_fail > 0 ? [`${counts.both_fail} fail with both`] : []),
  ];
  return `  ${[`${counts.same} the same`, `${counts.changed} changed${words}`, failing, ...rest].join(' · ')}`;
}

/** Which tools are called otherwise; nothing where none is called. */
function toolLines({ tools: { counts, tools } }: Behaviour, sides: string[]): string[] {
  if (tools.length === 0) return [];
  const said = [
    `${counts.same} call the same tools`,
    ...(counts.tools > 0 ? [`${counts.tools} others`] : []),
    ...(counts.order > 0 ? [`${counts.order} in another order`] : []),
    ...(counts.arguments > 0 ? [`${counts.arguments} with other arguments`] : []),
  ];
  const each = (calls: number) => calls.toFixed(2).replace(/\.?0+$/, '');
  const rows = tools.slice(0, shownTools).map(({ name, before, after }) => [name, each(before), each(after)]);
  return [
    '',
    `  ${said.join(' · ')}`,
    '',
    ...renderTable([['calls for an answer', ...sides], ...rows], ['left', 'right', 'right']),
  ];
}

/** Places of structured answers that are gone, new, of another type or another value. */
function fieldLines({ fields }: Behaviour, sides: string[]): string[] {
  const isTold = ({ before, after, changed }: Behaviour['fields'][number]) =>
    changed > 0 || before.share !== after.share || before.types.join() !== after.types.join();
  const told = fields.filter(isTold);
  if (told.length === 0) return [];
  const side = ({ share, types }: Behaviour['fields'][number]['before']) =>
    share === 0 ? none : `${types.join(', ')} in ${percent(share)}`;
  const rows = told
    .slice(0, shownFields)
    .map(({ path, before, after, changed }) => [
      path === '' ? '(the value)' : path,
      side(before),
      side(after),
      String(changed),
    ]);
  const more = told.length - rows.length;
  return [
    '',
    ...renderTable([['field', ...sides, 'changed in'], ...rows], ['left', 'left', 'left', 'right']),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

const calledAs = (name: string, args: unknown) => `${name}(${args === null ? '' : JSON.stringify(args)})`;

function inputLines({ input, before, after, tools, calls }: ReplayInputBody, { dim }: Style): string[] {
  const isFailed = after.some(({ error }) => error !== null);
  const sequence = (side: 'before' | 'after') =>
    calls.flatMap((call) => (call[side] === null ? [] : [calledAs(call.name, call[side])])).join(' → ') || 'no tool';
  return [
    ...['', `  ${dim('asked')}  ${cut(input)}`, `  ${dim('before')} ${cut(before[0]?.output)}`],
    `  ${dim('now')}    ${cut(isFailed ? null : after[0]?.output)}`,
    ...(tools === null || tools === 'same'
      ? []
      : [`  ${dim('called')} ${cut(sequence('before'))}`, `  ${dim('now')}    ${cut(sequence('after'))}`]),
  ];
}

/** What a replay showed: how many inputs are answered otherwise, what each version is like, and what changed most. */
export function behaviourLines({ replay, behaviour, changed, page }: Report, style: Style): string[] {
  const { bold, red, dim } = style;
  const { before, after, keys } = behaviour;
  const sides = [`version ${replay.incumbent}`, `version ${replay.candidate}`];
  const table = measures.map(([name, of]) => [name, of(before), of(after)]);
  return [
    '',
    `  ${bold(replay.model)}  ${replay.incumbent} → ${replay.candidate}  ${dim(`${replay.id}, dataset ${replay.dataset}`)}`,
    ...['', countLine(behaviour, style), ''],
    ...renderTable([['', ...sides], ...table], ['left', 'right', 'right']),
    ...(keys.gone.length === 0 ? [] : [`  ${red('gone from answers')}: ${keys.gone.join(', ')}`]),
    ...(keys.added.length === 0 ? [] : [`  new in answers: ${keys.added.join(', ')}`]),
    ...toolLines(behaviour, sides),
    ...fieldLines(behaviour, sides),
    ...changed.flatMap((one) => inputLines(one, style)),
    ...['', `  ${dim(page)}`],
  ];
}
