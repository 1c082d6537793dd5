import { z } from 'zod';
import type { Json } from '../records/index.ts';
import { defineComparing, failed, scored } from './scorer-kind.ts';

/** Decimal, with commas between thousands or without, and not the end of a word such as `v2`. */
const numbers = /(?<![\p{L}\d.])[-+−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+|(?=\.\d))(?:\.\d+)?(?:[eE][-+]?\d+)?/gu;

const readNumber = (text: string) => Number(text.replaceAll(',', '').replace('−', '-'));

function findNumber(text: string, find: 'whole' | 'first' | 'last'): number | null {
  const trimmed = text.trim();
  const found = [...trimmed.matchAll(numbers)].map(([number]) => number);
  const chosen = find === 'last' ? found.at(-1) : found[0];
  if (chosen === undefined || (find === 'whole' && chosen !== trimmed)) return null;
  const value = readNumber(chosen);
  return Number.isFinite(value) ? value : null;
}

const expectedNumber = (expected: Json): number | null => {
  if (typeof expected === 'number') return expected;
  return typeof expected === 'string' ? findNumber(expected, 'whole') : null;
};

/** Whether |a − b| ≤ max(relative × the larger of |a| and |b|, absolute), as Python's `math.isclose` has it. */
export const isClose = (
  a: number,
  b: number,
  { relative, absolute }: { relative: number; absolute: number },
): boolean => a === b || Math.abs(a - b) <= Math.max(relative * Math.max(Math.abs(a), Math.abs(b)), absolute);

/** 1 when the number in the output is close enough to the expected one. */
export const numericKind = defineComparing(
  z.strictObject({
    absolute: z.number().min(0).default(0),
    relative: z.number().min(0).default(1e-9),
    find: z.enum(['whole', 'first', 'last']).default('whole'),
  }),
  ({ find, ...tolerance }) =>
    (output, expected) => {
      const wanted = expectedNumber(expected);
      if (wanted === null) return failed('the expected value is not a number');
      const actual = findNumber(output, find);
      if (actual === null)
        return scored(0, find === 'whole' ? 'the output is not a number' : 'no number in the output');
      return isClose(actual, wanted, tolerance)
        ? scored(1)
        : scored(0, `${actual} is off by ${Math.abs(actual - wanted)}`);
    },
);
