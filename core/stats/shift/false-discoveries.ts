/**
 * p-values corrected so that, of those that are taken below a level, at most that share is false on average; while nothing
 * at all changed, the chance of any is at most the level.
 * Y. Benjamini, Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289–300.
 */
export function falseDiscoveries(pValues: readonly number[]): number[] {
  const corrected = new Array<number>(pValues.length).fill(1);
  const ranked = pValues.map((p, i) => ({ p, i })).sort((one, other) => other.p - one.p);
  let lowest = 1;
  for (const [place, { p, i }] of ranked.entries()) {
    lowest = Math.min(lowest, (p * pValues.length) / (pValues.length - place));
    corrected[i] = lowest;
  }
  return corrected;
}
