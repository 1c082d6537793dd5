import type { ComparisonRowBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { inputText, worseRows } from './worst-rows.ts';

const cell = (score: number | null): ComparisonRowBody['a'][number] => ({
  repetition: 0,
  output: 'x',
  error: null,
  scores: { exact: score === null ? { ok: false, error: 'no' } : { ok: true, score, reason: null } },
  latencyNs: '1',
  costNanoUsd: null,
  traceId: 'a'.repeat(32),
});
const row = (exampleId: string, a: (number | null)[], b: (number | null)[]): ComparisonRowBody => ({
  exampleId,
  input: exampleId,
  expected: '',
  erasedAt: null,
  a: a.map(cell),
  b: b.map(cell),
});

describe('worseRows', () => {
  it('keeps rows that got worse, the worst first, by means over the scored repetitions', () => {
    const rows = [
      row('same', [1], [1]),
      row('better', [0], [1]),
      row('a bit', [1, 1], [1, 0]),
      row('much', [1], [0]),
      row('failed repetition', [1], [null, 0.75]),
      row('no score', [1], [null]),
    ];
    expect(worseRows(rows, 'exact').map(({ exampleId, b }) => [exampleId, b])).toEqual([
      ['much', 0],
      ['a bit', 0.5],
      ['failed repetition', 0.75],
    ]);
  });
});

describe('inputText', () => {
  it('takes text as it is, the last message of a conversation, and JSON of the rest', () => {
    expect(inputText('Hello')).toBe('Hello');
    expect(
      inputText({
        messages: [
          { role: 'system', content: 'x' },
          { role: 'user', content: 'Do you ship?' },
        ],
      }),
    ).toBe('Do you ship?');
    expect(inputText({ city: 'Oslo' })).toBe('{"city":"Oslo"}');
    expect(inputText(null)).toBe('null');
  });
});
