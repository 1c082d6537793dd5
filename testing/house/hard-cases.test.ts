import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

it('every hard case of docs/hard-cases.md has a test that is named after its number, where the page says', () => {
  const page = readFileSync(join(root, 'docs', 'hard-cases.md'), 'utf8');
  const rows = [...page.matchAll(/^\| +(\d+) \|.*\| ([^|]+) \|$/gm)].map(([, number = '', files = '']) => ({
    number: Number(number),
    files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  }));
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  for (const { number, files } of rows) {
    const named = new RegExp(`['"\`]${number}: `);
    expect([number, files.some((file) => named.test(readFileSync(join(root, file), 'utf8')))]).toEqual([number, true]);
  }
});
