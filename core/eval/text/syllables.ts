/** An `e` within a word that is silent, as in `movement` and `something`. */
const silentWithin =
  /(?<=[aeiouy][^aeiouy]{1,2})e(?=(?:ments?|ful(?:ly)?|less(?:ly|ness)?|ness|ly|tys?|hood|some|where|thing|time|body|one)$)/g;

/** `table`, `tables`: heard, though no other vowel is. */
const heardEnd = /(?<=[^aeioulry]l)es?$/;

/** Vowels side by side that are spoken apart, as in `giant`, `idea`, `being`, `prism`. */
const apart = new RegExp(
  [
    '(?<![tscxg])i(?:an|al|a$|o(?!u)|ous|ent|en[ct])',
    '(?<=[tscxg])i(?=o[^nu]|a(?![nlb]|te|r))',
    'iu[mt]',
    '(?<![gq])u(?:al|ate|ou|ent|ity|in[^t])',
    'eo(?!us|n|p|r$|u)',
    '[aeouy]ing',
    'iet',
    'ea(?=t(?:e|i|or))',
    'ism$',
    '(?<=[^aeiou])(?:rea|coo)(?=[cl])',
    'ie[rs]t$',
    '[aeiou]ya',
    'yo(?!u)',
    'ia(?=t)',
    'ius$',
  ].join('|'),
  'g',
);

function withoutSilentEnd(word: string): string {
  if (/[^td]ed$/.test(word)) return word.slice(0, -2);
  if (/es$/.test(word)) return /(?:[sxzcg]|ch|sh)es$/.test(word) ? word : word.slice(0, -2);
  return word.replace(/(?<=.[^aeiouy]|[aeou]u|g)e$/, '');
}

/** Syllables of an English word, by its groups of vowels; at least one. The guide says how often it is right. */
export function syllablesOf(word: string): number {
  const letters = word
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z]/g, '');
  if (letters.length <= 2) return 1;
  const spoken = letters.replace(silentWithin, '');
  const isHeard = heardEnd.test(spoken);
  const stem = isHeard ? spoken.replace(heardEnd, '') : withoutSilentEnd(spoken);
  const groups = stem.match(/[aeiouy]+/g)?.length ?? 0;
  return Math.max(1, groups + (isHeard ? 1 : 0) + (stem.match(apart)?.length ?? 0));
}
