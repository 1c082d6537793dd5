import { expect, test } from 'vitest';
import { encodeRows } from './tab-separated.ts';

test('writes a row a line, in the order of the columns', () => {
  const rows = [
    { b: 'x', a: 1 },
    { a: 2n, b: '' },
  ];
  expect(encodeRows(['a', 'b'], rows)).toBe('1\tx\n2\t\n');
});

test('escapes what would end a field, and leaves JSON as it is', () => {
  expect(encodeRows(['t'], [{ t: 'a\tb\nc\\d\re\0f' }])).toBe('a\\tb\\nc\\\\d\\re\\0f\n');
  expect(encodeRows(['t'], [{ t: '{"a":"it\'s"}' }])).toBe('{"a":"it\'s"}\n');
});

test('tells null from the text that stands for it', () => {
  expect(encodeRows(['t'], [{ t: null }, { t: '\\N' }])).toBe('\\N\n\\\\N\n');
});

test('quotes texts inside of lists and maps, and nothing else there', () => {
  const row = { list: ["it's", 'a\nb', '\\'], map: { "k'": 1.5, n: 5n }, empty: [] };
  expect(encodeRows(['list', 'map', 'empty'], [row])).toBe("['it\\'s','a\\nb','\\\\']\t{'k\\'':1.5,'n':5}\t[]\n");
});
