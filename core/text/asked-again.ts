/** What somebody asked: the text of the last message, and how many messages of the user it is. */
export type Asked = { text: string; turns: number };

/** In shares of the words that both have. */
const leastAlike = 0.65;
/** With fewer words, `yes` and `yes` say nothing. */
const leastWords = 3;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Words in small letters; of scripts without spaces, each two letters. */
function wordsOf(text: string): string[] {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return words.flatMap((word) => {
    if (!unspaced.test(word) || word.length < 3) return [word];
    const letters = [...word];
    return letters.slice(1).map((letter, i) => `${letters[i]}${letter}`);
  });
}

/** Long words carry what is asked, short ones hold it together. */
const weightOf = (word: string) => (unspaced.test(word) ? 1 : Math.min(word.length, 8) / 8) ** 2;

/** The same word, or another form of it. */
function areForms(a: string, b: string): boolean {
  if (a === b) return true;
  const longer = Math.max(a.length, b.length);
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  return same >= 4 && same >= 0.65 * longer;
}

/** How much of their words two texts share, the long ones counted more: 0 to 1. */
export function wordOverlap(a: string, b: string): number {
  const [ours, theirs] = [[...new Set(wordsOf(a))], new Set(wordsOf(b))];
  const total = [...ours, ...theirs].reduce((sum, word) => sum + weightOf(word), 0);
  let shared = 0;
  for (const word of ours) {
    const form = theirs.has(word) ? word : [...theirs].find((other) => areForms(word, other));
    if (form === undefined) continue;
    theirs.delete(form);
    shared += weightOf(word) + weightOf(form);
  }
  return total === 0 ? 0 : shared / total;
}

const plain = (text: string) => wordsOf(text).join(' ');

/**
 * Whether somebody asked again. `regenerated`: the very same, in the place of the answer that came; `rephrased`: the same or
 * nearly the same words, after it. Other words for the same question are not found.
 */
export function askedAgain(before: Asked, after: Asked): 'regenerated' | 'rephrased' | null {
  const isLong = wordsOf(before.text).length >= leastWords;
  if (after.turns === before.turns && plain(after.text) === plain(before.text))
    return isLong || before.turns > 1 ? 'regenerated' : null;
  return isLong && wordOverlap(before.text, after.text) >= leastAlike ? 'rephrased' : null;
}
