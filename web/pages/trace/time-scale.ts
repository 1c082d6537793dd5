import type { TreeRow } from './span-tree.ts';

/** Nanoseconds since the trace began. */
export type Range = { from: number; to: number };

/** From time to place: 0 is the left edge of the whole trace, 1 the right. */
export type TimeScale = {
  lengthNs: number;
  at(ns: number): number;
  back(place: number): number;
  /** Idle stretches that take less room than their time. */
  cut: Range[];
};

/** What a cut stretch takes at most, as a share of the time in which something ran. */
const cutShare = 0.02;
/** Deepest zoom, as a share of the trace. */
const narrowest = 1e-6;

/** Stretches in which no innermost span runs: those around it only wait. */
export function idleStretches(rows: TreeRow[], lengthNs: number): Range[] {
  const busy = rows
    .filter((row) => row.span && row.below === 0)
    .map((row) => ({ from: row.startNs, to: row.startNs + (row.lengthNs ?? lengthNs) }))
    .sort((a, b) => a.from - b.from);
  const idle: Range[] = [];
  let until = 0;
  for (const { from, to } of busy) {
    if (from > until) idle.push({ from: until, to: from });
    until = Math.max(until, to);
  }
  if (until < lengthNs) idle.push({ from: until, to: lengthNs });
  return idle;
}

export const lengthOf = (ranges: Range[]): number => ranges.reduce((sum, { from, to }) => sum + to - from, 0);

/** Even, or with the idle stretches cut short. */
export function createTimeScale(lengthNs: number, idle: Range[] = []): TimeScale {
  const busyNs = Math.max(1, lengthNs - lengthOf(idle));
  const room = busyNs * cutShare;
  const cut = idle.filter(({ from, to }) => to - from > room);
  // Corners of the line from time to place; between them it is straight.
  const corners = [{ ns: 0, place: 0 }];
  let place = 0;
  let ns = 0;
  const goOn = (to: number, by: number) => {
    ns = to;
    place += by;
    corners.push({ ns, place });
  };
  for (const { from, to } of cut) {
    goOn(from, from - ns);
    goOn(to, room);
  }
  goOn(lengthNs, lengthNs - ns);
  const whole = Math.max(place, Number.EPSILON);
  const between = (value: number, x: 'ns' | 'place', y: 'ns' | 'place') => {
    let low = 0;
    let high = corners.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((corners[middle]?.[x] ?? 0) <= value) low = middle;
      else high = middle;
    }
    const a = corners[low] ?? { ns: 0, place: 0 };
    const b = corners[high] ?? a;
    return b[x] === a[x] ? a[y] : a[y] + ((value - a[x]) / (b[x] - a[x])) * (b[y] - a[y]);
  };
  return {
    lengthNs,
    cut,
    at: (value) => between(value, 'ns', 'place') / whole,
    back: (value) => between(value * whole, 'place', 'ns'),
  };
}

/** The part of the scale in sight, where its edges are 0 and 1. */
export function viewOf(scale: TimeScale, range: Range): { at(ns: number): number; back(place: number): number } {
  const left = scale.at(range.from);
  const width = Math.max(scale.at(range.to) - left, Number.EPSILON);
  return { at: (ns) => (scale.at(ns) - left) / width, back: (place) => scale.back(left + place * width) };
}

/** The range moved and widened as little as it takes to lie in the trace and not be too narrow to see. */
export function keepInside({ from, to }: Range, lengthNs: number): Range {
  const width = Math.min(lengthNs, Math.max(to - from, lengthNs * narrowest, 1));
  const start = Math.min(Math.max(0, from), lengthNs - width);
  return { from: start, to: start + width };
}

/** In by a factor below 1, out by one above; what is at `around` stays where it is. */
export function zoomBy(range: Range, options: { around: number; factor: number; lengthNs: number }): Range {
  const { around, factor, lengthNs } = options;
  const to = around + (range.to - around) * factor;
  return keepInside({ from: around - (around - range.from) * factor, to }, lengthNs);
}

/** A span with a little room at both sides. */
export function fitRow(row: TreeRow, lengthNs: number): Range {
  const length = row.lengthNs ?? lengthNs - row.startNs;
  const margin = length * 0.05;
  return keepInside({ from: row.startNs - margin, to: row.startNs + length + margin }, lengthNs);
}

export const isWhole = (range: Range, lengthNs: number): boolean => range.from <= 0 && range.to >= lengthNs;

const seconds = (ns: number) => String(Number((ns / 1e9).toPrecision(9)));

/** As links carry it: seconds since the trace began, `0.66-1.4`. */
export const writeRange = ({ from, to }: Range): string => `${seconds(from)}-${seconds(to)}`;

export function readRange(text: string | undefined): Range | null {
  const [, from, to] = /^(\d+(?:\.\d+)?(?:e-?\d+)?)-(\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(text ?? '') ?? [];
  const range = { from: Number(from) * 1e9, to: Number(to) * 1e9 };
  return range.to > range.from ? range : null;
}

/** Round times within the range, about so many. */
export function ticksOf({ from, to }: Range, count: number): number[] {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to && ticks.length <= count + 1; i++) ticks.push(i * step);
  return ticks;
}
