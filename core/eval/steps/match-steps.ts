export type MatchMode = 'strict' | 'unordered' | 'subset' | 'superset';

export type StepMatch = {
  isMatch: boolean;
  /** From 0 to 1, 1 only for a match. */
  share: number;
  /** Places of the expected ones that nothing matches, and of the actual ones that match nothing. */
  missing: number[];
  extra: number[];
};

/** The most pairs in which each is used once (augmenting paths); for each expected one its actual one, or −1. */
function mostPairs(fits: readonly (readonly boolean[])[], actualCount: number): number[] {
  const ofActual = new Array<number>(actualCount).fill(-1);
  const place = (expected: number, seen: Set<number>): boolean => {
    for (let actual = 0; actual < actualCount; actual++) {
      if (!fits[expected]?.[actual] || seen.has(actual)) continue;
      seen.add(actual);
      const holder = ofActual[actual] ?? -1;
      if (holder < 0 || place(holder, seen)) {
        ofActual[actual] = expected;
        return true;
      }
    }
    return false;
  };
  for (let expected = 0; expected < fits.length; expected++) place(expected, new Set());
  const ofExpected = new Array<number>(fits.length).fill(-1);
  for (const [actual, expected] of ofActual.entries()) if (expected >= 0) ofExpected[expected] = actual;
  return ofExpected;
}

/** The most pairs that keep both orders: a longest common subsequence. */
function mostInOrder(fits: readonly (readonly boolean[])[], actualCount: number): number[] {
  const lengths = Array.from({ length: fits.length + 1 }, () => new Array<number>(actualCount + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = fits.length - 1; i >= 0; i--)
    for (let j = actualCount - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = fits[i]?.[j] ? 1 + at(i + 1, j + 1) : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const found = new Array<number>(fits.length).fill(-1);
  for (let i = 0, j = 0; i < fits.length && j < actualCount; ) {
    if (fits[i]?.[j] && at(i, j) === 1 + at(i + 1, j + 1)) found[i++] = j++;
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return found;
}

function shareOf(
  mode: MatchMode,
  { pairs, expected, actual }: Record<'pairs' | 'expected' | 'actual', number>,
): number {
  const of = {
    strict: Math.max(expected, actual),
    unordered: (expected + actual) / 2,
    subset: actual,
    superset: expected,
  };
  return of[mode] === 0 ? 1 : pairs / of[mode];
}

/**
 * Steps that were taken against steps that were expected. `strict`: the same in the same order; `unordered`: the same in
 * any order; `subset`: none that was not expected; `superset`: all that were expected, and maybe more. `share` is of
 * the longer list for `strict`, of both (Dice) for `unordered`, of the taken for `subset`, of the expected for `superset`.
 */
export function matchSteps<Expected, Actual>(
  expected: readonly Expected[],
  actual: readonly Actual[],
  { mode, fits }: { mode: MatchMode; fits: (expected: Expected, actual: Actual) => boolean },
): StepMatch {
  const table = expected.map((wanted) => actual.map((taken) => fits(wanted, taken)));
  const pairs = (mode === 'strict' ? mostInOrder : mostPairs)(table, actual.length);
  const used = new Set(pairs);
  const missing = [...pairs.keys()].filter((i) => (pairs[i] ?? -1) < 0);
  const extra = [...actual.keys()].filter((i) => !used.has(i));
  const isMatch = (mode === 'subset' || missing.length === 0) && (mode === 'superset' || extra.length === 0);
  const counts = { pairs: expected.length - missing.length, expected: expected.length, actual: actual.length };
  return { isMatch, share: shareOf(mode, counts), missing, extra };
}
