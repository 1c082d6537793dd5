import { hashOf } from '../drift/text-vector.ts';
import { stemOf, tellingWords } from './words.ts';

const vectorSize = 256;

/** What a text is about, as a vector of length 1: its telling words, in few places by their hash. */
export function wordsVector(text: string): number[] {
  const sum = new Array<number>(vectorSize).fill(0);
  const stems = new Set(tellingWords(text).map(stemOf));
  // A text of nothing but common words is like others of its kind.
  for (const stem of stems.size === 0 ? [''] : stems) {
    const hash = hashOf(stem);
    // Without signs, so that no two words take each other away; texts have too few of them to add up by chance.
    const place = (((hash >>> 16) ^ hash) >>> 0) % vectorSize;
    sum[place] = (sum[place] ?? 0) + 1;
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

/** The cosine of the angle between two; 0 where one has no length. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}
