import type { JsonObject, ReleaseCopies, ReleaseObservation, ReleasePlan } from '../../records/index.ts';
import { addEvidence, type Evidence, noEvidence } from './evidence.ts';

/** So long after it came, what a busy store shows late is still counted. */
const lookbackMs = 60_000;
/** Kept in one row that each look writes. */
const mostKept = 2_000;

/** What was counted lately, by its key, with when it came; what came until `fromMs` is counted no more. */
type Recent = { fromMs: number; seen: [key: string, atMs: number][] };

/** What a look leaves for the next one. `sinceMs`: when it began, by the clock of what came; null: before the first look. */
export type ReleaseMemory = {
  sinceMs: number | null;
  evidence: Evidence;
  recent: Recent;
  /** Of a release that only listens, once it was looked at. */
  copies?: ReleaseCopies;
};

/** Something that came. `key`: of the user, session or request, and of what is said of it; the same counts once. */
export type Arrival = { key: string; atMs: number; seen: ReleaseObservation };

type Plan = Pick<ReleasePlan, 'rails' | 'risks'> & Partial<Pick<ReleasePlan, 'allocation'>>;

export const newMemory = (plan: Parameters<typeof noEvidence>[0]): ReleaseMemory => ({
  sinceMs: null,
  evidence: noEvidence(plan),
  recent: { fromMs: 0, seen: [] },
});

/** A memory as it was written. */
export const memoryOf = (json: JsonObject): ReleaseMemory => json as unknown as ReleaseMemory;
export const memoryJson = (memory: ReleaseMemory): JsonObject => memory as unknown as JsonObject;

/** When it began, by the clock of what came. */
export const sinceOf = ({ sinceMs }: ReleaseMemory, seenUntilMs: number): number => sinceMs ?? seenUntilMs;

/** From where to read what came, after everything until `seenUntilMs` was read once. */
export const lookFrom = (memory: ReleaseMemory, seenUntilMs: number): number =>
  Math.max(sinceOf(memory, seenUntilMs), memory.recent.fromMs, seenUntilMs - lookbackMs);

/**
 * What is known after these too, and how many of them were new.
 * @param came all that came from {@link lookFrom} to `untilMs`, in that order
 */
export function remember(
  plan: Plan,
  before: ReleaseMemory,
  { came, seenUntilMs, untilMs }: { came: readonly Arrival[]; seenUntilMs: number; untilMs: number },
): { memory: ReleaseMemory; fresh: number } {
  const { evidence, recent } = before;
  const known = new Set(recent.seen.map(([key]) => key));
  const fresh = came.filter(({ key }) => !known.has(key));
  const seen = [...recent.seen, ...fresh.map(({ key, atMs }): [string, number] => [key, atMs])]
    .filter(([, atMs]) => atMs > untilMs - lookbackMs)
    .sort(([, a], [, b]) => b - a);
  const kept = seen.slice(0, mostKept);
  // Where not all fit, nobody may look further back than what is remembered.
  const fromMs = seen[mostKept]?.[1] ?? recent.fromMs;
  return {
    memory: {
      ...before,
      sinceMs: sinceOf(before, seenUntilMs),
      evidence: addEvidence(
        plan,
        evidence,
        fresh.map((one) => one.seen),
      ),
      recent: { fromMs, seen: kept },
    },
    fresh: fresh.length,
  };
}
