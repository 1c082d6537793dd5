import { describe, expect, it } from 'vitest';
import { densityOf } from './density.ts';
import type { TreeRow } from './span-tree.ts';
import { createTimeScale } from './time-scale.ts';

const row = (startNs: number, lengthNs: number, below = 0, status = 'ok') =>
  ({ span: { status }, startNs, lengthNs, below }) as TreeRow;

describe('the density of a trace', () => {
  it('counts the innermost spans that run in each stretch', () => {
    const rows = [row(0, 100, 2), row(0, 35), row(20, 10)];
    expect(densityOf(rows, createTimeScale(100), 10).running).toEqual([1, 1, 2, 2, 0, 0, 0, 0, 0, 0]);
  });

  it('marks where a span failed: at its end', () => {
    const { failed } = densityOf([row(0, 100, 1), row(10, 45, 0, 'error')], createTimeScale(100), 10);
    expect(failed.indexOf(true)).toBe(5);
  });

  it('has a stretch for the shortest span', () => {
    expect(densityOf([row(99, 0)], createTimeScale(100), 10).running.at(-1)).toBe(1);
  });
});
