import type { Segment } from './bleu.ts';
import { porterStem } from './porter.ts';
import { countNgrams, shared, total } from './words.ts';

export type RougeKind = 'rouge_1' | 'rouge_2' | 'rouge_l' | 'rouge_lsum';
export type RougeScore = { precision: number; recall: number; fmeasure: number };

function wordsOf(text: string, stem: boolean): string[] {
  const words = text.toLowerCase().split(/[^a-z0-9]+/);
  const stems = stem ? words.map((word) => (word.length > 3 ? porterStem(word) : word)) : words;
  return stems.filter((word) => word !== '');
}

function rates(hits: number, own: number, others: number): RougeScore {
  const precision = hits / Math.max(own, 1);
  const recall = hits / Math.max(others, 1);
  const sum = precision + recall;
  return { precision, recall, fmeasure: sum > 0 ? (2 * precision * recall) / sum : 0 };
}

/** Length of the longest common subsequence of the first i words and the first j, at `i * (others.length + 1) + j`. */
function commonLengths(words: readonly string[], others: readonly string[]): Uint16Array {
  const width = others.length + 1;
  const lengths = new Uint16Array((words.length + 1) * width);
  const at = (index: number) => lengths[index] as number;
  for (let i = 1; i <= words.length; i++)
    for (let j = 1; j <= others.length; j++) {
      const here = i * width + j;
      lengths[here] =
        words[i - 1] === others[j - 1] ? at(here - width - 1) + 1 : Math.max(at(here - width), at(here - 1));
    }
  return lengths;
}

/** Places in `words` of one longest common subsequence. */
function commonPlaces(words: readonly string[], others: readonly string[]): number[] {
  const lengths = commonLengths(words, others);
  const width = others.length + 1;
  const places: number[] = [];
  let [i, j] = [words.length, others.length];
  while (i > 0 && j > 0) {
    const here = i * width + j;
    if (words[i - 1] === others[j - 1]) {
      places.push(i - 1);
      i--;
      j--;
    } else if ((lengths[here - 1] as number) > (lengths[here - width] as number)) j--;
    else i--;
  }
  return places;
}

function ofNgrams(own: readonly string[], other: readonly string[], n: number): RougeScore {
  const [a, b] = [countNgrams(own, n), countNgrams(other, n)];
  return rates(shared(b, a), total(a), total(b));
}

/** Each word of the union of the sentences' subsequences counts, as often as both texts have it. */
function ofSummary(own: readonly string[][], others: readonly string[][]): RougeScore {
  const [left, leftOther] = [countNgrams(own.flat(), 1), countNgrams(others.flat(), 1)];
  let hits = 0;
  for (const sentence of others) {
    const union = new Set(own.flatMap((one) => commonPlaces(sentence, one)));
    for (const place of union) {
      const word = sentence[place] as string;
      const [free, freeOther] = [left.get(word) ?? 0, leftOther.get(word) ?? 0];
      if (free === 0 || freeOther === 0) continue;
      hits++;
      left.set(word, free - 1);
      leftOther.set(word, freeOther - 1);
    }
  }
  return rates(hits, own.flat().length, others.flat().length);
}

function scoreOne(kind: RougeKind, texts: { output: string; reference: string }, stem: boolean): RougeScore {
  if (kind === 'rouge_lsum') {
    const sentencesOf = (text: string) => text.split('\n').map((line) => wordsOf(line, stem));
    return ofSummary(sentencesOf(texts.output), sentencesOf(texts.reference));
  }
  const [own, other] = [wordsOf(texts.output, stem), wordsOf(texts.reference, stem)];
  if (kind !== 'rouge_l') return ofNgrams(own, other, kind === 'rouge_1' ? 1 : 2);
  return rates(commonLengths(other, own).at(-1) ?? 0, own.length, other.length);
}

/**
 * ROUGE of one segment, each part 0 to 1, against the reference with the best F-measure: n-grams (`rouge_1`, `rouge_2`),
 * the longest common subsequence (`rouge_l`), or its union over lines (`rouge_lsum`). C.-Y. Lin, 2004; as rouge-score.
 */
export function rouge(kind: RougeKind, segment: Segment, { stem = false }: { stem?: boolean } = {}): RougeScore {
  const scores = segment.references.map((reference) => scoreOne(kind, { output: segment.output, reference }, stem));
  return scores.reduce((best, one) => (one.fmeasure > best.fmeasure ? one : best));
}
