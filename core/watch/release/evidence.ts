import type { ReleaseObservation, ReleasePlan, ReleaseRail } from '../../records/index.ts';
import {
  type Arm,
  addToArms,
  copyOfArms,
  cutBlock,
  startTwoArms,
  type TwoArmOptions,
  type TwoArms,
} from '../../stats/index.ts';
import { type Allocated, allocatedBy, decideShare, startAllocation } from './allocate.ts';
import { railValue } from './rails.ts';
import type { Track } from './track.ts';

/** Units of each version, and what is kept of each rail, in their order; how it was judged, for people to look at. */
export type Evidence = {
  calls: Record<Arm, number>;
  rails: TwoArms[];
  track?: Track;
  /** Where the share moves by how it does. */
  allocated?: Allocated;
};

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

type Beginning = Pick<ReleasePlan, 'rails'> & Partial<Pick<ReleasePlan, 'allocation' | 'steps'>>;

export const noEvidence = ({ rails, allocation, steps }: Beginning): Evidence => ({
  ...(allocation ? { allocated: startAllocation(steps?.[0]?.share ?? allocation.floor) } : {}),
  calls: { a: 0, b: 0 },
  rails: rails.map((rail) => startTwoArms(marksOf(rail))),
});

const armOf = { incumbent: 'a', candidate: 'b' } as const;

type EvidencePlan = Pick<ReleasePlan, 'risks' | 'rails'> & Partial<Pick<ReleasePlan, 'allocation'>>;

/**
 * Decides the share anew when it is time for that, by the number of calls alone: then what a bet is on neither ends, nor
 * begins, because of the values in it.
 */
function reallocate({ rails, allocation }: EvidencePlan, evidence: Evidence): void {
  const { allocated, calls } = evidence;
  if (!allocation || !allocated || calls.b < allocated.next) return;
  for (const arms of evidence.rails) cutBlock(arms);
  const decision = decideShare(allocation, rails, { seen: evidence.rails, calls: calls.b });
  evidence.allocated = allocatedBy(allocated, decision);
}

/**
 * What is known after these too.
 * @param seen in the order in which they came
 */
export function addEvidence(
  plan: EvidencePlan,
  { calls, rails, ...kept }: Evidence,
  seen: readonly ReleaseObservation[],
): Evidence {
  const evidence = { ...kept, calls: { ...calls }, rails: rails.map(copyOfArms) };
  const options = plan.rails.map((rail) => optionsOf(rail, plan));
  for (const one of seen) {
    const both = one.kind === 'pair' ? [one.incumbent, one.candidate] : [one];
    for (const side of both) if (side.kind === 'call') evidence.calls[armOf[side.arm]]++;
    for (const [i, rail] of plan.rails.entries()) {
      const [arms, option] = [evidence.rails[i], options[i]];
      if (arms === undefined || option === undefined) continue;
      const values = both.flatMap((side) => {
        const value = railValue(rail, side);
        return value === null ? [] : [{ arm: armOf[side.arm], value }];
      });
      // One side of a pair alone would be held against an answer to something else.
      if (values.length === both.length) for (const value of values) addToArms(arms, value, option);
    }
    reallocate(plan, evidence);
  }
  return evidence;
}
