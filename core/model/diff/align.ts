/** An item of two lists: `same` stands in both, in the order of both. */
export type Aligned<T> = { kind: 'same' | 'removed' | 'added'; item: T };

/** Pairs that are looked at, at the most; beyond, everything between what is the same at both ends counts as replaced. */
const mostPairs = 4_000_000;

function ends<T>(a: readonly T[], b: readonly T[]): { start: number; end: number } {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { start, end };
}

/** By the longest common subsequence: as much as possible is the same. */
export function align(a: readonly string[], b: readonly string[]): Aligned<string>[] {
  const { start, end } = ends(a, b);
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const aligned: Aligned<string>[] = a.slice(0, start).map((item) => ({ kind: 'same', item }));
  aligned.push(...middle(left, right));
  for (const item of a.slice(a.length - end)) aligned.push({ kind: 'same', item });
  return aligned;
}

function middle(a: readonly string[], b: readonly string[]): Aligned<string>[] {
  const removed = a.map((item): Aligned<string> => ({ kind: 'removed', item }));
  const added = b.map((item): Aligned<string> => ({ kind: 'added', item }));
  if (a.length * b.length > mostPairs) return [...removed, ...added];
  const width = b.length + 1;
  // Length of the longest common subsequence of what is left from each pair of places on.
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const aligned: Aligned<string>[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      aligned.push({ kind: 'same', item: a[i] as string });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) aligned.push({ kind: 'removed', item: a[i++] as string });
    else aligned.push({ kind: 'added', item: b[j++] as string });
  }
  return [...aligned, ...removed.slice(i), ...added.slice(j)];
}
