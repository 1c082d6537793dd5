import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type BleuOptions, corpusBleu, type Segment, sentenceBleu } from './bleu.ts';
import { type ChrfOptions, corpusChrf, sentenceChrf } from './chrf.ts';
import { meteor } from './meteor.ts';
import { porterStem } from './porter.ts';
import { type RougeKind, rouge } from './rouge.ts';
import { corpusTer, sentenceTer, type TerOptions } from './ter.ts';

/** Computed by sacreBLEU, rouge-score and NLTK; `testing/fixtures/scorers/make.py` makes them. */
function read<T>(name: string): T[] {
  const url = new URL(`../../../testing/fixtures/scorers/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: T[] }).cases;
}

type ByOptions = Record<string, number>;
type Scores = { bleu: ByOptions; chrf: ByOptions; ter: ByOptions };
type Pair = Segment & {
  expected: Scores & { meteor: number } & Record<'rouge' | 'rougeStemmed', Record<string, [number, number, number]>>;
};
type Corpus = { outputs: string[]; references: string[][]; expected: Scores };

const pairs = read<Pair>('pairs');
const corpora = read<Corpus>('corpora').map(({ outputs, references, expected }) => ({
  segments: outputs.map((output, at): Segment => ({ output, references: references[at] ?? [] })),
  expected,
}));

const bleus: Record<string, BleuOptions> = {
  default: {},
  lowercase: { lowercase: true },
  intl: { tokenize: 'intl' },
  char: { tokenize: 'char' },
  none: { tokenize: 'none' },
  floor: { smooth: 'floor' },
  'add-k': { smooth: 'add-k' },
  unsmoothed: { smooth: 'none' },
};
const chrfs: Record<string, ChrfOptions> = {
  chrf: {},
  'chrf++': { wordOrder: 2 },
  lowercase: { lowercase: true },
  whitespace: { whitespace: true },
};
const ters: Record<string, TerOptions> = {
  default: {},
  normalized: { normalized: true },
  noPunctuation: { noPunctuation: true },
  caseSensitive: { caseSensitive: true },
};

/** Every case by its texts, so that a failure shows them all. */
function expectAll<T extends { expected: unknown }>(cases: T[], ours: (one: T) => number, theirs: (one: T) => number) {
  const off = cases.filter((one) => !(Math.abs(ours(one) - theirs(one)) <= 1e-9));
  expect(off.map((one) => ({ ...one, expected: theirs(one), ours: ours(one) }))).toEqual([]);
}

test('there are hundreds of pairs', () => {
  expect(pairs.length).toBeGreaterThan(400);
  expect(corpora.length).toBeGreaterThan(15);
});

describe.each(Object.entries(bleus))('BLEU, %s', (name, options) => {
  test('of segments is sacreBLEU’s', () =>
    expectAll(
      pairs,
      (one) => sentenceBleu(one, options),
      ({ expected }) => expected.bleu[name] as number,
    ));
  test('of corpora is sacreBLEU’s', () =>
    expectAll(
      corpora,
      (one) => corpusBleu(one.segments, options),
      ({ expected }) => expected.bleu[name] as number,
    ));
});

describe.each(Object.entries(chrfs))('chrF, %s', (name, options) => {
  test('of segments is sacreBLEU’s', () =>
    expectAll(
      pairs,
      (one) => sentenceChrf(one, options),
      ({ expected }) => expected.chrf[name] as number,
    ));
  test('of corpora is sacreBLEU’s', () =>
    expectAll(
      corpora,
      (one) => corpusChrf(one.segments, options),
      ({ expected }) => expected.chrf[name] as number,
    ));
});

describe.each(Object.entries(ters))('TER, %s', (name, options) => {
  test('of segments is sacreBLEU’s', () =>
    expectAll(
      pairs,
      (one) => sentenceTer(one, options),
      ({ expected }) => expected.ter[name] as number,
    ));
  test('of corpora is sacreBLEU’s', () =>
    expectAll(
      corpora,
      (one) => corpusTer(one.segments, options),
      ({ expected }) => expected.ter[name] as number,
    ));
});

const kinds: [RougeKind, string][] = [
  ['rouge_1', 'rouge1'],
  ['rouge_2', 'rouge2'],
  ['rouge_l', 'rougeL'],
  ['rouge_lsum', 'rougeLsum'],
];
describe.each(kinds)('%s', (kind, theirName) => {
  test.each([false, true])('is rouge-score’s, stemmed: %s', (stem) => {
    const theirs = ({ expected }: Pair) => expected[stem ? 'rougeStemmed' : 'rouge'][theirName] ?? [];
    const parts = ['precision', 'recall', 'fmeasure'] as const;
    for (const [at, part] of parts.entries())
      expectAll(
        pairs,
        (one) => rouge(kind, one, { stem })[part],
        (one) => theirs(one)[at] as number,
      );
  });
});

test('METEOR with exact and stem matches is NLTK’s without WordNet', () =>
  expectAll(pairs, meteor, ({ expected }) => expected.meteor));

test('stems are those of NLTK’s Porter stemmer', () => {
  const words = read<[string, string]>('porter');
  expect(words.length).toBeGreaterThan(1000);
  expect(words.filter(([word, stem]) => porterStem(word) !== stem).map(([word]) => [word, porterStem(word)])).toEqual(
    [],
  );
});
