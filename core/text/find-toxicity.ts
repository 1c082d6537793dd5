import { profaneWords, sexualWords, slurHashes, starredWords, toxicRules } from './toxic-words.ts';

export const toxicKinds = ['profanity', 'insult', 'sexual', 'threat', 'hate'] as const;
export type ToxicKind = (typeof toxicKinds)[number];

/** UTF-16 places, `end` behind it. */
export type ToxicFinding = { kind: ToxicKind; start: number; end: number };

/** A word, or a mark that ends a clause. */
type Token = { text: string; start: number; end: number };

const lookalikes: Record<string, string> = {
  '@': 'a',
  $: 's',
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
};

/** Small letters without accents; figures for letters only within a word; no letter more than twice in a row. */
function plain(word: string): string {
  const bare = word
    .normalize('NFKD')
    .replace(/[\p{M}'’`]/gu, '')
    .toLowerCase();
  const read = /\p{L}/u.test(bare) ? bare.replace(/[@$013457]/g, (one) => lookalikes[one] ?? one) : bare;
  return read.replace(/(.)\1{2,}/gu, '$1');
}

const piece =
  /(?<![\p{L}\p{N}])(?:\p{L}[ .\-_]){2,}\p{L}(?![\p{L}\p{N}])|[\p{L}\p{N}@$*'’`]+(?:-[\p{L}\p{N}]+)*|[.,;!?:\n]/gu;

/** Letters that stand apart, `f u c k`, are one word. */
const tokensOf = (text: string): Token[] =>
  [...text.matchAll(piece)].map(({ 0: found, index }) => {
    const isMark = /^[.,;!?:\n]$/.test(found);
    const joined = /^\p{L}[ .\-_]\p{L}[ .\-_]/u.test(found) ? found.replace(/[^\p{L}]/gu, '') : found;
    return { text: isMark ? (found === '\n' ? '.' : found) : plain(joined), start: index, end: index + found.length };
  });

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const isSlur = (word: string) =>
  slurHashes.has(hashOf(word)) || (word.endsWith('s') && slurHashes.has(hashOf(word.slice(0, -1))));

function isStarred(word: string): boolean {
  if (!/^\p{L}+\*[\p{L}*]*$/u.test(word) || word.length < 4) return false;
  const fits = (one: string) =>
    one.length === word.length && [...word].every((letter, i) => letter === '*' || letter === one[i]);
  return starredWords.some(fits);
}

/** What one word says by itself. */
function kindOfWord(word: string, extra: ReadonlySet<string>): ToxicKind | null {
  if (isSlur(word)) return 'hate';
  const isProfane = profaneWords.some((pattern) => pattern.test(word)) || isStarred(word) || extra.has(word);
  if (isProfane) return 'profanity';
  return sexualWords.test(word) ? 'sexual' : null;
}

/** Tokens with one blank between them, and which token each place of that text is in. */
function joined(tokens: readonly Token[]) {
  const starts: number[] = [];
  let text = '';
  for (const token of tokens) {
    text += text === '' ? '' : ' ';
    starts.push(text.length);
    text += token.text;
  }
  const tokenAt = (place: number): Token | undefined => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return tokens[low];
  };
  return { text, tokenAt };
}

/**
 * Hurtful language in English, by words and by rules over words: what they find and miss is in the guide. `extra` are
 * words of one's own, in small letters.
 */
export function findToxicity(text: string, extra: readonly string[] = []): ToxicFinding[] {
  const tokens = tokensOf(text);
  const own = new Set(extra.map(plain));
  const found = tokens.flatMap(({ text: word, start, end }): ToxicFinding[] => {
    const kind = kindOfWord(word, own);
    return kind === null ? [] : [{ kind, start, end }];
  });
  const line = joined(tokens);
  for (const [kind, rule] of Object.entries(toxicRules) as [keyof typeof toxicRules, RegExp][])
    for (const { 0: match, index } of line.text.matchAll(rule)) {
      const [first, last] = [line.tokenAt(index), line.tokenAt(index + match.trimEnd().length - 1)];
      if (first && last) found.push({ kind, start: first.start, end: last.end });
    }
  return found.sort((a, b) => a.start - b.start || toxicKinds.indexOf(b.kind) - toxicKinds.indexOf(a.kind));
}
