export type Sample = { atMs: number; done: number };

/** How far back the pace is looked at. */
const windowMs = 60_000;
const leastMs = 2_000;

/** With one more, and without those that say nothing of the present pace; less done than before is a new beginning. */
export function keepSamples(samples: readonly Sample[], next: Sample): Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && next.done < last.done) return [next];
  return [...samples.filter(({ atMs }) => next.atMs - atMs <= windowMs), next];
}

/** Milliseconds until all is done at the pace of the last minute; null while there is none. */
export function timeLeft(samples: readonly Sample[], total: number): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return null;
  const tookMs = last.atMs - first.atMs;
  const done = last.done - first.done;
  return tookMs < leastMs || done <= 0 ? null : ((total - last.done) / done) * tookMs;
}
