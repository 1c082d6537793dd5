import { formatDuration, formatUsd } from '@wheelhouse/core/records';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import type { Style } from './style.ts';
import type { Align, CellText } from './table.ts';
import { cut, padEnd, padStart, plain } from './text.ts';

/** Digits of a trace id that lists show; every verb takes them. */
const shownDigits = 8;

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** `09:14:02`, and `11-20 09:14` on another day. Local time. */
function clockTime(ns: string, nowMs: number): string {
  const date = new Date(Number(BigInt(ns) / 1_000_000n));
  const hours = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
  return date.toDateString() === new Date(nowMs).toDateString()
    ? `${hours}:${twoDigits(date.getSeconds())}`
    : `${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())} ${hours}`;
}

export const latencyText = ({ startNs, endNs }: { startNs: string; endNs: string | null }): string =>
  endNs === null ? '…' : formatDuration(BigInt(endNs) - BigInt(startNs));
export const costText = (nano: string | null): string => formatUsd(nano === null ? null : BigInt(nano));

const scoreText = (value: number | string | boolean): string =>
  typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : String(value);

/** `✕ 529 overloaded`, else the scores, as far as they fit. */
function noteOf(trace: TraceSummaryBody, style: Style): CellText {
  if (trace.status === 'error')
    return { text: `✕ ${cut(plain(trace.statusMessage ?? 'error'), 40)}`, paint: style.red };
  const scores = trace.scores.map(({ name, value }) => `${plain(name)} ${plain(scoreText(value))}`).join(' · ');
  return { text: cut(scores, 42), paint: style.dim };
}

export const traceAlign: Align[] = ['left', 'left', 'left', 'left', 'right', 'right', 'left'];
export const traceHead = (style: Style): CellText[] =>
  ['ID', 'TIME', 'NAME', 'MODEL', 'LATENCY', 'COST', ''].map((text) => ({ text, paint: style.dim }));

export function traceCells(trace: TraceSummaryBody, { style, nowMs }: { style: Style; nowMs: number }): CellText[] {
  return [
    { text: trace.traceId.slice(0, shownDigits), paint: style.cyan },
    { text: clockTime(trace.startNs, nowMs), paint: style.dim },
    { text: cut(plain(trace.name), 28) },
    { text: cut(plain(trace.model ?? ''), 24) },
    { text: latencyText(trace) },
    { text: costText(trace.costNanoUsd) },
    noteOf(trace, style),
  ];
}

const tailWidths = [shownDigits, 11, 24, 20, 8, 9];
/** A line of a list that grows: columns have fixed widths, because nobody knows what comes. */
export function tailLine(cells: readonly CellText[]): string {
  const parts = cells.map(({ text, paint }, at) => {
    const columns = tailWidths[at];
    const short = columns === undefined ? text : cut(text, columns);
    const padded =
      columns === undefined ? short : traceAlign[at] === 'right' ? padStart(short, columns) : padEnd(short, columns);
    return paint && text !== '' ? paint(padded) : padded;
  });
  return `  ${parts.join('  ').trimEnd()}`;
}
