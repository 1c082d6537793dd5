import { describe, expect, it } from 'vitest';
import { checkCount, checkLines } from './check-lines.ts';
import { plainStyle } from './style.ts';
import { width } from './text.ts';

describe('the lines of a check', () => {
  it('stand in columns, with what to do below', () => {
    const check = { name: 'key', state: 'bad', text: 'It is wrong.', todo: 'Set the right one.' } as const;
    expect(checkLines(check, plainStyle)).toBe('  ✕ key        It is wrong.\n               → Set the right one.\n');
  });

  it('fit 80 columns, whatever is said', () => {
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
    const lines = checkLines({ name: 'spans out', state: 'warn', text: words, todo: words }, plainStyle).split('\n');
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(80);
    expect(lines.join(' ').match(/word59/g)).toHaveLength(2);
  });

  it('let nothing through that steers a terminal', () => {
    expect(
      checkLines({ name: 'spans', state: 'warn', text: 'bad \u001b[2J sample', todo: null }, plainStyle),
    ).not.toContain('\u001b');
  });

  it('are counted by state', () => {
    const check = { name: '', text: '', todo: null };
    expect(
      checkCount([
        { ...check, state: 'good' },
        { ...check, state: 'warn' },
      ]),
    ).toBe('2 checks: 1 ✓ · 1 ▲');
  });
});
