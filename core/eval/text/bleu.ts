import { addUp, countNgrams, shared, type Tokenizer, tokenize, total } from './words.ts';

const orders = [1, 2, 3, 4];

export type BleuOptions = {
  tokenize?: Tokenizer;
  lowercase?: boolean;
  /** What stands for an n-gram precision of zero; `exp` halves it from order to order. */
  smooth?: 'exp' | 'floor' | 'add-k' | 'none';
};

/** One output and what it is held against; the order of references says nothing. */
export type Segment = { output: string; references: readonly string[] };

/** [words of the output, words of the closest reference, matches of orders 1–4, n-grams of orders 1–4] */
type Counts = number[];

function closestLength(length: number, lengths: readonly number[]): number {
  return lengths.reduce((best, one) => {
    const nearer = Math.abs(one - length) - Math.abs(best - length);
    return nearer < 0 || (nearer === 0 && one < best) ? one : best;
  });
}

function most(counts: readonly Map<string, number>[]): Map<string, number> {
  const best = new Map<string, number>();
  for (const one of counts) for (const [item, count] of one) best.set(item, Math.max(count, best.get(item) ?? 0));
  return best;
}

function countsOf(
  { output, references }: Segment,
  { tokenize: tokenizer = '13a', lowercase = false }: BleuOptions,
): Counts {
  const wordsOf = (text: string) => tokenize(lowercase ? text.toLowerCase() : text, tokenizer);
  const words = wordsOf(output);
  const others = references.map(wordsOf);
  const ngrams = orders.map((n) => countNgrams(words, n));
  const matches = ngrams.map((own, at) => shared(own, most(others.map((other) => countNgrams(other, at + 1)))));
  const closest = closestLength(
    words.length,
    others.map((other) => other.length),
  );
  return [words.length, closest, ...matches, ...ngrams.map(total)];
}

function scoreOf(counts: Counts, { smooth = 'exp' }: BleuOptions, isSentence: boolean): number {
  const [length = 0, closest = 0] = counts;
  const matches = counts.slice(2, 6);
  if (matches.every((count) => count === 0)) return 0;
  const brevity = length < closest ? Math.exp(1 - closest / length) : 1;
  let halved = 1;
  let used = orders.length;
  const precisions = orders.map(() => 0);
  for (const n of orders) {
    const added = smooth === 'add-k' && n > 1 ? 1 : 0;
    const matched = (matches[n - 1] ?? 0) + added;
    const all = (counts[n + 5] ?? 0) + added;
    if (all === 0) break;
    if (isSentence) used = n;
    if (matched > 0) precisions[n - 1] = (100 * matched) / all;
    else if (smooth === 'exp') {
      halved *= 2;
      precisions[n - 1] = 100 / (halved * all);
    } else if (smooth === 'floor') precisions[n - 1] = (100 * 0.1) / all;
  }
  // sacreBLEU's own stand-in for the logarithm of zero.
  const logs = precisions.slice(0, used).map((precision) => (precision === 0 ? -9_999_999_999 : Math.log(precision)));
  return brevity * Math.exp(logs.reduce((sum, log) => sum + log, 0) / used);
}

/**
 * BLEU of one segment, 0 to 100, over the orders that its length allows (sacreBLEU's `effective_order`).
 * K. Papineni et al., ACL 2002; M. Post, WMT 2018 (sacreBLEU).
 */
export const sentenceBleu = (segment: Segment, options: BleuOptions = {}): number =>
  scoreOf(countsOf(segment, options), options, true);

/** BLEU of a corpus, 0 to 100: counts are summed over segments first, so it is not the mean of {@link sentenceBleu}. */
export const corpusBleu = (segments: readonly Segment[], options: BleuOptions = {}): number =>
  scoreOf(addUp(segments.map((segment) => countsOf(segment, options))), options, false);
