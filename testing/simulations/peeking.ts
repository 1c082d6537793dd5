import {
  bettingInterval,
  type Interval,
  minimumSequence,
  mixtureInterval,
  type RunningMean,
} from '@wheelhouse/core/stats';
import { binomial, exponential, normal } from './draws.ts';
import { criticalValue } from './reference-methods.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

type Kind = { bounded: boolean; scale: number | null; truth: number; draw: (u: Uniform) => number };
type Cell = { id: string; kind: string; rows: number };

const kinds: Record<string, Kind> = {
  'right or wrong, 20 % of rows differ': {
    ...{ bounded: true, scale: null, truth: 0 },
    draw: (u) => (u() < 0.2 ? (u() < 0.5 ? 1 : -1) : 0),
  },
  'right or wrong, one side better by 10 pp': {
    ...{ bounded: true, scale: null, truth: 0.1 },
    draw: (u) => binomial(u, 1, 0.6) - binomial(u, 1, 0.5),
  },
  'graded scores': { bounded: true, scale: null, truth: 0, draw: (u) => 0.5 * (u() - u()) },
  'normal, scale known': { bounded: false, scale: 1, truth: 0, draw: normal },
  'normal, scale unknown': { bounded: false, scale: null, truth: 0, draw: normal },
  'exponential, scale unknown': { bounded: false, scale: null, truth: 1, draw: exponential },
  'seconds, scale unknown': {
    ...{ bounded: false, scale: null, truth: 0 },
    draw: (u) => Math.exp(0.7 * normal(u)) - Math.exp(0.7 * normal(u)),
  },
};

const risk = 0.05;
const rows = 1000;
const tunedFor = 200;

/** After each value: how many there are, their mean and variance. */
function* running(values: readonly number[]): Generator<RunningMean> {
  let [sum, squares] = [0, 0];
  for (const [i, value] of values.entries()) {
    sum += value;
    squares += value * value;
    const [count, mean] = [i + 1, sum / (i + 1)];
    yield { count, mean, variance: Math.max(0, squares / count - mean * mean) };
  }
}

/** Whether Student's interval, made anew after every fifth value, ever leaves the truth out: what peeking does to it. */
function plainMissed(values: readonly number[], truth: number): boolean {
  for (const { count, mean, variance } of running(values)) {
    if (count < minimumSequence || count % 5 !== 0) continue;
    if (Math.abs(mean - truth) > criticalValue(count - 1) * Math.sqrt(variance / (count - 1))) return true;
  }
  return false;
}

function mixtureMissed(values: readonly number[], { scale, truth }: Kind): boolean {
  for (const seen of running(values)) {
    const interval = mixtureInterval(seen, { risk, scale, tunedFor });
    if (interval && (truth < interval.low || truth > interval.high)) return true;
  }
  return false;
}

function atEnd(values: readonly number[], scale: number | null): Interval {
  const last = [...running(values)].at(-1) ?? { count: 0, mean: 0, variance: 0 };
  return mixtureInterval(last, { risk, scale, tunedFor }) ?? { low: -Infinity, high: Infinity };
}

export const peeking = defineSimulation<Cell>({
  name: 'peeking',
  about:
    'How often an interval that holds at all times ever leaves the true mean out, looked at after each of 1,000 values; beside it, the same of a plain 95 % interval looked at after every fifth. Bounded values: bettingInterval; others: mixtureInterval.',
  runs: 20_000,
  repeated: 8,
  cells: Object.keys(kinds).map((kind) => ({ id: kind, kind, rows })),
  once: (cell, uniform) => {
    const kind = kinds[cell.kind] as Kind;
    const values = Array.from({ length: cell.rows }, () => kind.draw(uniform));
    const { low, high } = kind.bounded
      ? bettingInterval(values, { low: -1, high: 1, risk })
      : atEnd(values, kind.scale);
    // The betting interval is the part that all the intervals before it share: it is wrong at the end if it ever was.
    const missed = kind.bounded ? kind.truth < low || kind.truth > high : mixtureMissed(values, kind);
    return { missed: missed ? 1 : 0, width: high - low, plainMissed: plainMissed(values, kind.truth) ? 1 : 0 };
  },
  claims: [
    { says: 'ever wrong in at most 5 %', holds: (_, { missed }) => missed !== undefined && missed.value <= risk },
    {
      says: 'a plain interval is wrong more often, which is why',
      holds: (_, { plainMissed }) => plainMissed !== undefined && plainMissed.value > 2 * risk,
    },
  ],
});
