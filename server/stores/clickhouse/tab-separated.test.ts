import { expect, test } from 'vitest';
import { createRowEncoder, encodeRows, type Field } from './tab-separated.ts';

function encoded(columns: string[], rows: Record<string, Field>[]): string {
  const encoder = createRowEncoder(columns);
  for (const row of rows) encoder.add(row);
  return Buffer.concat(encoder.done().chunks).toString();
}

test('writes a row a line, in the order of the columns', () => {
  const rows = [
    { b: 'x', a: 1 },
    { a: 2n, b: '' },
  ];
  expect(encoded(['a', 'b'], rows)).toBe('1\tx\n2\t\n');
});

test('escapes what would end a field, and leaves JSON as it is', () => {
  expect(encoded(['t'], [{ t: 'a\tb\nc\\d\re\0f' }])).toBe('a\\tb\\nc\\\\d\\re\\0f\n');
  expect(encoded(['t'], [{ t: '{"a":"it\'s"}' }])).toBe('{"a":"it\'s"}\n');
});

test('tells null from the text that stands for it', () => {
  expect(encoded(['t'], [{ t: null }, { t: '\\N' }])).toBe('\\N\n\\\\N\n');
});

test('quotes texts inside of lists and maps, and nothing else there', () => {
  const row = { list: ["it's", 'a\nb', '\\'], map: { "k'": 1.5, n: 5n }, empty: [] };
  expect(encoded(['list', 'map', 'empty'], [row])).toBe("['it\\'s','a\\nb','\\\\']\t{'k\\'':1.5,'n':5}\t[]\n");
});

test('keeps every row whole, however many buffers they take', async () => {
  const texts = ['a', 'ü', '€', '\u{1f600}'].flatMap((letter) => [1, 90_000, 300_000].map((n) => letter.repeat(n)));
  const rows = Array.from({ length: 100 }, (_, n) => ({ n, t: texts[n % texts.length] ?? '' }));
  let asked = 0;
  const { columns, chunks } = await encodeRows(rows, () => {
    asked++;
    return null;
  });
  expect(columns).toEqual(['n', 't']);
  expect(chunks.length).toBeGreaterThan(10);
  expect(Buffer.concat(chunks).toString()).toBe(rows.map(({ n, t }) => `${n}\t${t}\n`).join(''));
  expect(asked).toBe(3);
});
