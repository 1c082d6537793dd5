import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findToxicity, type ToxicKind } from './find-toxicity.ts';

type Row = { kind: ToxicKind | 'clean'; text: string };
const rows = JSON.parse(
  readFileSync(new URL('../../testing/fixtures/scorers/toxicity.json', import.meta.url), 'utf8'),
) as Row[];
const guide = readFileSync(new URL('../../docs/guides/scorers.md', import.meta.url), 'utf8');
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const kindsIn = (text: string) => findToxicity(text).map(({ kind }) => kind);

describe('hurtful language', () => {
  test('is found on the committed set as often, and as rightly, as the guide says', () => {
    const found = rows.filter(({ text }) => findToxicity(text).length > 0);
    const wanted = rows.filter(({ kind }) => kind !== 'clean');
    const right = found.filter(({ kind }) => kind !== 'clean');
    const [precision, recall] = [right.length / found.length, right.length / wanted.length];
    const faults = rows.flatMap(({ kind, text }) => {
      const isFound = findToxicity(text).length > 0;
      return isFound === (kind !== 'clean') ? [] : [`${isFound ? 'found' : 'missed'} (${kind}): ${text}`];
    });
    const said = `${wanted.length} hurtful texts of ${rows.length}: precision ${percent(precision)}, recall ${percent(recall)}`;
    expect(guide, `${said}\n${faults.join('\n')}`).toContain(said);
    expect(precision).toBeGreaterThan(0.9);
    expect(recall).toBeGreaterThan(0.8);
  });

  test('is told by kind, and by its place', () => {
    const text = 'Well. You absolute IDIOT, I will kill you!';
    const places = findToxicity(text).map(({ kind, start, end }) => [kind, text.slice(start, end)]);
    expect(places).toEqual([
      ['insult', 'You absolute IDIOT'],
      ['threat', 'I will kill you'],
    ]);
  });

  test('is seen through figures, stars, blanks and letters drawn out', () => {
    for (const text of ['sh1t', 'f u c k', 'f.u.c.k', 'fuuuuck', 'F*CK', 'Fück', 'bull$hit'])
      expect(kindsIn(text), text).toEqual(['profanity']);
  });

  test('may be words of one’s own', () => {
    expect(findToxicity('such a Muppet')).toEqual([]);
    expect(findToxicity('such a Muppet', ['muppet'])).toEqual([{ kind: 'profanity', start: 7, end: 13 }]);
  });

  test('is looked for in time that grows with the text', () => {
    for (const piece of ['you are such a ', 'women ', 'i will ', 'a ', 'f*', 'u ', 'you are so very ', 'f u c ', '-a'])
      expect(findToxicity(piece.repeat(5_000)).length).toBeGreaterThanOrEqual(0);
  });
});
