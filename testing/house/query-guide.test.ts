import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FieldInfo, fields, parseFilter } from '@wheelhouse/core/query';
import { describe, expect, it } from 'vitest';
import { root } from './read-repository.ts';

const page = readFileSync(join(root, 'docs', 'guides', 'query.md'), 'utf8');
const units = { time: 'time', usd: 'dollars', count: 'count' };
const takes: Record<FieldInfo['takes'], string> = {
  text: 'text',
  number: 'number',
  score: 'number or text',
  words: 'words',
  time: 'time',
  duration: 'time span',
  field: 'field',
};

describe('docs/guides/query.md', () => {
  it('tells of each field of the language what the language itself says of it, and of no other', () => {
    const section = page.slice(page.indexOf('## Fields'), page.indexOf('## On the command line'));
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const cells = rows.map((row) =>
      row
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
    const expected = fields.map((field) => [
      [field.name, ...field.aliases].map((name) => `\`${name}\``).join(' '),
      field.takes === 'number' && field.unit !== null ? units[field.unit] : takes[field.takes],
      field.about,
      `\`${field.example}\``,
    ]);
    expect(cells).toEqual(expected);
    for (const { values } of fields) for (const value of values ?? []) expect(section).toContain(`\`${value}\``);
  });

  it('shows only filters that are right', () => {
    const shown = /```text\n([\s\S]*?)```/.exec(page)?.[1]?.trim().split('\n') ?? [];
    const typed = [...page.matchAll(/wheelhouse trace \w+ '([^']+)'/g)].map(([, filter = '']) => filter);
    expect(shown.length).toBeGreaterThan(3);
    expect(typed.length).toBeGreaterThan(1);
    for (const filter of [...shown, ...typed]) expect([filter, parseFilter(filter).ok]).toEqual([filter, true]);
  });
});
