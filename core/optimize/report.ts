import { type Column, compareColumns, type MeasureKind, verdictsOf } from '../eval/index.ts';
import type { ExampleId, PairedResult, RunId } from '../records/index.ts';
import { addTo, nothing, type Spent, spentOf } from './budget.ts';
import type { CandidateNote, ScoreNote, StopReason } from './events.ts';
import type { RunEntry } from './state.ts';

/** One side of the comparison: what it took on the rows held out. */
export type Side = { id: string; rows: number; failures: number; spent: Spent };

/** B, the best candidate, against A, the program as it was, on one measure. Examples are named by the hash of their row. */
export type HeldOutResult = Omit<PairedResult, 'runId'>;

export type CompileReport = {
  /** Whether the best candidate is better on rows that no search has seen. */
  verdict: 'gain' | 'no_gain' | 'not_compared';
  /** For people. */
  sentence: string;
  stopped: { reason: StopReason; message: string };
  rows: { train: number; validation: number; heldOut: number; compared: number; overlapping: number };
  before: Side;
  /** null: the search came to nothing else, or it was not compared. */
  after: Side | null;
  /** `score` in 0 to 1, `latency` in seconds, `cost` in dollars; null: nothing to compare. */
  comparison: HeldOutResult[] | null;
  spent: { search: Spent; comparison: Spent; total: Spent };
  /** In the search and in the comparison. */
  failures: { answer: number; call: number; metric: number; first: string | null };
  /** Everything that the search tried, in its order, with what it was made of. */
  candidates: (CandidateNote & { scores: Omit<ScoreNote, 'id'>[] })[];
};

const values: Record<'score' | 'latency' | 'cost', (run: RunEntry) => number | null> = {
  // A program without an answer is wrong; a call or a metric that failed says nothing of it.
  score: ({ score, failure }) => (failure === null || failure.of === 'answer' ? score : null),
  latency: ({ latencyMs, failure }) => (failure === null ? latencyMs / 1000 : null),
  cost: ({ expense, failure }) =>
    failure === null && expense.unpriced === 0 ? Number(expense.costNanoUsd) / 1e9 : null,
};

function columnOf(runs: ReadonlyMap<string, RunEntry>, read: (run: RunEntry) => number | null): Column {
  const sorted = [...runs].sort(([a], [b]) => (a < b ? -1 : 1));
  const found = sorted.map(([, run]) => read(run));
  return {
    exampleIds: sorted.map(([key]) => key as ExampleId),
    values: found.map((value) => (value === null ? [] : [value])),
    ...{ labels: {}, missing: found.filter((value) => value === null).length },
  };
}

/** B against A on the rows that both have, with the statistics of evaluations. */
export function compareHeldOut(
  before: ReadonlyMap<string, RunEntry>,
  after: ReadonlyMap<string, RunEntry>,
  id: string,
): HeldOutResult[] {
  const shared = new Map([...before].filter(([key]) => after.has(key)));
  const kinds = Object.entries(values) as [MeasureKind & keyof typeof values, (run: RunEntry) => number | null][];
  const pairings = kinds.map(([kind, read]) =>
    compareColumns(
      { name: kind, kind },
      { a: columnOf(shared, read), b: columnOf(after, read) },
      { runId: id as RunId, family: 1 },
    ),
  );
  return verdictsOf(pairings).map(({ runId: _, ...result }) => result);
}

export function sideOf(id: string, runs: ReadonlyMap<string, RunEntry>): Side {
  const sum = nothing();
  let failures = 0;
  for (const { expense, failure, latencyMs } of runs.values()) {
    addTo(sum, expense);
    sum.ms += latencyMs;
    if (failure) failures++;
  }
  return { id, rows: runs.size, failures, spent: spentOf(sum, sum.ms) };
}

/** Whether it ended for another reason than that it was through, or had spent what it might. */
const isCutShort = ({ reason }: CompileReport['stopped']) => reason !== 'done' && reason !== 'budget';

/**
 * What a comparison comes to, in a sentence or two.
 * @param of.isFound whether anything but the program as it was is to go on with; `isScored`: whether the search scored any
 */
export function verdictOf(
  comparison: readonly HeldOutResult[] | null,
  { stopped, isFound, isScored }: { stopped: CompileReport['stopped']; isFound: boolean; isScored: boolean },
): Pick<CompileReport, 'verdict' | 'sentence'> {
  const [score] = comparison ?? [];
  const ended = stopped.reason === 'done' ? '' : ` ${stopped.message}`;
  if (!isFound && isCutShort(stopped))
    return { verdict: 'no_gain', sentence: `It ended before anything better was found.${ended}` };
  if (!isFound && !isScored && stopped.reason === 'budget')
    return { verdict: 'not_compared', sentence: `Nothing can be said: no candidate was scored.${ended}` };
  if (!isFound)
    return { verdict: 'no_gain', sentence: `No gain found: nothing scored above the program as it is.${ended}` };
  if (!score || score.verdict === 'not_enough_data') {
    const why = score?.sentence ?? (isCutShort(stopped) ? '' : 'No row was held out and run.');
    return {
      verdict: 'not_compared',
      sentence: `A candidate was found, but it was not compared.${why === '' ? '' : ` ${why}`}${ended}`,
    };
  }
  if (score.verdict === 'better')
    return { verdict: 'gain', sentence: `${score.sentence} (B is compiled, A is not.)${ended}` };
  return { verdict: 'no_gain', sentence: `No gain found. ${score.sentence} (B is compiled, A is not.)${ended}` };
}
