import type { ReleaseRail } from '../../records/index.ts';

/** What is usual is what the incumbent did in so many days. */
export const historyDays = 7;

/** What the incumbent did in them. */
export type IncumbentHistory = {
  calls: number;
  /** null: none has ended. */
  p95Ns: bigint | null;
  /** Of calls that have a cost; null: none has. */
  cost: { meanNanoUsd: number; p95NanoUsd: number } | null;
  /** Scores that are numbers or truths, most first. `given`: those that people gave. */
  scores: { name: string; count: number; given: number; mean: number; least: number; most: number }[];
};

/** What only listens is seen by nobody: what people say is of the other version alone. */
type Watched = { isShadow: boolean };

/** Fewer calls, or scores, say too little of what is usual. */
const leastHistory = 20;
/** Smallest losses that matter, of a score, of calls that are slow, and of calls that fail or are refused. */
const effects = { quality: 0.05, latency: 0.1, cost: 0.2, errors: 0.03, refusals: 0.03 };
const mostScores = 3;
/** Costs spread far; what is beyond so many times the usual counts as this. */
const capOfUsual = 2;

/** What is watched of a release where nobody says otherwise, and what cannot be for want of history. */
export function defaultRails(
  history: IncumbentHistory,
  { isShadow }: Watched,
): { rails: ReleaseRail[]; without: string[] } {
  const rails: ReleaseRail[] = [];
  const without: string[] = [];
  const known = history.calls >= leastHistory;
  for (const { name, count, given, least, most } of history.scores) {
    // Scores without known ends are no part of a range.
    if (count - (isShadow ? given : 0) < leastHistory || least < 0 || most > 1 || rails.length >= mostScores) continue;
    rails.push({ kind: 'quality', name, score: name, low: 0, high: 1, effect: effects.quality });
  }
  const few = (what: string) => `fewer than ${leastHistory} ${what} in the last ${historyDays} days`;
  const judged = isShadow ? 'scores between 0 and 1 that nobody has to give' : 'scores between 0 and 1';
  if (rails.length === 0) without.push(`quality: ${few(judged)}`);
  if (known && history.p95Ns !== null)
    rails.push({ kind: 'latency', name: 'latency', slowNs: String(history.p95Ns), effect: effects.latency });
  else without.push(`latency: ${few('calls')}`);
  const { cost } = history;
  if (known && cost !== null && cost.meanNanoUsd > 0) {
    const cap = Math.ceil(Math.max(capOfUsual * cost.meanNanoUsd, cost.p95NanoUsd));
    const effect = Math.min(0.5, (effects.cost * cost.meanNanoUsd) / cap);
    rails.push({ kind: 'cost', name: 'cost', capNanoUsd: String(cap), effect });
  } else without.push(known && cost !== null ? 'cost: calls cost nothing' : `cost: ${few('calls with a known cost')}`);
  rails.push({ kind: 'errors', name: 'errors', effect: effects.errors });
  rails.push({ kind: 'refusals', name: 'refusals', effect: effects.refusals });
  return { rails, without };
}
