import { type MarginClaim, marginVerdict, type ScoreRow } from '@wheelhouse/core/stats';
import { binomial, normal } from './draws.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

type Kind = { bounded: boolean; draw: (u: Uniform, difference: number) => ScoreRow };
type Cell = { id: string; kind: string; rows: number; difference: number; claim: MarginClaim['claim'] };

const margin = 0.05;
const risk = 0.05;

const kinds: Record<string, Kind> = {
  'right or wrong': {
    bounded: true,
    draw: (u, difference) => {
      if (u() < 0.5) return { a: [binomial(u, 1, 0.8)], b: [binomial(u, 1, 0.8 + difference)] };
      const difficulty = u();
      return { a: [difficulty < 0.8 ? 1 : 0], b: [difficulty < 0.8 + difference ? 1 : 0] };
    },
  },
  'graded scores': {
    bounded: true,
    draw: (u, difference) => {
      const middle = 0.4 + 0.2 * u();
      return { a: [middle + 0.08 * normal(u)], b: [middle + difference + 0.08 * normal(u)] };
    },
  },
};

/** The worst case of each claim: the truth lies at the margin itself. */
const truths: { claim: MarginClaim['claim']; difference: number }[] = [
  { claim: 'not_lower', difference: -margin },
  { claim: 'not_higher', difference: margin },
  { claim: 'equivalent', difference: margin },
  { claim: 'equivalent', difference: 0 },
];

export const margins = defineSimulation<Cell>({
  name: 'margins',
  about:
    'How often marginVerdict says held and failed, at a margin of 5 pp and a risk of 5 %, where the truth lies at the margin (either word is then a mistake of its own kind) and where both sides are alike.',
  runs: 20_000,
  repeated: 60,
  cells: Object.keys(kinds).flatMap((kind) =>
    [50, 200, 1000].flatMap((rows) =>
      truths.map(({ claim, difference }) => ({
        id: `${kind}, ${claim}, truth ${difference * 100} pp, ${rows} rows`,
        ...{ kind, rows, difference, claim },
      })),
    ),
  ),
  once: ({ kind, rows, difference, claim }, uniform) => {
    const { bounded, draw } = kinds[kind] as Kind;
    const sample = Array.from({ length: rows }, () => draw(uniform, difference));
    const { state } = marginVerdict(sample, { claim, margin }, { bounded, risk });
    return { held: state === 'held' ? 1 : 0, failed: state === 'failed' ? 1 : 0 };
  },
  claims: [
    {
      says: 'at the margin, held and failed are each said in at most 5 % (half a percentage point allowed)',
      holds: ({ difference }, { held, failed }) =>
        difference === 0 || ((held?.value ?? 1) <= risk + 0.005 && (failed?.value ?? 1) <= risk + 0.005),
    },
  ],
});
