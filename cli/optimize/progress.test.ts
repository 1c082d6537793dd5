import { type CompileEvent, candidateHash } from '@wheelhouse/sdk/program';
import { describe, expect, it } from 'vitest';
import { plainStyle } from '../output/style.ts';
import { optimizationProgress } from './progress.ts';

const program = { '': { instructions: 'Answer.' } };
const spent = (calls: number, costNanoUsd: bigint | null = BigInt(calls) * 1_000_000n) => ({
  ...{ calls, costNanoUsd, tokens: null, minutes: calls / 100 },
});
const scored = (id: string, score: number, calls: number) =>
  ({ type: 'scored', id, scope: 'validation', score, rows: 4, n: 0, spent: spent(calls) }) as CompileEvent;

function seen(live: boolean, events: CompileEvent[]): string {
  let text = '';
  let ms = 0;
  const err = (piece: string) => {
    text += piece;
  };
  const terminal = { out: () => {}, err, outStyle: plainStyle, errStyle: plainStyle, live };
  const progress = optimizationProgress(terminal, { calls: 100, costNanoUsd: 1_000_000_000n }, () => ms);
  for (const event of events) {
    progress.see(event);
    ms += 10_000;
  }
  progress.end();
  return text;
}

const began = { type: 'began', train: 4, validation: 4, heldOut: 4, program, n: 0, spent: spent(0) } as CompileEvent;
const events = [
  began,
  scored(candidateHash(program), 0.25, 4),
  scored('other', 0.2, 8),
  scored('better', 0.75, 20),
  { type: 'stopped', reason: 'done', message: '', n: 0, spent: spent(24) } as CompileEvent,
];

describe('the progress of an optimization', () => {
  it('is a line per tenth and per better candidate where it is piped', () => {
    expect(seen(false, events).split('\n')).toEqual([
      '    4 %  best 25.0 % (was 25.0 %)  4 of 100 calls  $0.00400 of $1.00',
      '   20 %  best 75.0 % (was 25.0 %)  20 of 100 calls  $0.0200 of $1.00',
      '',
    ]);
  });

  it('is one line on a terminal: a bar, what is spent, the best score, and how long it takes at most', () => {
    const lines = seen(true, events).split('\r\u001b[2K');
    expect(lines.at(-2)).toMatch(/^ {2}██▉ +at most 2m07s {2}best 75.0 % \(was 25.0 %\) {2}24 of 100 calls/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
    expect(lines.at(-1)).toBe('');
  });

  it('does not say a price that it does not know', () => {
    expect(seen(true, [{ ...scored('a', 1, 50), spent: spent(50, null) } as CompileEvent])).toContain('cost unknown');
  });
});
