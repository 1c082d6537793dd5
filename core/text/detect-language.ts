import { languageSamples } from './language-samples.ts';

export type DetectedLanguage = {
  /** ISO 639-1. */
  code: string;
  /** From 0 to 1: how sure, against the other languages of this model. */
  confidence: number;
};

/** Scripts that one language of this model writes; of the others, languages are told apart by their letters and words. */
const scripts: [RegExp, string | null][] = [
  [/\p{Script=Hangul}/gu, 'ko'],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, 'ja'],
  [/\p{Script=Han}/gu, 'zh'],
  [/\p{Script=Greek}/gu, 'el'],
  [/\p{Script=Hebrew}/gu, 'he'],
  [/\p{Script=Thai}/gu, 'th'],
  [/\p{Script=Bengali}/gu, 'bn'],
  [/\p{Script=Tamil}/gu, 'ta'],
  [/\p{Script=Telugu}/gu, 'te'],
  [/\p{Script=Georgian}/gu, 'ka'],
  [/\p{Script=Armenian}/gu, 'hy'],
  [/\p{Script=Latin}/gu, null],
  [/\p{Script=Cyrillic}/gu, null],
  [/\p{Script=Arabic}/gu, null],
  [/\p{Script=Devanagari}/gu, null],
];

/** Longer texts are known by their beginning. */
const longest = 2_000;
const fewestLetters = 3;
/** A Chinese character says as much as so many letters. */
const lettersOfHan = 4;
/** How much the letter after two, after one, and alone count: what a sample lacks is judged by less of it. */
const [afterTwo, afterOne, alone] = [0.6, 0.3, 0.1];
/** How much a word that is among a language's commonest counts, beside its letters. */
const wordWeight = 3;

type Profile = { code: string; grams: Map<string, number>; letters: number; words: Set<string> };
/** `spread`: in how many languages a word is common. */
type Model = { profiles: Profile[]; spread: Map<string, number> };

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .normalize('NFC')
    .match(/[\p{L}\p{M}]+/gu) ?? [];
const padded = (word: string) => ` ${word} `;

function count(grams: Map<string, number>, gram: string): void {
  grams.set(gram, (grams.get(gram) ?? 0) + 1);
}

function profileOf(code: string, sample: string): Profile {
  const all = wordsOf(sample);
  const grams = new Map<string, number>();
  let letters = 0;
  for (const word of all) {
    const text = padded(word);
    letters += text.length;
    for (let at = 0; at < text.length; at++)
      for (let length = 1; length <= 3 && at + length <= text.length; length++)
        count(grams, text.slice(at, at + length));
  }
  return { code, grams, letters, words: new Set(all) };
}

function buildModel(): Model {
  const spread = new Map<string, number>();
  const profiles = Object.entries(languageSamples).map(([code, sample]) => profileOf(code, sample));
  for (const { words } of profiles) for (const word of words) count(spread, word);
  return { profiles, spread };
}

/** Log-likelihood of a word's letters, each by the two before it. */
function likelihoodOf(word: string, { grams, letters }: Profile): number {
  const text = padded(word);
  const seen = (from: number, to: number) => (from < 0 ? 0 : (grams.get(text.slice(from, to)) ?? 0));
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  let sum = 0;
  for (let at = 1; at < text.length; at++) {
    const two = share(seen(at - 2, at + 1), seen(at - 2, at));
    const one = share(seen(at - 1, at + 1), seen(at - 1, at));
    const none = (seen(at, at + 1) + 0.02) / (letters + 4);
    sum += Math.log(afterTwo * two + afterOne * one + alone * none);
  }
  return sum;
}

/** What the letters and the common words of a text speak for a language. */
function likelihood(words: readonly string[], profile: Profile, spread: Model['spread']): number {
  let sum = 0;
  for (const word of words) {
    sum += likelihoodOf(word, profile);
    if (profile.words.has(word)) sum += wordWeight / (spread.get(word) ?? 1);
  }
  return sum;
}

/** Letters of each script, most first. */
function scriptsOf(text: string): { letters: number; code: string | null }[] {
  const counts = scripts.map(([pattern, code]) => ({
    letters: (text.match(pattern)?.length ?? 0) * (code === 'zh' ? lettersOfHan : 1),
    code,
  }));
  return counts.filter(({ letters }) => letters > 0).sort((a, b) => b.letters - a.letters);
}

function bySharedScript(text: string, { profiles, spread }: Model): DetectedLanguage | null {
  const words = wordsOf(text);
  const scored = profiles
    .map((profile) => ({ code: profile.code, score: likelihood(words, profile, spread) }))
    .sort((a, b) => b.score - a.score);
  const [best] = scored;
  if (best === undefined) return null;
  const total = scored.reduce((sum, { score }) => sum + Math.exp(score - best.score), 0);
  return { code: best.code, confidence: 1 / total };
}

function detect(text: string, model: Model): DetectedLanguage | null {
  const start = text.slice(0, longest);
  const found = scriptsOf(start);
  const letters = found.reduce((sum, one) => sum + one.letters, 0);
  const [most] = found;
  if (most === undefined) return null;
  // Japanese is written with Chinese characters between its own.
  const kana = found.find(({ code }) => code === 'ja')?.letters ?? 0;
  if (kana * 10 >= letters && (most.code === 'zh' || most.code === 'ja')) return { code: 'ja', confidence: 1 };
  if (letters < fewestLetters && most.code === null) return null;
  return most.code === null ? bySharedScript(start, model) : { code: most.code, confidence: most.letters / letters };
}

/**
 * Tells the language of a text, by its script and by a model of letter trigrams (Cavnar & Trenkle 1994) and common words;
 * null where there are too few letters to tell. The guide lists the languages and how often it is right.
 */
export function createLanguageDetector(): (text: string) => DetectedLanguage | null {
  const model = buildModel();
  return (text) => detect(text, model);
}

/** Every language that {@link createLanguageDetector} knows. */
export const knownLanguages: readonly string[] = [
  ...Object.keys(languageSamples),
  ...scripts.flatMap(([, code]) => code ?? []),
].sort();
