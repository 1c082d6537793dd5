import type { Release, ReleaseObservation, ReleaseRail, TraceId } from '../../records/index.ts';
import { railScale, railValue } from './rails.ts';

/** A call that counted against the rails of these names. */
type FailedCall = { traceId: TraceId; against: string[] };

type Ended = Pick<Release, 'rails' | 'verdict'>;
type Answer = { traceId: TraceId; seen: ReleaseObservation };

/** What a rail's value is of an answer as the incumbent gives it; where nothing is known of that, the middle. */
function usualOf(rail: ReleaseRail, verdict: Release['verdict']): number {
  const mean = verdict?.rails.find(({ name }) => name === rail.name)?.incumbent.mean ?? null;
  const { from, per } = railScale(rail);
  return mean === null ? 0.5 : (mean - from) / per;
}

/**
 * Calls of the candidate that are worse than what the incumbent usually does on the rails that it broke, or, where it broke
 * none, on any; the worst first.
 */
export function failedCalls({ rails, verdict }: Ended, answers: readonly Answer[], most: number): FailedCall[] {
  const broken = new Set(verdict?.rails.flatMap(({ name, state }) => (state === 'broken' ? [name] : [])));
  const against = broken.size === 0 ? rails : rails.filter(({ name }) => broken.has(name));
  const found = new Map<TraceId, { names: string[]; worst: number }>();
  for (const rail of against) {
    const usual = usualOf(rail, verdict);
    for (const { traceId, seen } of answers) {
      const value = railValue(rail, seen);
      if (value === null || value >= usual) continue;
      const { names, worst } = found.get(traceId) ?? { names: [], worst: 1 };
      // A trace may hold several calls.
      const all = names.includes(rail.name) ? names : [...names, rail.name];
      found.set(traceId, { names: all, worst: Math.min(worst, value) });
    }
  }
  return [...found]
    .sort(([, a], [, b]) => a.worst - b.worst)
    .slice(0, most)
    .map(([traceId, { names }]) => ({ traceId, against: names }));
}
