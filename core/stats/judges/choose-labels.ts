import { uniformFrom } from '../uniform.ts';

/** A row to label, by its place in the list, and the probability with which it was chosen. */
export type ChosenRow = { index: number; probability: number };

/** Half of every row's weight is the same for all, so that a judge that errs where it is sure cannot hide it. */
const even = 0.5;

/** Standard deviation of a score in [0, 1] that is as good as a coin with that side up: a judge's doubt of its own score. */
export const judgeDoubt = (score: number) => Math.sqrt(Math.max(0, score * (1 - score)));

function weightsOf(doubts: readonly number[]): number[] {
  const total = doubts.reduce((sum, doubt) => sum + doubt, 0);
  const average = total / doubts.length;
  return doubts.map((doubt) => (average > 0 ? even + ((1 - even) * doubt) / average : 1));
}

/**
 * Which rows to label next, so that few labels correct a judge well: by chance, doubtful ones more often, each with the
 * probability that {@link correctedScore} needs to stay unbiased. Asking for more with the same rows and seed gives the same
 * rows first; the probabilities are those of the whole choice, so all labels take theirs from the last time.
 *
 * Priority sampling: each row has the priority weight ÷ uniform number, the highest are chosen, and given the highest that is
 * not, each was chosen with a probability that is known exactly: N. Duffield, C. Lund and M. Thorup, J. ACM 54 (2007) 32.
 * @param doubts one a row, at least 0, told before any label: {@link judgeDoubt} of the score, how much the members of a panel
 * disagree, or the same number for all
 * @param options.count rows to choose; all when there are no more
 */
export function chooseLabels(doubts: readonly number[], options: { count: number; seed: number }): ChosenRow[] {
  const uniform = uniformFrom(options.seed);
  const rows = weightsOf(doubts).map((weight) => ({ weight, uniform: uniform() }));
  return byPriority(rows, options.count);
}

function byPriority(rows: readonly { weight: number; uniform: number }[], count: number): ChosenRow[] {
  const ordered = rows
    .map(({ weight, uniform }, index) => ({ index, weight, rank: uniform / weight }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index);
  const threshold = ordered[count]?.rank ?? Infinity;
  return ordered.slice(0, count).map(({ index, weight }) => ({ index, probability: Math.min(1, weight * threshold) }));
}

/**
 * As {@link chooseLabels}, of rows that bring their own number: a row has the same place before another whatever other rows
 * there are. What is labelled stays so when the rows that are looked at become more or fewer.
 * @param rows `uniform`: drawn once for each row from (0, 1), as by a hash; `doubt`: {@link judgeDoubt} of its score
 */
export const drawLabels = (rows: readonly { uniform: number; doubt: number }[], count: number): ChosenRow[] =>
  byPriority(
    rows.map(({ uniform, doubt }) => ({ uniform, weight: even + doubt })),
    count,
  );
