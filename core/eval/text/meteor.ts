import type { Segment } from './bleu.ts';
import { porterStem } from './porter.ts';
import { tokenize } from './words.ts';

type Word = { place: number; text: string };
type Match = { own: number; other: number };

/** From the end on, each word takes the last free one that is the same. */
function matchWords(own: readonly Word[], others: readonly Word[]) {
  const places = new Map<string, number[]>();
  for (const { place, text } of others) places.set(text, [...(places.get(text) ?? []), place]);
  const matches: Match[] = [];
  for (const { place, text } of own.toReversed()) {
    const other = places.get(text)?.pop();
    if (other !== undefined) matches.push({ own: place, other });
  }
  const usedOwn = new Set(matches.map((match) => match.own));
  const usedOther = new Set(matches.map((match) => match.other));
  return {
    matches,
    own: own.filter(({ place }) => !usedOwn.has(place)),
    others: others.filter(({ place }) => !usedOther.has(place)),
  };
}

const stemmed = (words: readonly Word[]) => words.map(({ place, text }) => ({ place, text: porterStem(text) }));

function scoreOne(own: readonly Word[], others: readonly Word[]): number {
  const exact = matchWords(own, others);
  const stems = matchWords(stemmed(exact.own), stemmed(exact.others));
  const matches = [...exact.matches, ...stems.matches].sort((a, b) => a.own - b.own);
  if (matches.length === 0) return 0;
  const precision = matches.length / own.length;
  const recall = matches.length / others.length;
  const mean = (precision * recall) / (0.9 * precision + (1 - 0.9) * recall);
  const chunks = matches.filter(({ own: place, other }, at) => {
    const before = matches[at - 1];
    return before === undefined || place !== before.own + 1 || other !== before.other + 1;
  }).length;
  return (1 - 0.5 * (chunks / matches.length) ** 3) * mean;
}

/**
 * METEOR of one segment, 0 to 1, against its best reference, with exact and Porter-stem matches and no synonyms: what
 * NLTK's `meteor_score` gives without WordNet on words of sacreBLEU's tokenizer 13a.
 * A. Lavie and A. Agarwal, WMT 2007; α = 0.9, β = 3, γ = 0.5.
 */
export function meteor({ output, references }: Segment): number {
  const wordsOf = (text: string): Word[] =>
    tokenize(text, '13a').map((word, place) => ({ place, text: word.toLowerCase() }));
  const own = wordsOf(output);
  return Math.max(...references.map((reference) => scoreOne(own, wordsOf(reference))));
}
