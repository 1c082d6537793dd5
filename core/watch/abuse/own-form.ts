import type { AbuseCall } from '../../records/index.ts';

/** Earlier calls of the user that one is compared with, and how long ago they may be: people are slower than programs. */
const compared = 30;
const comparedMs = 600_000;
const askedMs = 24 * 3_600_000;
/** Of the words of two texts that either has. */
const leastAlike = 0.5;
const leastWords = 3;
const mostWords = 64;
/** Intervals between calls that are looked at, and how much their usual distance from the middle one is of it. */
const intervals = 8;
const regular = 0.1;
const longestIntervalMs = 30 * 60_000;

/** A 32-bit hash (FNV-1a) of each word of a text, each once, in order of their size; of a long text the first 64 words. */
export function wordHashes(text: string): number[] {
  const words =
    text
      .slice(0, 4_000)
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const hashes = new Set<number>();
  for (const word of words) {
    if (hashes.size === mostWords) break;
    let hash = 0x811c9dc5;
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
    hashes.add(hash >>> 0);
  }
  return [...hashes].sort((a, b) => a - b);
}

/** How many words both have. */
function shared(a: readonly number[], b: readonly number[]): number {
  let [i, k, same] = [0, 0, 0];
  while (i < a.length && k < b.length) {
    const [left = 0, right = 0] = [a[i], b[k]];
    if (left === right) same++;
    if (left <= right) i++;
    if (right <= left) k++;
  }
  return same;
}

/** The same text. */
const isSame = (a: AbuseCall, b: AbuseCall): boolean =>
  a.words.length > 0 && a.words.length === b.words.length && a.words.every((word, i) => word === b.words[i]);

function isAlike(a: readonly number[], b: readonly number[]): boolean {
  if (a.length < leastWords || b.length < leastWords) return false;
  const both = shared(a, b);
  return both >= leastAlike * (a.length + b.length - both);
}

const middle = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** Whether the calls up to this one came as if by a clock. */
function isRegular(calls: readonly AbuseCall[], at: number): boolean {
  if (at < intervals) return false;
  const gaps = Array.from({ length: intervals }, (_, i) => (calls[at - i]?.atMs ?? 0) - (calls[at - i - 1]?.atMs ?? 0));
  const usual = middle(gaps);
  if (usual <= 0 || usual > longestIntervalMs) return false;
  return middle(gaps.map((gap) => Math.abs(gap - usual))) <= regular * usual;
}

/**
 * How much a call fills in a form that the user filled in before: 0.8 where its words are mostly those of two earlier
 * texts that are others, 1 where the calls also come as if by a clock, else 0. The very same text again is none.
 */
export function ownForm(calls: readonly AbuseCall[], at: number): number {
  const call = calls[at];
  if (call === undefined) return 0;
  let alike = 0;
  for (let i = at - 1; i >= 0 && i >= at - compared; i--) {
    const earlier = calls[i];
    if (earlier === undefined || call.atMs - earlier.atMs > comparedMs) break;
    if (isSame(call, earlier)) return 0;
    if (alike < 2 && isAlike(call.words, earlier.words)) alike++;
  }
  if (alike < 2) return 0;
  return isRegular(calls, at) ? 1 : 0.8;
}

/** Whether the user asked this before, word for word: it is an app that tries again, and says nothing new. */
export function wasAsked(calls: readonly AbuseCall[], at: number): boolean {
  const call = calls[at];
  if (call === undefined) return false;
  for (let i = at - 1; i >= 0 && i >= at - compared; i--) {
    const earlier = calls[i];
    if (earlier === undefined || call.atMs - earlier.atMs > askedMs) return false;
    if (isSame(call, earlier)) return true;
  }
  return false;
}
