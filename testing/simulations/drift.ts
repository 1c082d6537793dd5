import { type DriftRow, findDrift } from '@wheelhouse/core/watch';
import { normal } from './draws.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

type Change = { feature: string; change(row: DriftRow, u: Uniform): DriftRow };
type Cell = {
  id: string;
  runs?: number;
  rows: number;
  change: string | null;
  texts: boolean;
  /** Whether rows tell of tools, refusals and retrieval as well; and of meaning, where they have texts. */
  all?: true;
};

const questions = [
  'Where is my order?',
  'Can I return it?',
  'Do you ship to Norway?',
  'The lamp is broken.',
  'New address.',
];
const moreQuestions = [
  ...['My order has not arrived yet.', 'When is the parcel delivered?', 'Track the parcel, please.', 'Refund, please.'],
  ...['Can I return the lamp?', 'How do I return a chair?', 'I want a refund for the lamp.', 'Is shipping free?'],
];
const newQuestions = ['Send an invoice with VAT.', 'The invoice has no VAT number.', 'An invoice as PDF?', 'Invoice!'];
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

/** Steps of an agent, which mostly goes on with the tool that it began with. */
function drawTools(u: Uniform, pays: number): Record<string, number> {
  const calls = { search: 0, pay: 0, look_up: 0 };
  const usual = u() < pays ? 'pay' : u() < 0.5 ? 'search' : 'look_up';
  for (let steps = 1 + Math.floor(6 * u()); steps > 0; steps--) calls[u() < 0.8 ? usual : 'search']++;
  return calls;
}

/** A trace of an agent that looks things up. */
function drawAll(u: Uniform, at: number, texts: boolean): DriftRow {
  const { numbers, labels, ...row } = drawRow(u, at, false);
  const asked = [...questions, ...moreQuestions];
  return {
    ...row,
    numbers: {
      ...numbers,
      ...{ 'retrieval.score': 0.7 + 0.1 * normal(u), 'retrieval.documents': 3 + Math.floor(3 * u()) },
    },
    labels: { ...labels, refusal: u() < 0.01 ? 'content_filter' : null },
    mixes: { tool_mix: drawTools(u, 0.3) },
    texts: texts ? { input: `${pick(u, asked)} ${pick(u, asked)}` } : {},
    ...(texts ? { vectors: { input_meaning: Array.from({ length: 6 }, () => normal(u)) } } : {}),
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

/** Of these rows tell all, and of the last one texts, which takes longer. */
const changesOfAll: Record<string, Change> = {
  'retrieval scores lower by half a spread': {
    feature: 'retrieval.score',
    change: (row) => withNumber(row, 'retrieval.score', (value) => value - 0.05),
  },
  'one in ten refused, after one in a hundred': {
    feature: 'refusal',
    change: (row, u) => (u() < 0.09 ? { ...row, labels: { ...row.labels, refusal: 'content_filter' } } : row),
  },
  'twice as many begin with one tool': {
    feature: 'tool_mix',
    change: (row, u) => ({ ...row, mixes: { tool_mix: drawTools(u, 0.6) } }),
  },
  'a tenth asks about something new': {
    feature: 'topic',
    change: (row, u) =>
      u() < 0.1 ? { ...row, texts: { input: `${pick(u, newQuestions)} ${pick(u, newQuestions)}` } } : row,
  },
};
const cellsOfAll = Object.entries(changesOfAll).flatMap(([change, { feature }]) =>
  [50, 100, 200, 400].map((rows): Cell => {
    const texts = feature === 'topic';
    return { id: `${change}, ${rows} rows`, runs: texts ? 500 : 2_000, rows, change, texts, all: true };
  }),
);

export const drift = defineSimulation<Cell>({
  name: 'drift',
  about:
    'How often findDrift names anything while nothing changed, and how often it names what changed, and anything else, of an application’s traces: so many before and so many after a planted change.',
  runs: 20_000,
  repeated: 2,
  cells: [
    ...[50, 200, 600].map((rows) => ({ id: `nothing, ${rows} rows`, rows, change: null, texts: false })),
    { id: 'nothing of all, 200 rows', rows: 200, change: null, texts: false, all: true },
    { id: 'nothing of all, with texts, 100 rows', runs: 5_000, rows: 100, change: null, texts: true, all: true },
    ...Object.keys(changes).flatMap((change) =>
      [50, 100, 200, 400, 600].map((rows) => ({
        id: `${change}, ${rows} rows`,
        runs: 2000,
        rows,
        change,
        texts: false,
      })),
    ),
    ...cellsOfAll,
  ],
  once: ({ rows, change, texts, all }, u) => {
    const made = change === null ? null : ((changes[change] ?? changesOfAll[change]) as Change);
    const draw = all ? drawAll : drawRow;
    const before = Array.from({ length: rows }, (_, i) => draw(u, i, texts));
    const now = Array.from({ length: rows }, (_, i) => {
      const row = draw(u, rows + i, texts);
      return made === null ? row : made.change(row, u);
    });
    const drifted = findDrift(before, now, { seed: 1 }).filter((one) => one.drifted);
    // What people ask is seen in its letters as well as in its topic.
    const isOf = (name: string) => name === made?.feature || (made?.feature === 'topic' && name === 'input');
    const others = drifted.filter(({ name }) => !isOf(name)).length;
    if (made === null) return { 'anything found': drifted.length > 0 ? 1 : 0 };
    const isFound = drifted.some(({ name }) => name === made.feature);
    return { found: isFound ? 1 : 0, 'anything else found': others > 0 ? 1 : 0 };
  },
  claims: [
    {
      says: 'while nothing changed, anything is found in at most 1 % (three standard errors allowed)',
      holds: ({ change }, { 'anything found': any }) =>
        change !== null || (any?.value ?? 1) <= 0.01 + 3 * Math.sqrt((0.01 * 0.99) / (any?.count ?? 1)),
    },
    {
      says: 'with 600 rows on both sides each change is found nine times in ten, with 400 of those that rows of all tell',
      holds: ({ change, rows, all }, { found }) =>
        change === null || rows < (all ? 400 : 600) || (found?.value ?? 0) >= 0.9,
    },
  ],
});
