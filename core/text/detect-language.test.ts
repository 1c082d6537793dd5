import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createLanguageDetector, knownLanguages } from './detect-language.ts';

const rows = JSON.parse(
  readFileSync(new URL('../../testing/fixtures/scorers/languages.json', import.meta.url), 'utf8'),
) as { code: string; text: string }[];
const guide = readFileSync(new URL('../../docs/guides/scorers.md', import.meta.url), 'utf8');
const detect = createLanguageDetector();

describe('the language of a text', () => {
  test('is told on the committed sentences as often as the guide says, and of each language', () => {
    const wrong = rows.filter(({ code, text }) => detect(text)?.code !== code);
    const right = rows.length - wrong.length;
    const said = `${right} of ${rows.length} sentences in ${knownLanguages.length} languages`;
    const told = wrong.map(({ code, text }) => `${code} as ${detect(text)?.code}: ${text}`);
    expect(guide, `${said}\n${told.join('\n')}`).toContain(said);
    expect(right / rows.length).toBeGreaterThan(0.94);
    expect(new Set(rows.map(({ code }) => code))).toEqual(new Set(knownLanguages));
  });

  test('is not guessed where there are no letters', () => {
    for (const text of ['', ' \n', '42 + 7 = 49', '🎉', 'a', '{}']) expect(detect(text), text).toBeNull();
  });

  test('of most of a text counts', () => {
    expect(detect('Das Wort „weekend“ kommt aus dem Englischen, wo es schon lange üblich ist.')?.code).toBe('de');
    expect(detect('彼は東京大学の学生です')?.code).toBe('ja');
    expect(detect('这个 API 的 latency 很高')?.code).toBe('zh');
  });

  test('comes with how sure it is', () => {
    const sure = (text: string) => detect(text)?.confidence ?? 0;
    expect(sure('Where did you put the keys that I gave you this morning?')).toBeGreaterThan(0.99);
    expect(sure('Hotel')).toBeLessThan(0.8);
    for (const { text } of rows) expect(sure(text)).toBeGreaterThan(0);
  });
});
