import { tongues } from './tongues.ts';

/** Longer texts say too much that one vector does not show. */
const longest = 300;
const mostWords = 40;
/** Where spaces, lines and signs may mean something, only the very same text asks the same. */
const needsCare = /[\n\t`{}[\]\\|;<>=*~^@#&]| {2}|\p{Cc}|https?:/u;
/** What other alphabets say is not known here. */
const foreign = /(?!\p{Script=Latin})\p{L}/u;

type Tongue = {
  name: string;
  fillers: ReadonlySet<string>;
  /** What each of these words stands for. */
  facts: ReadonlyMap<string, string>;
};

const split = (words: string): string[] => words.split(/\s+/);

function calendarOf(name: string): string[] {
  const month = new Intl.DateTimeFormat(name, { month: 'long', timeZone: 'UTC' });
  const day = new Intl.DateTimeFormat(name, { weekday: 'long', timeZone: 'UTC' });
  const months = Array.from({ length: 12 }, (_, i) => month.format(Date.UTC(2024, i, 1)));
  const days = Array.from({ length: 7 }, (_, i) => day.format(Date.UTC(2024, 0, 1 + i)));
  return [...months, ...days].map((word) => word.toLowerCase().split('-', 1)[0] ?? '');
}

function readTongues(): Tongue[] {
  return Object.entries(tongues).map(([name, words]) => {
    const facts = new Map<string, string>();
    for (const item of split(`${words.asks} ${words.numbers} ${words.tells}`).concat(calendarOf(name))) {
      const [word = '', meaning = word] = item.split('=');
      facts.set(word, meaning);
    }
    for (const word of split(words.denies)) facts.set(word, '¬');
    const fillers = new Set(split(words.fillers));
    // `may` is a month only where it is written as a name.
    for (const word of fillers) facts.delete(word);
    return { name, fillers, facts };
  });
}

let known: readonly Tongue[] | null = null;

/** The language that most words of a text belong to; null: none that is known here. */
function tongueOf(words: readonly string[]): Tongue | null {
  known ??= readTongues();
  let best: Tongue | null = null;
  let most = 0;
  for (const tongue of known) {
    const count = words.filter((word) => tongue.fillers.has(word) || tongue.facts.has(word)).length;
    if (count > most) [best, most] = [tongue, count];
  }
  return best;
}

/** A number with its signs and a short unit after it, or a word. */
const piece =
  /[+-]?\p{Sc}?\p{N}[\p{L}\p{N}.,:/%°-]*\p{Sc}?(?: ?(?:[munkM]?[glmWA]|[km]?Wh|lb|oz|[GMkT]?B|°[CF]|%)\b)?|\p{L}[\p{L}\p{M}\p{N}]*(?:\.\p{L}+)*(?:\+\+)?/gu;
const hasDigit = /\p{N}/u;
const sentenceEnd = /(?:[.?!:]\s+|[¿¡"'“‘«(]\s*)$/u;

export type QuestionFacts = {
  /**
   * The language, numbers and names in their order, what is denied, who, when, where and how much is asked for, and words
   * whose opposite asks for something else: two questions that differ in it never have one answer.
   */
  facts: string;
  /** What is said, in its order, without words that say nothing. */
  said: string[];
  /** Which of it is no fact. */
  content: string[];
};

/** What a short question says; null: not enough of its words is known. */
export function questionFacts(text: string): QuestionFacts | null {
  const given = text.normalize('NFKC').trim();
  if (given.length === 0 || given.length > longest || needsCare.test(given) || foreign.test(given)) return null;
  const plain = given.replace(/\bcan['’]t\b/gi, 'can not').replace(/n['’]t\b/gi, ' not');
  const pieces = [...plain.matchAll(piece)].map((match) => ({
    text: match[0],
    opens: match.index === 0 || sentenceEnd.test(plain.slice(0, match.index)),
  }));
  if (pieces.length > mostWords) return null;
  const tongue = tongueOf(pieces.map((one) => one.text.toLowerCase()));
  if (tongue === null) return null;
  const names: string[] = [];
  const others: string[] = [];
  const content: string[] = [];
  const said: string[] = [];
  for (const { text: word, opens } of pieces) {
    const small = word.toLowerCase();
    const fact = tongue.facts.get(small);
    const isName = /\p{Lu}/u.test(opens || word === 'I' ? word.slice(1) : word);
    let meant = small;
    if (hasDigit.test(word)) {
      meant = small.replace(/[.,:/-]+$/, '').replaceAll(' ', '');
      names.push(meant);
    } else if (fact !== undefined) {
      meant = fact;
      others.push(fact);
    } else if (isName) names.push(small);
    else if (tongue.fillers.has(small)) continue;
    else content.push(small);
    said.push(meant);
  }
  return { facts: [tongue.name, ...names, '/', ...others.sort()].join(' '), said, content };
}

const leastShared = 4;
const mostEnding = 3;
const longestPrefix = 4;

/** The same word but for its ending. */
function sameWord(a: string, b: string): boolean {
  if (a === b) return true;
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared += 1;
  return shared >= leastShared && Math.max(a.length, b.length) - shared <= mostEnding;
}

type Words = { said: readonly string[]; content: readonly string[] };

/** `from euros to dollars` is not `from dollars to euros`. */
function isTurned(a: Words, b: Words): boolean {
  let last = -1;
  for (const word of a.said) {
    const at = b.said.findIndex((candidate, index) => index > last && sameWord(word, candidate));
    if (at >= 0) last = at;
    else if (b.said.some((candidate) => sameWord(word, candidate))) return true;
  }
  return false;
}

const besides = (a: Words, b: Words): string[] =>
  a.content.filter((word) => !b.content.some((candidate) => sameWord(word, candidate)));

/** `unlock` is not `lock`, nor `entsperren` `sperren`, nor `desbloquear` `bloquear`. */
function isOpposite(a: string, b: string): boolean {
  for (let prefix = 1; prefix <= longestPrefix; prefix++)
    if (sameWord(a.slice(prefix), b) || sameWord(b.slice(prefix), a)) return true;
  return false;
}

/**
 * How two questions of the same facts compare by their words. `other`: one says what the other does not; `against`: they say
 * the same in another order, or one a word that begins as the other's opposite does.
 */
export function compareWords(a: Words, b: Words): 'same' | 'other' | 'against' {
  if (isTurned(a, b) || isTurned(b, a)) return 'against';
  const [ofA, ofB] = [besides(a, b), besides(b, a)];
  if (ofA.some((word) => ofB.some((other) => isOpposite(word, other)))) return 'against';
  return ofA.length + ofB.length > 0 ? 'other' : 'same';
}
