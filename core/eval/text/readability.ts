import { syllablesOf } from './syllables.ts';
import { splitWords } from './words.ts';

/** What the formulas are made of. */
export type TextCounts = {
  sentences: number;
  /** Separated by white space, punctuation left out. */
  words: number;
  /** Separated by white space, marks that stand alone counted too. */
  chunks: number;
  /** All but white space. */
  characters: number;
  /** Letters, digits and underscores. */
  letters: number;
  syllables: number;
  /** Of three syllables or more. */
  complex: number;
};

/** A quotation mark is none of a word, the apostrophe of a short form is. */
const quotes = /'(?!(?:[tsd]|ve|ll|re))/g;
const marks = /[^\p{L}\p{N}_\s']/gu;
const wordsOf = (text: string) => splitWords(text.replace(quotes, '').replace(marks, ''));

/** Python's `\b`: a place where a word begins or ends. */
const sentence = /(?<![\p{L}\p{N}_])(?=[\p{L}\p{N}_])[^.!?]+[.!?]*|(?<=[\p{L}\p{N}_])(?![\p{L}\p{N}_])[^.!?]+[.!?]*/gu;

/** Sentences of more than two words: fewer are headings, numbers and short forms. */
function sentencesOf(text: string): number {
  const found = text.match(sentence) ?? [];
  return Math.max(1, found.filter((one) => wordsOf(one).length > 2).length);
}

/** Counts as `textstat` 0.7 counts; syllables by rules for English. */
export function countText(text: string): TextCounts {
  const chunks = splitWords(text);
  const solid = chunks.join('');
  const words = wordsOf(text);
  const syllables = words.map(syllablesOf);
  return {
    sentences: sentencesOf(text),
    words: words.length,
    chunks: chunks.length,
    characters: [...solid].length,
    letters: [...solid.replace(/[^\p{L}\p{N}_]/gu, '')].length,
    syllables: syllables.reduce((sum, count) => sum + count, 0),
    complex: syllables.filter((count) => count >= 3).length,
  };
}

/**
 * Readability of English: `flesch_reading_ease` goes from about 0, hardest, to 100 (Flesch 1948); the others are years of
 * school: Kincaid et al. 1975, Gunning 1952, McLaughlin 1969, Smith & Senter 1967, Coleman & Liau 1975.
 */
export const readabilityFormulas = {
  flesch_reading_ease: ({ words, sentences, syllables }: TextCounts) =>
    206.835 - 1.015 * (words / sentences) - 84.6 * (syllables / words),
  flesch_kincaid_grade: ({ words, sentences, syllables }: TextCounts) =>
    0.39 * (words / sentences) + 11.8 * (syllables / words) - 15.59,
  gunning_fog: ({ words, sentences, complex }: TextCounts) => 0.4 * (words / sentences + (100 * complex) / words),
  smog: ({ sentences, complex }: TextCounts) => 1.043 * Math.sqrt(30 * (complex / sentences)) + 3.1291,
  ari: ({ characters, chunks, words, sentences }: TextCounts) =>
    4.71 * (characters / chunks) + 0.5 * (words / sentences) - 21.43,
  coleman_liau: ({ letters, words, sentences }: TextCounts) =>
    0.058 * ((100 * letters) / words) - 0.296 * ((100 * sentences) / words) - 15.8,
};

export type ReadabilityFormula = keyof typeof readabilityFormulas;
