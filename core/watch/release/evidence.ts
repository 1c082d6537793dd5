import type { ReleaseObservation, ReleasePlan, ReleaseRail } from '../../records/index.ts';
import { type Arm, addToArms, copyOfArms, startTwoArms, type TwoArmOptions, type TwoArms } from '../../stats/index.ts';
import { railValue } from './rails.ts';
import type { Track } from './track.ts';

/** Units of each version, and what is kept of each rail, in their order; how it was judged, for people to look at. */
export type Evidence = { calls: Record<Arm, number>; rails: TwoArms[]; track?: Track };

/** Ends of intervals, in smallest effects: close together where verdicts fall, and wider beyond. */
const ends = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 3, 4, 5, 6, 8, 10, 15, 20];

/** Differences that may be ruled out; no difference, and the loss that matters, are among them. */
function marksOf({ effect }: ReleaseRail): number[] {
  const all = [0, ...ends.flatMap((end) => [-end * effect, end * effect])];
  return all.filter((mark) => Math.abs(mark) < 1).sort((a, b) => a - b);
}

/** A promotion needs every rail, so each has the whole risk of a miss; one alone rolls back, so they share that risk. */
export const optionsOf = (
  rail: ReleaseRail,
  { risks, rails }: Pick<ReleasePlan, 'risks' | 'rails'>,
): TwoArmOptions => ({
  effect: rail.effect,
  risk: { low: risks.missedRegression, high: risks.falseRollback / rails.length },
});

export const noEvidence = ({ rails }: Pick<ReleasePlan, 'rails'>): Evidence => ({
  calls: { a: 0, b: 0 },
  rails: rails.map((rail) => startTwoArms(marksOf(rail))),
});

const armOf = { incumbent: 'a', candidate: 'b' } as const;

/**
 * What is known after these too.
 * @param seen in the order in which they came
 */
export function addEvidence(
  plan: Pick<ReleasePlan, 'risks' | 'rails'>,
  { calls, rails, ...kept }: Evidence,
  seen: readonly ReleaseObservation[],
): Evidence {
  const evidence = { ...kept, calls: { ...calls }, rails: rails.map(copyOfArms) };
  for (const one of seen) if (one.kind === 'call') evidence.calls[armOf[one.arm]]++;
  for (const [i, rail] of plan.rails.entries()) {
    const arms = evidence.rails[i];
    if (arms === undefined) continue;
    const options = optionsOf(rail, plan);
    for (const one of seen) {
      const value = railValue(rail, one);
      if (value !== null) addToArms(arms, { arm: armOf[one.arm], value }, options);
    }
  }
  return evidence;
}
