import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fieldsOf, firstRecords, formatOf, previewOf, queryOf, type Roles } from './import-preview.ts';

const csv = 'question;answer;plan\n"Do you ship; to Norway?";Yes;pro\nWhy?;Because;free\n';

describe('a file before it is imported', () => {
  it('is known by its name', () => {
    expect(['a.csv', 'a.tsv', 'a.jsonl.gz', 'a.NDJSON', 'a.parquet', 'noname'].map(formatOf)).toEqual([
      'csv',
      'csv',
      'jsonl',
      'jsonl',
      'parquet',
      'jsonl',
    ]);
  });

  it('is read as the server reads it: any delimiter, any encoding, packed or not', async () => {
    const records = await firstRecords(new Blob([csv]), 'csv');
    expect(records).toEqual([
      { question: 'Do you ship; to Norway?', answer: 'Yes', plan: 'pro' },
      { question: 'Why?', answer: 'Because', plan: 'free' },
    ]);
    expect(await firstRecords(new Blob([gzipSync(csv)]), 'csv')).toEqual(records);
    expect(await firstRecords(new Blob([Buffer.from(`\uFEFF${csv}`, 'utf16le')]), 'csv')).toEqual(records);
    expect(await firstRecords(new Blob(['[{"a":1}]']), 'json')).toEqual([{ a: 1 }]);
  });

  it('is looked at by its first part alone, whatever its size', async () => {
    const line = `${JSON.stringify({ input: 'x'.repeat(1000) })}\n`;
    expect(await firstRecords(new Blob([line.repeat(2_000)]), 'jsonl')).toHaveLength(20);
  });

  it('becomes rows by the roles of its fields', async () => {
    const records = await firstRecords(new Blob([csv]), 'csv');
    expect(fieldsOf(records)).toEqual(['question', 'answer', 'plan']);
    const roles: Roles = { question: 'input', answer: 'expected', plan: 'split' };
    expect(queryOf(roles)).toEqual({ input: 'question', expected: 'answer', split: 'plan' });
    expect(previewOf(records, roles)[1]).toEqual({ input: 'Why?', expected: 'Because', error: null });
  });

  it('becomes rows by its shape where nothing is said, and says where it cannot', () => {
    expect(queryOf({ answer: 'expected' })).toEqual({});
    expect(previewOf([{ question: 'Why?', answer: 'Because' }, { plan: 'pro' }], {})).toEqual([
      { input: 'Why?', expected: 'Because', error: null },
      { error: expect.any(String) },
    ]);
  });
});
