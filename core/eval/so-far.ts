import type { FinishedRow } from '../ports/index.ts';
import type { RunId, SoFarResult, Verdict } from '../records/index.ts';
import { bettingInterval, type Interval, minimumRows, minimumSequence, mixtureInterval } from '../stats/index.ts';
import { isShare } from './compare.ts';
import type { Measure, MeasureKind } from './measures.ts';
import { adjectiveOf, differenceText, examples } from './verdict-sentence.ts';

const risk = 0.05;

/** Of scores, fewer could not be clear whatever they were; of others, fewer do not know their own spread. */
const minimumOf = (kind: MeasureKind) => (isShare(kind) ? minimumRows({ bounded: true }) : minimumSequence);

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of the mean of B − A, wherever one looks; null: nothing can be said yet. */
function intervalOf(
  { kind }: Measure,
  differences: readonly number[],
  of: { risk: number; expected: number },
): Interval | null {
  if (differences.length < minimumOf(kind)) return null;
  if (isShare(kind)) return bettingInterval(differences, { low: -1, high: 1, risk: of.risk });
  const mean = meanOf(differences);
  const variance = meanOf(differences.map((one) => (one - mean) ** 2));
  const tunedFor = Math.max(minimumSequence, of.expected);
  return mixtureInterval({ count: differences.length, mean, variance }, { risk: of.risk, scale: null, tunedFor });
}

function verdictOf({ kind }: Measure, interval: Interval | null): Verdict {
  if (interval === null) return 'not_enough_data';
  const { low, high } = interval;
  // Where rows drift, the sequence may refute every mean; then nothing is said of any.
  if (low > high || (low <= 0 && high >= 0)) return 'no_clear_difference';
  return low > 0 === (kind === 'score') ? 'better' : 'worse';
}

function sentenceOf(
  measure: Measure,
  said: Pick<SoFarResult, 'verdict' | 'pairs' | 'difference'>,
  at: Interval | null,
) {
  const { verdict, pairs, difference } = said;
  const rows = examples(pairs);
  if (at === null || difference === null) {
    return `Too early to say: ${rows} so far; from ${minimumOf(measure.kind)} on something can be said.`;
  }
  if (at.low > at.high) return `Not clear yet: the first of ${rows} say something else than the last.`;
  const numbers = `${differenceText(measure.kind, difference, at)} on ${rows} so far.`;
  if (verdict === 'better' || verdict === 'worse') return `B is ${adjectiveOf(verdict, measure.kind)}: ${numbers}`;
  return `Not clear yet: ${numbers}`;
}

/**
 * One candidate against the baseline while more is to come: the interval holds at all times at once, so that whoever looks
 * again and again, and stops when it is clear, is wrong with a chance of at most 5 % over the family.
 * @param rows in the order in which they were finished
 * @param of.run its place among the runs of the rows
 * @param of.expected rows in the end
 */
export function compareSoFar(
  measure: Measure,
  rows: readonly FinishedRow[],
  of: { runId: RunId; run: number; family: number; expected: number },
): SoFarResult {
  const pairs = rows.flatMap(({ means }) => {
    const [a, b] = [means[0] ?? null, means[of.run] ?? null];
    return a === null || b === null ? [] : [{ a, b }];
  });
  const differences = pairs.map(({ a, b }) => b - a);
  const interval = intervalOf(measure, differences, { risk: risk / of.family, expected: of.expected });
  const verdict = verdictOf(measure, interval);
  const difference = pairs.length === 0 ? null : meanOf(differences);
  const isKnown = interval !== null && interval.low <= interval.high;
  return {
    ...{ runId: of.runId, measure: measure.name, pairs: pairs.length, difference, verdict },
    meanA: pairs.length === 0 ? null : meanOf(pairs.map(({ a }) => a)),
    meanB: pairs.length === 0 ? null : meanOf(pairs.map(({ b }) => b)),
    low: isKnown ? interval.low : null,
    high: isKnown ? interval.high : null,
    confidence: 1 - risk / of.family,
    sentence: sentenceOf(measure, { verdict, pairs: pairs.length, difference }, interval),
  };
}
