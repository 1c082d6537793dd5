import { chooseLabels, correctedDifference, correctedScore, judgeDoubt, roganGladen } from '../../core/stats/index.ts';
import {
  type Pair,
  type Population,
  pairPopulations,
  type Row,
  ratePopulation,
  scorePopulations,
} from './judge-populations.ts';
import { defineSimulation, type Estimate, type GridCell, type Uniform } from './simulation.ts';

/** What one simulated dataset gave; null where the method refused. */
type Outcome = { estimate: number; low: number; high: number; raw: number; aloneWidth: number | null } | null;

type Cell = GridCell & { truth: number; draw: (u: Uniform) => Outcome };

type Corrected = ReturnType<typeof correctedScore>;

function outcomeOf({ estimate, interval, raw, labelsAlone }: Corrected): Outcome {
  if (estimate === null || interval === null || raw === null) return null;
  return { estimate, ...interval, raw, aloneWidth: labelsAlone && labelsAlone.high - labelsAlone.low };
}

const rows = <T>(count: number, draw: () => T) => Array.from({ length: count }, draw);

/** Rows come in no order, so the first of them are as good as any. */
function scoreCell(population: Population<Row>, { all, labels }: { all: number; labels: number }): Cell {
  return {
    id: `${population.name}; ${labels} labels of ${all} rows`,
    truth: population.truth,
    draw: (u) =>
      outcomeOf(
        correctedScore(
          rows(all, () => population.draw(u)).map(({ judge, person }, i) => ({
            judge,
            label: i < labels ? { value: person, probability: labels / all } : null,
          })),
        ),
      ),
  };
}

function chosenCell(population: Population<Row>, { all, labels }: { all: number; labels: number }): Cell {
  return {
    id: `${population.name}; ${labels} labels of ${all} rows, chosen by the judge's doubt`,
    truth: population.truth,
    draw: (u) => {
      const drawn = rows(all, () => population.draw(u));
      const doubts = drawn.map(({ judge }) => judgeDoubt(judge));
      const chosen = new Map(
        chooseLabels(doubts, { count: labels, seed: Math.floor(u() * 2 ** 31) }).map(({ index, probability }) => [
          index,
          probability,
        ]),
      );
      return outcomeOf(
        correctedScore(
          drawn.map(({ judge, person }, i) => {
            const probability = chosen.get(i);
            return { judge, label: probability === undefined ? null : { value: person, probability } };
          }),
        ),
      );
    },
  };
}

function pairCell(population: Population<Pair>, { all, labels }: { all: number; labels: number }): Cell {
  return {
    id: `${population.name}; ${labels} labels of ${all} rows`,
    truth: population.truth,
    draw: (u) =>
      outcomeOf(
        correctedDifference(
          rows(all, () => population.draw(u)).map(({ judgeA, judgeB, personA, personB }, i) => ({
            judgeA,
            judgeB,
            label: i < labels ? { value: { a: personA, b: personB }, probability: labels / all } : null,
          })),
        ),
      ),
  };
}

function rateCell({ all, ofEach }: { all: number; ofEach: number }): Cell {
  const { truth, sensitivity, specificity } = ratePopulation;
  const count = (u: Uniform, of: number, rate: number) => rows(of, u).filter((x) => x < rate).length;
  const passRate = truth * sensitivity + (1 - truth) * (1 - specificity);
  return {
    id: `Rogan–Gladen, ${ofEach} labels of each kind from elsewhere, ${all} rows`,
    truth,
    draw: (u) => {
      const judged = { count: count(u, all, passRate), of: all };
      const { estimate, interval, raw } = roganGladen(judged, {
        passed: { count: count(u, ofEach, sensitivity), of: ofEach },
        failed: { count: count(u, ofEach, specificity), of: ofEach },
      });
      return estimate === null || interval === null ? null : { estimate, ...interval, raw, aloneWidth: null };
    },
  };
}

const sizes = [{ all: 200, labels: 50 }, ...[30, 50, 100].map((labels) => ({ all: 500, labels }))];

const cells: Cell[] = [
  ...scorePopulations.flatMap((population) => sizes.map((size) => scoreCell(population, size))),
  ...scorePopulations.slice(3).map((population) => chosenCell(population, { all: 500, labels: 100 })),
  ...pairPopulations.flatMap((population) => sizes.map((size) => pairCell(population, size))),
  ...[50, 100].flatMap((ofEach) => [200, 500].map((all) => rateCell({ all, ofEach }))),
];

const seen = (found: Record<string, Estimate>, key: string) => found[key] ?? { value: Number.NaN, error: 0, count: 0 };

export const judgeCorrection = defineSimulation<Cell>({
  name: 'judge-correction',
  about:
    'Scores of a judge that is 10 pp off, corrected by at most 100 labels of people. Observed: the judge’s own mean − truth, the corrected mean − truth, whether the 95 % interval covers the truth, its width, and that of the labels alone.',
  runs: 20_000,
  repeated: 60,
  cells,
  once: ({ draw, truth }, u) => {
    const outcome = draw(u);
    if (outcome === null)
      return { refused: 1, rawBias: null, bias: null, covered: null, width: null, aloneWidth: null };
    const { estimate, low, high, raw, aloneWidth } = outcome;
    const covered = low <= truth && truth <= high ? 1 : 0;
    return { refused: 0, rawBias: raw - truth, bias: estimate - truth, covered, width: high - low, aloneWidth };
  },
  claims: [
    {
      says: 'the judge itself is off by 10 pp',
      holds: (_, found) => Math.abs(Math.abs(seen(found, 'rawBias').value) - 0.1) < 0.005,
    },
    {
      says: 'corrected, it is off by less than half a percentage point',
      holds: (_, found) => Math.abs(seen(found, 'bias').value) < 0.005,
    },
    {
      says: 'the interval covers the truth in 94 % or more, within the error of so many runs',
      holds: (_, found) => seen(found, 'covered').value + 3 * seen(found, 'covered').error >= 0.94,
    },
    {
      says: 'the judge makes the interval hardly ever wider than the labels alone',
      holds: (_, found) =>
        seen(found, 'aloneWidth').count === 0 || seen(found, 'width').value < 1.01 * seen(found, 'aloneWidth').value,
    },
    { says: 'hardly any sample is refused', holds: (_, found) => seen(found, 'refused').value < 0.001 },
  ],
});
