import { type DriftRow, findDrift } from '@wheelhouse/core/watch';
import { normal } from './draws.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

type Change = { feature: string; change(row: DriftRow, u: Uniform): DriftRow };
type Cell = { id: string; runs?: number; rows: number; change: string | null; texts: boolean };

const questions = [
  'Where is my order?',
  'Can I return it?',
  'Do you ship to Norway?',
  'The lamp is broken.',
  'New address.',
];
const pick = <T>(u: Uniform, values: readonly T[]): T => values[Math.floor(u() * values.length)] as T;
const weighted = (u: Uniform, shares: readonly (readonly [string, number])[]): string => {
  let left = u();
  for (const [value, share] of shares) {
    left -= share;
    if (left < 0) return value;
  }
  return shares[0]?.[0] ?? '';
};

/** What a trace of a usual application tells. */
function drawRow(u: Uniform, at: number, texts: boolean): DriftRow {
  const long = Math.exp(5 + 0.7 * normal(u));
  return {
    ...{ id: `t${at}`, atMs: at, group: `t${at}` },
    numbers: {
      input_tokens: Math.round(Math.exp(6 + 0.5 * normal(u))),
      output_tokens: Math.round(long),
      latency: 300 + 8 * long * Math.exp(0.2 * normal(u)),
      'score.grounded': Math.min(1, Math.max(0, 0.8 + 0.2 * normal(u))),
    },
    labels: {
      model: weighted(u, [
        ['a', 0.7],
        ['b', 0.3],
      ]),
      language: weighted(u, [
        ['en', 0.7],
        ['de', 0.2],
        ['fr', 0.1],
      ]),
      status: u() < 0.02 ? 'error' : 'ok',
    },
    texts: texts ? { input: `${pick(u, questions)} ${pick(u, questions)} ${pick(u, questions)}` } : {},
  };
}

const withNumber = (row: DriftRow, name: string, by: (value: number) => number): DriftRow => ({
  ...row,
  numbers: { ...row.numbers, [name]: by(row.numbers[name] ?? 0) },
});
const changes: Record<string, Change> = {
  'answers half as long again': {
    feature: 'output_tokens',
    change: (row) => withNumber(row, 'output_tokens', (value) => Math.round(1.5 * value)),
  },
  'scores lower by 0.1': {
    feature: 'score.grounded',
    change: (row) => withNumber(row, 'score.grounded', (value) => Math.max(0, value - 0.1)),
  },
  'a sixth more in another language': {
    feature: 'language',
    change: (row, u) => (u() < 1 / 6 ? { ...row, labels: { ...row.labels, language: 'es' } } : row),
  },
  'five times as many fail': {
    feature: 'status',
    change: (row, u) => (u() < 0.08 ? { ...row, labels: { ...row.labels, status: 'error' } } : row),
  },
};

export const drift = defineSimulation<Cell>({
  name: 'drift',
  about:
    'How often findDrift names anything while nothing changed, and how often it names what changed, and anything else, of an application’s traces: so many before and so many after a planted change.',
  runs: 20_000,
  repeated: 3,
  cells: [
    ...[50, 200, 600].map((rows) => ({ id: `nothing, ${rows} rows`, rows, change: null, texts: false })),
    { id: 'nothing, with texts, 100 rows', rows: 100, change: null, texts: true },
    ...Object.keys(changes).flatMap((change) =>
      [50, 100, 200, 400, 600].map((rows) => ({
        id: `${change}, ${rows} rows`,
        runs: 2000,
        rows,
        change,
        texts: false,
      })),
    ),
  ],
  once: ({ rows, change, texts }, u) => {
    const made = change === null ? null : (changes[change] as Change);
    const before = Array.from({ length: rows }, (_, i) => drawRow(u, i, texts));
    const now = Array.from({ length: rows }, (_, i) => {
      const row = drawRow(u, rows + i, texts);
      return made === null ? row : made.change(row, u);
    });
    const drifted = findDrift(before, now, { seed: 1 }).filter((one) => one.drifted);
    const others = drifted.filter(({ name }) => name !== made?.feature).length;
    if (made === null) return { 'anything found': drifted.length > 0 ? 1 : 0 };
    return { found: drifted.length > others ? 1 : 0, 'anything else found': others > 0 ? 1 : 0 };
  },
  claims: [
    {
      says: 'while nothing changed, anything is found in at most 1 % (three standard errors allowed)',
      holds: ({ change }, { 'anything found': any }) =>
        change !== null || (any?.value ?? 1) <= 0.01 + 3 * Math.sqrt((0.01 * 0.99) / (any?.count ?? 1)),
    },
    {
      says: 'with 600 rows on both sides each change is found nine times in ten',
      holds: ({ change, rows }, { found }) => change === null || rows < 600 || (found?.value ?? 0) >= 0.9,
    },
  ],
});
