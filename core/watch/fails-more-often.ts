import { exceedanceTest, holm } from '../stats/index.ts';

type Counted = { count: number; errors: number };
export type Failing = { now: Counted; before: Counted };

/** The chance of one false finding among all that were looked at. */
const level = 0.01;
/** With many traces the smallest rise is beyond chance; one below this is not worth a look. */
const leastRise = 1.2;

const rate = ({ count, errors }: Counted) => errors / count;
const proportion = ({ count, errors }: Counted) => ({ count: errors, of: count });

/**
 * Those that fail clearly more often than before: beyond chance, corrected for how many were looked at, and by a fifth or
 * more. The highest rise first.
 * @param groups all that were looked at; each with something in both times
 */
export function failsMoreOften<Group extends Failing>(groups: readonly Group[]): Group[] {
  const corrected = holm(groups.map(({ now, before }) => exceedanceTest(proportion(now), proportion(before))));
  return groups
    .filter(
      ({ now, before }, i) => (corrected[i] ?? 1) < level && rate(now) > 0 && rate(now) >= leastRise * rate(before),
    )
    .sort((a, b) => rate(b.now) - rate(b.before) - (rate(a.now) - rate(a.before)));
}
