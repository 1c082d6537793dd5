const longest = 300;

/** Where spaces, lines and signs may mean something, only the very same text asks the same. */
const needsCare = /[\n\t`{}[\]\\|;<>=*~^]| {2}|\p{Cc}/u;

/** Words that say nothing about what is asked. None that denies, compares, or says who, when, where or which. */
const fillers = new Set(['a', 'an', 'the', 'please', 'pls', 'kindly', 'is', 'are', 'do', 'does']);
const greeting =
  /^(?:hi|hello|hey)(?: there)?[,!.]? |^(?:can|could|would) you |^please,? |^(?:can|could) you please |^tell me /i;
const thanks = /[,.!?]? (?:please|thanks|thank you)[.!?]*$/i;
const asking =
  /^(?:what|who|whom|whose|when|where|which|why|how|is|are|do|does|did|was|were|can|could|should|will|would)\b/i;
const contractions = /\b(what|who|where|when|how|it|that|there|here)['’]s\b/gi;

/** A sign inside of a word, before it, or after it where it could be part of it, belongs to it: `-5`, `7:30`, `C++`, `5!`. */
function bareWord(word: string, question: boolean): string {
  const open = word.replace(/^["'“”‘’(]+/, '').replace(/["'“”‘’)]+$/, '');
  const closed = open.replace(/[.,:…]+$/, '').replace(/(?<=\p{L})!+$/u, '');
  return question ? closed.replace(/\?+$/, '') : closed;
}

/**
 * What a short text asks, without the words and signs that only change how: two texts with the same result ask the same.
 * Letters stay as large as they are but for the first of all, because `Polish` is not `polish`. null: nothing of this text may be
 * left out.
 */
export function looseWords(text: string): string | null {
  const given = text.normalize('NFKC').trim();
  if (given.length > longest || needsCare.test(given)) return null;
  let bare = given.replace(thanks, '');
  for (let before = ''; before !== bare; ) {
    before = bare;
    bare = bare.replace(greeting, '');
  }
  bare = bare.replace(contractions, '$1 is');
  const question = asking.test(bare) || asking.test(given);
  const words = bare.split(' ').map((word) => bareWord(word, question));
  const [first = '', ...rest] = words;
  const kept = [/^[A-Z][a-z]*$/.test(first) ? first.toLowerCase() : first, ...rest].filter(
    (word) => word !== '' && !fillers.has(word),
  );
  return kept.length < 2 ? null : kept.join(' ');
}
