import type { OptimizationCandidateBody } from '@wheelhouse/sdk';

/** The best first; those that were scored on a part only after those that were scored on all, those without a score last. */
export function bestFirst(candidates: readonly OptimizationCandidateBody[]): OptimizationCandidateBody[] {
  const rank = ({ score, minibatch }: OptimizationCandidateBody) =>
    score !== null ? 2 + score.value : minibatch !== null ? 1e-9 + minibatch.value : -1;
  return candidates.toSorted((a, b) => rank(b) - rank(a) || a.n - b.n);
}

/** Places from 0 as rows from 1, neighbours joined: `1–3, 7`. */
export function rowRanges(places: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const place of places.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && place <= last.to + 1) last.to = place;
    else ranges.push({ from: place, to: place });
  }
  return ranges.map(({ from, to }) => (from === to ? `${from + 1}` : `${from + 1}–${to + 1}`)).join(', ');
}
