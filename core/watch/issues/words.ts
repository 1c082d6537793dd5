/** They stand in all kinds of questions. */
const common = new Set(
  `a about after again all also am an and any are as at be because been before but by can cannot cant could did do does
  doesnt dont for from get give got had has have hello help her hey hi him his how i if im in into is isnt it its ive just
  know let like make may me more my need no not now of off on once one only or our out please say should so some tell than
  thank thanks that thats the their them then there these they this to too us use very want was we were what whats when
  where which who why will with wont would yes you your`.split(/\s+/),
);

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const longestStem = 6;

function pairsOf(word: string): string[] {
  const letters = [...word];
  return letters.length < 2 ? [word] : letters.slice(1).map((letter, i) => `${letters[i]}${letter}`);
}

/**
 * The words of a text that tell what it is about, in small letters, each once, as they come. Of scripts without spaces pairs
 * of letters stand for words.
 */
export function tellingWords(text: string): string[] {
  const all = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(?<=\p{L})['’](?=\p{L})/gu, '')
    .match(/[\p{L}\p{M}\p{N}]+/gu);
  const words = (all ?? []).flatMap((word) => (unspaced.test(word) ? pairsOf(word) : [word]));
  return [...new Set(words.filter((word) => !common.has(word) && !/^\p{N}+$/u.test(word)))];
}

/** What inflected forms of a word have in common, roughly: its beginning. */
export const stemOf = (word: string): string => word.replace(/(?<=\p{L}{3})(?:es|s)$/u, '').slice(0, longestStem);
