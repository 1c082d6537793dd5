/** What has been seen so far of values that come one after another. */
export type Detector = {
  /** Grows by 1 a step, on average, as long as nothing changes: what may be held against a bound at every step. */
  evidence: number;
  /** Of the steps since a change most likely began: how many times likelier they are by now. */
  since: number;
  /** How many steps those are. */
  steps: number;
};

export const noDetector: Detector = { evidence: 0, since: 1, steps: 0 };

/**
 * One step of an e-detector by the recursion of Shiryaev and Roberts: whoever calls a change when the evidence reaches `c`
 * does so on average once in `c` steps, or more seldom, while nothing changes, whatever the values are like.
 * J. Shin, A. Ramdas, A. Rinaldo, E-detectors, New England Journal of Statistics in Data Science 2 (2023) 229–260.
 * @param eValue of the newest step: at most 1 on average, given all before, while nothing changes
 */
export function nextDetector({ evidence, since, steps }: Detector, eValue: number): Detector {
  const begins = since < 1 || steps === 0;
  return {
    evidence: (evidence + 1) * eValue,
    since: (begins ? 1 : since) * eValue,
    steps: begins ? 1 : steps + 1,
  };
}

/**
 * How strange the last of some values is among all of them: uniform between 0 and 1 when their order says nothing.
 * V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World (2005), chapter 2.
 * @param strangeness of each, all by the same rule, which does not know their order; the newest is last
 * @param u uniform, which decides between equal ones
 */
export function conformalP(strangeness: readonly number[], u: number): number {
  const last = strangeness.at(-1) ?? 0;
  let [more, equal] = [0, 0];
  for (const one of strangeness)
    if (one > last + 1e-12) more++;
    else if (one >= last - 1e-12) equal++;
  return (more + u * equal) / Math.max(1, strangeness.length);
}

/** A p-value as a bet against it: 1 on average while the p-value is uniform. */
export const eValueOf = (p: number): number => 0.5 / Math.sqrt(Math.max(p, 1e-12));
