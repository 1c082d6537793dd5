import type { Segment } from './bleu.ts';
import { addUp, countNgrams, shared, splitWords, total } from './words.ts';

export type ChrfOptions = {
  /** 0 is chrF, 2 is chrF++. */
  wordOrder?: 0 | 1 | 2;
  lowercase?: boolean;
  /** White space counts as characters. */
  whitespace?: boolean;
};

const charOrders = [1, 2, 3, 4, 5, 6];
/** β²: recall counts twice as much as precision. */
const factor = 4;
const marks = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/** A mark at the end of a word, or else at its start, is a word of its own. */
function chrfWords(text: string): string[] {
  return splitWords(text).flatMap((word) => {
    const letters = [...word];
    const first = letters[0] ?? '';
    const last = letters.at(-1) ?? '';
    if (letters.length === 1) return [word];
    if (marks.has(last)) return [letters.slice(0, -1).join(''), last];
    return marks.has(first) ? [first, letters.slice(1).join('')] : [word];
  });
}

function ngramsOf(text: string, { wordOrder = 0, lowercase = false, whitespace = false }: ChrfOptions) {
  const line = lowercase ? text.toLowerCase() : text;
  const letters = [...(whitespace ? line : splitWords(line).join(''))];
  const words = wordOrder > 0 ? chrfWords(line) : [];
  const ofWords = [1, 2].slice(0, wordOrder).map((n) => countNgrams(words, n));
  return [...charOrders.map((n) => countNgrams(letters, n, '')), ...ofWords];
}

/** [n-grams of the output, of the reference, matches], order after order. */
type Counts = number[];

function scoreOf(counts: Counts): number {
  let [precision, recall, orders] = [0, 0, 0];
  for (let at = 0; at < counts.length; at += 3) {
    const [own = 0, other = 0, matches = 0] = counts.slice(at, at + 3);
    if (own === 0 || other === 0) continue;
    precision += matches / own;
    recall += matches / other;
    orders++;
  }
  if (precision + recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  return (100 * ((1 + factor) * precision * recall)) / (factor * precision + recall);
}

/** Of the reference with the best score; the first of equals. */
function countsOf({ output, references }: Segment, options: ChrfOptions): Counts {
  const own = ngramsOf(output, options);
  let best: { counts: Counts; score: number } | null = null;
  for (const reference of references) {
    const counts = ngramsOf(reference, options).flatMap((other, at) => {
      const ngrams = own[at] ?? new Map<string, number>();
      return [other.size > 0 ? total(ngrams) : 0, total(other), shared(ngrams, other)];
    });
    const score = scoreOf(counts);
    if (best === null || score > best.score) best = { counts, score };
  }
  return best?.counts ?? [];
}

/** chrF2 of one segment, 0 to 100, against its best reference. M. Popović, WMT 2015 and 2017 (chrF++); as sacreBLEU 2. */
export const sentenceChrf = (segment: Segment, options: ChrfOptions = {}): number =>
  scoreOf(countsOf(segment, options));

/** chrF2 of a corpus, 0 to 100: counts are summed over segments first, so it is not the mean of {@link sentenceChrf}. */
export const corpusChrf = (segments: readonly Segment[], options: ChrfOptions = {}): number =>
  scoreOf(addUp(segments.map((segment) => countsOf(segment, options))));
