// biome-ignore lint/suspicious/noControlCharactersInRegex: the reference implementations split at these separators, too
const space = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
const spaceAtEnd = new RegExp(`${space.source}$`, 'u');

/** The words between white space, as Python's `str.split()` finds them. */
export const splitWords = (text: string): string[] => text.split(space).filter((word) => word !== '');

/** Without white space at the end, as Python's `str.rstrip()` leaves it. */
export const trimEnd = (text: string): string => text.replace(spaceAtEnd, '');

const entities: readonly [string, string][] = [
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
];

/** Characters that mteval and Tercom write as XML, read one kind after the other, as they do. */
export const unescapeXml = (text: string): string =>
  entities.reduce((line, [entity, character]) => line.replaceAll(entity, character), text);

/** Marks of ASCII but `'`, `,`, `-` and `.`, which are looked at with their neighbours. */
const marks = /([{-~[-` -&(-+:-@/])/gu;

/** The rules for Western languages that mteval-v13a and Tercom share. */
export function separateMarks(text: string, betweenSteps: (text: string) => string = (same) => same): string {
  return betweenSteps(text.replace(marks, ' $1 '))
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ');
}

export type Tokenizer = '13a' | 'intl' | 'char' | 'none';

function tokenize13a(text: string): string[] {
  const line = text.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  return splitWords(separateMarks(` ${unescapeXml(line)} `));
}

function tokenizeIntl(text: string): string[] {
  const apart = text.replace(/(\P{N})(\p{P})/gu, '$1 $2 ').replace(/(\p{P})(\P{N})/gu, ' $1 $2');
  return splitWords(apart.replace(/(\p{S})/gu, ' $1 '));
}

const tokenizers: Record<Tokenizer, (text: string) => string[]> = {
  '13a': tokenize13a,
  intl: tokenizeIntl,
  char: (text) => [...text].filter((character) => !space.test(character)),
  none: splitWords,
};

/** Words of a segment as sacreBLEU's tokenizer of that name makes them; white space at the end is cut first. */
export const tokenize = (text: string, tokenizer: Tokenizer): string[] => tokenizers[tokenizer](trimEnd(text));

/** How often each run of `n` items occurs; items hold no line feed, or are single characters. */
export function countNgrams(items: readonly string[], n: number, glue = '\n'): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + n <= items.length; start++) {
    const ngram = items.slice(start, start + n).join(glue);
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

export const total = (counts: Map<string, number>): number => {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
};

/** Size of the intersection of two multisets. */
export function shared(a: Map<string, number>, b: Map<string, number>): number {
  let sum = 0;
  for (const [item, count] of a) sum += Math.min(count, b.get(item) ?? 0);
  return sum;
}

/** Item by item; the lists are as long as each other. */
export const addUp = (rows: readonly (readonly number[])[]): number[] =>
  rows.reduce<number[]>((sums, row) => row.map((value, at) => value + (sums[at] ?? 0)), []);
