import { estimateMean, minimumRows, pairedDifference } from '@wheelhouse/core/stats';
import { type ShapeName, shapeNames, shapes } from './paired-shapes.ts';
import { defineSimulation, type Observation } from './simulation.ts';

type Cell = { id: string; shape: ShapeName; rows: number };

const sizes = [20, 35, 50, 100, 200, 500, 1000];
/** Left out for the time that thousands of answers a run take; three repetitions at that size are there. */
const isQuick = (shape: ShapeName, rows: number) => shape !== 'clustered, one to five repetitions' || rows <= 500;
const cells = shapeNames.flatMap((shape) =>
  sizes.filter((rows) => isQuick(shape, rows)).map((rows): Cell => ({ id: `${shape}, ${rows} rows`, shape, rows })),
);

export const pairedCoverage = defineSimulation<Cell>({
  name: 'paired-coverage',
  about:
    'How often the 95 % interval of pairedDifference holds the true mean difference, how often it is refused for want of rows, and its mean width.',
  runs: 20_000,
  repeated: 25,
  cells,
  once: ({ shape, rows }, uniform): Observation => {
    const { bounded, truth, draw } = shapes[shape];
    if (rows < minimumRows({ bounded })) return { refused: 1, covered: null, width: null };
    const sample = Array.from({ length: rows }, () => draw(uniform));
    // Of seconds the interval is that of the differences' mean, which needs no test to be made beside it.
    const interval = bounded
      ? pairedDifference(sample, { bounded, seed: 1 }).interval
      : estimateMean(
          sample.map(({ a, b }) => (b[0] ?? 0) - (a[0] ?? 0)),
          { bounded },
        ).interval(0.95);
    return {
      refused: interval === null ? 1 : 0,
      covered: interval && (interval.low <= truth + 1e-12 && truth - 1e-12 <= interval.high ? 1 : 0),
      width: interval && interval.high - interval.low,
    };
  },
  claims: [
    {
      says: 'covers at least 94 % (two standard errors allowed), or is refused',
      holds: (_, { covered, refused }) =>
        refused?.value === 1 || (covered !== undefined && covered.value + 2 * covered.error >= 0.94),
    },
    {
      says: 'only seconds and dollars on fewer than 35 rows are refused',
      holds: ({ shape, rows }, { refused }) => refused?.value === (!shapes[shape].bounded && rows < 35 ? 1 : 0),
    },
  ],
});
