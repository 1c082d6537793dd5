import type { ScoreRow } from '@wheelhouse/core/stats';
import { binomial, exponential, normal } from './draws.ts';
import type { Uniform } from './simulation.ts';

/** A population of rows: how one is drawn, and the true mean of B − A. */
export type Shape = { bounded: boolean; truth: number; draw: (u: Uniform) => ScoreRow };

const row = (a: number, b: number): ScoreRow => ({ a: [a], b: [b] });
const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** Right or wrong on both sides; both hang on the row's own difficulty with probability `shared`. */
function binary(pA: number, pB: number, shared: number): Shape {
  return {
    bounded: true,
    truth: pB - pA,
    draw: (u) => {
      if (u() >= shared) return row(u() < pA ? 1 : 0, u() < pB ? 1 : 0);
      const difficulty = u();
      return row(difficulty < pA ? 1 : 0, difficulty < pB ? 1 : 0);
    },
  };
}

/** Each side answers a row so often, and is right with the row's own rate, which is that of the better of two draws. */
function clustered(repetitions: (u: Uniform) => number, worse: number): Shape {
  const answers = (u: Uniform, rate: number) => Array.from({ length: repetitions(u) }, () => binomial(u, 1, rate));
  return {
    bounded: true,
    truth: (-worse * 2) / 3,
    draw: (u) => {
      const rate = Math.max(u(), u());
      return { a: answers(u, rate), b: answers(u, rate * (1 - worse)) };
    },
  };
}

/** Scores that differ on some rows only, there by a uniform amount. */
const mostlyTies = (ties: number, from: number, to: number): Shape => ({
  bounded: true,
  truth: (1 - ties) * ((from + to) / 2),
  draw: (u) => (u() < ties ? row(0.5, 0.5) : row(0.5, 0.5 + from + (to - from) * u())),
});

const unbounded = (truth: number, difference: (u: Uniform) => number): Shape => ({
  bounded: false,
  truth,
  draw: (u) => row(0, difference(u)),
});

export const shapes = {
  'binary 10 % 20 %': binary(0.1, 0.2, 0.3),
  'binary 50 % 50 %': binary(0.5, 0.5, 0.3),
  'binary 50 % 60 %': binary(0.5, 0.6, 0.7),
  'binary 80 % 70 %': binary(0.8, 0.7, 0.5),
  'binary 90 % 95 %': binary(0.9, 0.95, 0.3),
  'graded, noise on both sides': {
    bounded: true,
    truth: 0,
    draw: (u) => {
      const middle = 0.3 + 0.4 * u();
      return row(clamp(middle + 0.08 * normal(u)), clamp(middle + 0.08 * normal(u)));
    },
  },
  'graded, half ties': mostlyTies(0.5, -0.35, 0.55),
  'graded, 80 % ties': mostlyTies(0.8, -0.35, 0.55),
  'graded, 80 % ties, gains only': mostlyTies(0.8, 0, 0.5),
  'graded, skewed': {
    bounded: true,
    truth: 1 / 7,
    // Beta(1, 6): many small gains, a few large.
    draw: (u) => row(0, 1 - u() ** (1 / 6)),
  },
  'clustered, three repetitions': clustered(() => 3, 0.1),
  'clustered, one to five repetitions': clustered((u) => 1 + Math.floor(5 * u()), 0.1),
  normal: unbounded(0.3, (u) => 0.3 + normal(u)),
  exponential: unbounded(1, exponential),
  'log-normal, σ = 0.5': unbounded(Math.exp(0.125), (u) => Math.exp(0.5 * normal(u))),
  'log-normal, σ = 1': unbounded(Math.exp(0.5), (u) => Math.exp(normal(u))),
  'seconds on both sides': {
    bounded: false,
    truth: 0.2 * Math.exp((0.36 + 0.25) / 2),
    draw: (u) => {
      const shared = 0.6 * normal(u);
      return row(Math.exp(shared + 0.5 * normal(u)), 1.2 * Math.exp(shared + 0.5 * normal(u)));
    },
  },
} satisfies Record<string, Shape>;

export type ShapeName = keyof typeof shapes;
export const shapeNames = Object.keys(shapes) as ShapeName[];
