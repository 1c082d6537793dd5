import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPii, passesLuhn, passesMod97, piiKinds } from './find-pii.ts';

type Row = { text: string; found: [kind: string, text: string][] };
const rows = JSON.parse(
  readFileSync(new URL('../../testing/fixtures/scorers/pii.json', import.meta.url), 'utf8'),
) as Row[];
const guide = readFileSync(new URL('../../docs/guides/scorers.md', import.meta.url), 'utf8');

const foundIn = (text: string) => findPii(text).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);

/** Of all places in all texts: a place counts when its kind and its text are right. */
function quality() {
  let [right, found, wanted] = [0, 0, 0];
  const faults: string[] = [];
  for (const row of rows) {
    const expected = row.found.map(([kind, text]) => `${kind} ${text}`);
    const actual = foundIn(row.text);
    const hits = actual.filter((one) => expected.includes(one));
    right += hits.length;
    found += actual.length;
    wanted += expected.length;
    for (const one of actual) if (!expected.includes(one)) faults.push(`found ${one}`);
    for (const one of expected) if (!actual.includes(one)) faults.push(`missed ${one}`);
  }
  return { precision: right / found, recall: right / wanted, found, wanted, faults };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

describe('personal data', () => {
  test('is found on the committed set as often, and as rightly, as the guide says', () => {
    const { precision, recall, wanted, faults } = quality();
    const said = `${wanted} places in ${rows.length} texts: precision ${percent(precision)}, recall ${percent(recall)}`;
    expect(guide, `${said}\n${faults.join('\n')}`).toContain(said);
    expect(precision).toBeGreaterThan(0.9);
    expect(recall).toBeGreaterThan(0.85);
  });

  test('of one kind can be looked for alone', () => {
    const text = 'kim@example.com from 203.0.113.9';
    expect(findPii(text, ['ip'])).toEqual([{ kind: 'ip', start: 21, end: 32 }]);
    expect(findPii('')).toEqual([]);
  });

  test('that is one thing is not found as two', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...rows.map((row) => row.text)), { maxLength: 6 }), (texts) => {
        const places = findPii(texts.join(' | '));
        for (const [i, { start, end, kind }] of places.entries()) {
          expect(end).toBeGreaterThan(start);
          expect(piiKinds).toContain(kind);
          expect(start).toBeGreaterThanOrEqual(places[i - 1]?.end ?? 0);
        }
      }),
    );
  });

  test('is looked for in time that grows with the text', () => {
    const long = ['1 ', 'a.', '1-', '00', '::', 'DE89 ', '+1 ', 'a@', '(02)'].map((piece) => piece.repeat(20_000));
    for (const text of long) expect(findPii(text).length).toBeGreaterThanOrEqual(0);
  });
});

test('a digit that is changed fails the check of a card', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[1-9]\d{14}$/), fc.nat(14), fc.integer({ min: 1, max: 9 }), (start, at, by) => {
      const whole = Array.from('0123456789', (digit) => start + digit).filter(passesLuhn);
      expect(whole).toHaveLength(1);
      const [card = ''] = whole;
      const changed = `${card.slice(0, at)}${(Number(card[at]) + by) % 10}${card.slice(at + 1)}`;
      expect(passesLuhn(changed)).toBe(false);
    }),
  );
});

test('an account number is checked by the rest of 97', () => {
  expect(passesMod97('GB82WEST12345698765432')).toBe(true);
  expect(passesMod97('GB82WEST12345698765431')).toBe(false);
  expect(passesMod97('GB82WEST123456987654-2')).toBe(false);
});
