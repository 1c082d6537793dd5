import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { countText, readabilityFormulas, type TextCounts } from './readability.ts';
import { syllablesOf } from './syllables.ts';

type Row = { text: string; counts: Partial<TextCounts>; ari: number; coleman_liau: number };
type Fixture = {
  texts: Row[];
  formulas: ({ counts: Partial<TextCounts> } & Record<Judged, number>)[];
  syllables: Record<string, number[]>;
};
const judged = ['flesch_reading_ease', 'flesch_kincaid_grade', 'gunning_fog', 'smog'] as const;
type Judged = (typeof judged)[number];
const none: TextCounts = { sentences: 0, words: 0, chunks: 0, characters: 0, letters: 0, syllables: 0, complex: 0 };
const fixture = JSON.parse(
  readFileSync(new URL('../../../testing/fixtures/scorers/readability.json', import.meta.url), 'utf8'),
) as Fixture;

describe('readability', () => {
  test.each(fixture.texts)('counts $text as textstat does, and gives its ARI and Coleman–Liau', (row) => {
    const counts = countText(row.text);
    expect(counts).toMatchObject(row.counts);
    expect(readabilityFormulas.ari(counts)).toBeCloseTo(row.ari, 9);
    expect(readabilityFormulas.coleman_liau(counts)).toBeCloseTo(row.coleman_liau, 9);
  });

  test('has the formulas of textstat where syllables are given', () => {
    expect(fixture.formulas.length).toBeGreaterThan(30);
    for (const { counts, ...expected } of fixture.formulas)
      for (const name of judged)
        expect(readabilityFormulas[name]({ ...none, ...counts })).toBeCloseTo(expected[name], 9);
  });

  test('counts syllables as a dictionary does in 95 of 100 common words, and not too many nor too few in sum', () => {
    const words = Object.entries(fixture.syllables);
    const right = words.filter(([word, counts]) => counts.includes(syllablesOf(word))).length;
    const [ours, theirs] = words.reduce(
      ([a, b], [word, counts]) => [a + syllablesOf(word), b + (counts[0] ?? 0)],
      [0, 0],
    );
    expect(right / words.length).toBeGreaterThan(0.95);
    expect(Math.abs(ours / theirs - 1)).toBeLessThan(0.02);
  });
});
