import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf, readJson } from './json-place.ts';

const text = JSON.stringify(
  {
    flavor: 'chain',
    steps: [
      { id: 'a', do: 'x' },
      { id: 'b, "c": [', list: [1, [2]] },
    ],
  },
  null,
  2,
);
const lines = text.split('\n');
const lineWith = (piece: string) => lines.findIndex((line) => line.includes(piece)) + 1;

describe('a text of JSON', () => {
  it('says where it stops being JSON', () => {
    expect(readJson('{\n  "a": 1,\n  b\n}')).toMatchObject({ problem: { line: 3, column: 3 } });
    expect(readJson('{"a": 1')).toMatchObject({ problem: { line: 1 } });
    expect(readJson('{\n  "a": 1,\n  "b": oops\n}')).toMatchObject({ problem: { line: 3, column: 8 } });
    expect(readJson('{\n  "a": ,\n  "b": 2\n}')).toMatchObject({ problem: { line: 2, column: 8 } });
    expect(readJson('  ')).toEqual({ value: undefined });
  });

  it('never says more than it read', () => {
    fc.assert(
      fc.property(fc.string(), (any) => {
        const read = readJson(any);
        if ('problem' in read) expect(read.problem.line).toBeLessThanOrEqual(any.split('\n').length);
      }),
    );
  });

  it('finds the line of a member', () => {
    expect(lineOf(text, ['steps'])).toBe(lineWith('"steps"'));
    expect(lineOf(text, ['steps', '0', 'do'])).toBe(lineWith('"do"'));
    expect(lineOf(text, ['steps', '1'])).toBe(lineWith('b, ') - 1);
    expect(lineOf(text, ['steps', '1', 'list', '1', '0'])).toBe(lines.findIndex((line) => line.trim() === '2') + 1);
  });

  it('finds what should hold a member that is not there', () => {
    expect(lineOf(text, ['steps', '0', 'model'])).toBe(lineWith('"id": "a"') - 1);
    expect(lineOf(text, ['nothing'])).toBe(1);
  });
});
