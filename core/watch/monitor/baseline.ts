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
  Math.sqrt(noise[kind].least ** 2 + noise[kind].row ** 2 / Math.max(1, rows));

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

/** Median of so many sorted values, without the one at a place when that is named; of nothing it is 0. */
function middleOf(sorted: Float64Array, size: number, without = size): number {
  const left = without < size ? size - 1 : size;
  if (left <= 0) return 0;
  const [low, high] = [(left - 1) >> 1, left >> 1];
  return ((sorted[low < without ? low : low + 1] ?? 0) + (sorted[high < without ? high : high + 1] ?? 0)) / 2;
}

/** Into its place among so many sorted values: a baseline sorts a dozen some hundred times, which is quickest so. */
function insert(sorted: Float64Array, size: number, value: number): void {
  let at = size;
  for (; at > 0 && (sorted[at - 1] ?? 0) > value; at--) sorted[at] = sorted[at - 1] ?? 0;
  sorted[at] = value;
}

/** 1970 began on a Thursday. */
function isWeekend(slotMs: number): boolean {
  const day = Math.floor(slotMs / dayMs) % 7;
  return day === 2 || day === 3;
}

const slotOf = (startMs: number, windowMs: number) => Math.floor((startMs % weekMs) / windowMs);

/** What was measured, by place in the week: of place `i` from `from[i]` to `from[i + 1]`. */
type Points = { from: Int32Array; at: Float64Array; rows: Float64Array };

/** null while they reach over less than two weeks. */
function pointsOf(past: readonly MeasuredWindow[], kind: MeasureKind, windowMs: number): Points | null {
  const { to } = scales[kind];
  const from = new Int32Array(weekMs / windowMs + 1);
  let [first, last] = [Infinity, -Infinity];
  for (const { startMs, value } of past) {
    if (value === null) continue;
    const next = slotOf(startMs, windowMs) + 1;
    from[next] = (from[next] ?? 0) + 1;
    if (startMs < first) first = startMs;
    if (startMs > last) last = startMs;
  }
  // The quiet of a night at either end is no reason to wait for another day.
  if (!(last - first >= leastMs - dayMs)) return null;
  for (let i = 1; i < from.length; i++) from[i] = (from[i] ?? 0) + (from[i - 1] ?? 0);
  const count = from.at(-1) ?? 0;
  const [at, rowsAt, placed] = [new Float64Array(count), new Float64Array(count), from.slice()];
  for (const { startMs, value, rows } of past) {
    if (value === null) continue;
    const slot = slotOf(startMs, windowMs);
    const place = placed[slot] ?? 0;
    placed[slot] = place + 1;
    at[place] = to(value);
    rowsAt[place] = rows;
  }
  return { from, at, rows: rowsAt };
}

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
  const points = pointsOf(past, kind, windowMs);
  if (points === null) return null;
  const { from, at, rows } = points;
  const slots = weekMs / windowMs;
  const near = windowMs > hourMs ? 0 : Math.round(hourMs / windowMs);
  const usual: Baseline['usual'] = [];
  const distances = new Float64Array(at.length);
  const [known, knownRows] = [new Float64Array(at.length), new Float64Array(at.length)];
  let [size, told] = [0, 0];
  const add = (slot: number) => {
    for (let i = from[slot] ?? 0; i < (from[slot + 1] ?? 0); i++) {
      insert(known, size, at[i] ?? 0);
      insert(knownRows, size++, rows[i] ?? 0);
    }
  };
  for (let slot = 0; slot < slots; slot++) {
    size = 0;
    for (let by = -near; by <= near; by++) add((slot + by + slots) % slots);
    if (size < leastAlike)
      for (let other = (slot + slots / 7) % slots; other !== slot; other = (other + slots / 7) % slots)
        if (isWeekend(other * windowMs) === isWeekend(slot * windowMs)) add(other);
    usual.push(size === 0 ? null : { at: middleOf(known, size), rows: middleOf(knownRows, size) });
    if (size < 2) continue;
    // Without itself, or every window would look more usual than the next one will.
    for (let i = from[slot] ?? 0; i < (from[slot + 1] ?? 0); i++) {
      const own = at[i] ?? 0;
      let place = 0;
      while ((known[place] ?? own) < own) place++;
      distances[told++] = Math.abs(own - middleOf(known, size, place)) / noiseOf(kind, rows[i] ?? 0);
    }
  }
  const sizes = distances.subarray(0, told).sort();
  // Whatever has heavier tails than the normal distribution is known by its tail.
  const tail = (sizes[Math.floor(0.98 * told)] ?? 0) / 2.33;
  return { kind, windowMs, usual, spread: Math.max(1, madScale * middleOf(sizes, told), tail) };
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
  const moved = new Float64Array(recent.length);
  let count = 0;
  for (const { startMs, value } of recent) {
    const was = value === null ? null : usualAt(startMs);
    if (value !== null && was !== null) insert(moved, count++, to(value) - was.at);
  }
  const middle = here.at + middleOf(moved, count) / 2;
  // A total is what its rows are: were few of them a reason for more spread, an outage would be none.
  const wide = spread * noiseOf(kind, kind === 'total' ? here.rows : now.rows);
  return {
    value: from(middle),
    low: from(middle - reach * wide),
    high: from(middle + reach * wide),
    distance: now.value === null ? null : (to(now.value) - middle) / wide,
  };
}
