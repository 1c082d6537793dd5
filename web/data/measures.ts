import type { PairedResultBody } from '@wheelhouse/sdk';
import { dollars, seconds } from './format.ts';

type Unit = { value: (amount: number) => string; difference: (amount: number) => string };

const signed = (amount: number, text: string) => (amount > 0 ? `+${text}` : text);
const points = (amount: number) =>
  (amount * 100)
    .toFixed(1)
    .replace(/^-/, '−')
    .replace(/^−(0\.0)$/, '$1');

/** How numbers of a measure are written: scores and errors as shares, latency in seconds, cost in dollars. */
export function unitOf(measure: string): Unit {
  if (measure === 'latency') return { value: seconds, difference: (amount) => signed(amount, seconds(amount)) };
  if (measure === 'cost') return { value: dollars, difference: (amount) => signed(amount, dollars(amount)) };
  return {
    value: (amount) => `${points(amount)} %`,
    difference: (amount) => signed(Number((amount * 100).toFixed(1)), `${points(amount)} pp`),
  };
}

/** Of latency, cost and errors less is better. */
export const isLessBetter = (measure: string): boolean => ['latency', 'cost', 'errors'].includes(measure);

/** What is found of a measure. */
export type Finding = Pick<PairedResultBody, 'measure' | 'verdict' | 'difference' | 'low' | 'high'>;
/** One whose interval could be said. */
export type Settled<Found extends Finding = Finding> = Found & { difference: number; low: number; high: number };

export const hasInterval = <Found extends Finding>(result: Found): result is Settled<Found> =>
  result.difference !== null && result.low !== null && result.high !== null;

type Point = { x: number; y: number };

/** Those that no other one beats in both: less of x, more of y; by x. */
export function frontier<P extends Point>(points: readonly P[]): P[] {
  const found: P[] = [];
  for (const point of points.toSorted((a, b) => a.x - b.x || b.y - a.y))
    if (found.every((one) => one.y < point.y)) found.push(point);
  return found;
}
