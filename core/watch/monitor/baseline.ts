/** A measure of one window: of how many rows, and when it began. null: it was not measured. */
export type MeasuredWindow = { startMs: number; value: number | null; rows: number };

/**
 * What kind of number it is, which decides how it spreads: `total` (counts, money) and `amount` (times, tokens of a row) by
 * factors, `share` (rates) by the arc sine of its root, `mean` (scores) as it is.
 */
export type MeasureKind = 'total' | 'amount' | 'share' | 'mean';

/** What is usual at each time of the week. */
export type Baseline = {
  kind: MeasureKind;
  windowMs: number;
  /** By place in the week, which begins when 1970 did; on the scale of the kind, and of how many rows. null: unknown. */
  usual: ({ at: number; rows: number } | null)[];
  /** How many times as far as their number of rows lets expect windows usually are from it. */
  spread: number;
};

/** What a window should have had. */
export type Expected = {
  /** In the measure's own unit. */
  value: number;
  low: number;
  high: number;
  /** How far it is from that, in usual spreads; below 0: less. null: it was not measured. */
  distance: number | null;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;
/** From one week nobody knows what is usual. */
const leastMs = 2 * weekMs;
/** Older windows say less of what is usual now. */
export const baselineMs = 4 * weekMs;
/** With fewer at the same hour and weekday, the same hour of like days is asked too. */
const leastAlike = 6;
/** Makes the median distance of a normal distribution its standard deviation. */
const madScale = 1.4826;
/** What windows of any number of rows spread by, at least, and what one row spreads by. */
const noise = {
  ...{ total: { least: 0.05, row: 1 }, amount: { least: 0.03, row: 1 } },
  ...{ share: { least: 0.01, row: 0.5 }, mean: { least: 0.01, row: 0.25 } },
} as const;
const noiseOf = (kind: MeasureKind, rows: number) =>
  Math.hypot(noise[kind].least, noise[kind].row / Math.sqrt(Math.max(1, rows)));

type Scale = { to(value: number): number; from(at: number): number };
const factors: Scale = { to: (value) => Math.log1p(Math.max(0, value)), from: (at) => Math.max(0, Math.expm1(at)) };
const scales: Record<MeasureKind, Scale> = {
  total: factors,
  amount: factors,
  share: {
    to: (value) => Math.asin(Math.sqrt(Math.min(1, Math.max(0, value)))),
    from: (at) => Math.sin(Math.min(Math.PI / 2, Math.max(0, at))) ** 2,
  },
  mean: { to: (value) => value, from: (at) => at },
};

/** Median of sorted values, without the one at a place when that is named; of nothing it is 0. */
function middleOf(sorted: Float64Array, without = sorted.length): number {
  const size = without < sorted.length ? sorted.length - 1 : sorted.length;
  const at = (i: number) => sorted[i < without ? i : i + 1] ?? 0;
  return size % 2 === 1 ? at(size >> 1) : (at(size / 2 - 1) + at(size / 2)) / 2;
}
const median = (values: readonly number[]): number =>
  values.length === 0 ? 0 : middleOf(Float64Array.from(values).sort());

/** 1970 began on a Thursday. */
function isWeekend(slotMs: number): boolean {
  const day = Math.floor(slotMs / dayMs) % 7;
  return day === 2 || day === 3;
}

/** Places in the week that are like this one: within an hour of it, and the same places of like days. */
function alikeSlots(slot: number, windowMs: number): { own: number[]; others: number[] } {
  const slots = weekMs / windowMs;
  const near = windowMs > hourMs ? 0 : Math.round(hourMs / windowMs);
  const own = Array.from({ length: 2 * near + 1 }, (_, i) => (slot + i - near + slots) % slots);
  const perDay = Math.max(1, dayMs / windowMs);
  const others = Array.from({ length: 7 }, (_, day) => (slot + day * perDay) % slots).filter(
    (other) => other !== slot && isWeekend(other * windowMs) === isWeekend(slot * windowMs),
  );
  return { own, others: windowMs > dayMs ? [] : others };
}

const slotOf = (startMs: number, windowMs: number) => Math.floor((startMs % weekMs) / windowMs);

/**
 * Learns from some weeks what is usual at each hour and weekday: a median, and as spread a median of distances, so that an
 * outage of last week hardly moves either.
 * @param past of the same length each, that a week is a whole number of
 * @returns null while they reach over less than two weeks
 */
export function learnBaseline(
  past: readonly MeasuredWindow[],
  { kind, windowMs }: { kind: MeasureKind; windowMs: number },
): Baseline | null {
  const { to } = scales[kind];
  const points = past.flatMap(({ startMs, value, rows }) =>
    value === null ? [] : [{ at: to(value), slot: slotOf(startMs, windowMs), startMs, rows }],
  );
  if (points.length === 0) return null;
  const starts = points.map(({ startMs }) => startMs);
  // The quiet of a night at either end is no reason to wait for another day.
  if (Math.max(...starts) - Math.min(...starts) < leastMs - dayMs) return null;
  const bySlot = new Map<number, typeof points>();
  for (const point of points) bySlot.set(point.slot, [...(bySlot.get(point.slot) ?? []), point]);
  const at = (slots: number[]) => slots.flatMap((slot) => bySlot.get(slot) ?? []);
  const usual: Baseline['usual'] = [];
  const distances: number[] = [];
  for (let slot = 0; slot < weekMs / windowMs; slot++) {
    const { own, others } = alikeSlots(slot, windowMs);
    const near = at(own);
    const known = near.length >= leastAlike ? near : [...near, ...at(others)];
    const sorted = Float64Array.from(known.map((one) => one.at)).sort();
    usual.push(known.length === 0 ? null : { at: middleOf(sorted), rows: median(known.map(({ rows }) => rows)) });
    // Without itself, or every window would look more usual than the next one will.
    if (known.length > 1)
      for (const { at, rows } of bySlot.get(slot) ?? [])
        distances.push(Math.abs(at - middleOf(sorted, sorted.indexOf(at))) / noiseOf(kind, rows));
  }
  const sizes = Float64Array.from(distances).sort();
  // Whatever has heavier tails than the normal distribution is known by its tail.
  const tail = (sizes[Math.floor(0.98 * sizes.length)] ?? 0) / 2.33;
  return { kind, windowMs, usual, spread: Math.max(1, madScale * median(distances), tail) };
}

/**
 * What a window should have had, and how far it is from that.
 * @param recent the windows of the day before it: half of what moved all of them is taken for usual, since traffic grows and
 *   holidays come
 * @param reach how many spreads `low` and `high` are away
 * @returns null where nothing like it was seen
 */
export function expectedOf(
  { kind, windowMs, usual, spread }: Baseline,
  now: MeasuredWindow,
  { recent, reach }: { recent: readonly MeasuredWindow[]; reach: number },
): Expected | null {
  const { to, from } = scales[kind];
  const usualAt = (startMs: number) => usual[slotOf(startMs, windowMs)] ?? null;
  const here = usualAt(now.startMs);
  if (here === null) return null;
  const moved = recent.flatMap(({ startMs, value }) => {
    const was = usualAt(startMs);
    return value === null || was === null ? [] : [to(value) - was.at];
  });
  const middle = here.at + median(moved) / 2;
  // A total is what its rows are: were few of them a reason for more spread, an outage would be none.
  const wide = spread * noiseOf(kind, kind === 'total' ? here.rows : now.rows);
  return {
    value: from(middle),
    low: from(middle - reach * wide),
    high: from(middle + reach * wide),
    distance: now.value === null ? null : (to(now.value) - middle) / wide,
  };
}
