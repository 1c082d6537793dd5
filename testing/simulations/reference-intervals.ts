import { type Interval, normalQuantile } from '@wheelhouse/core/stats';
import { type ShapeName, shapeNames, shapes } from './paired-shapes.ts';
import { referenceIntervals, studentInterval } from './reference-methods.ts';
import { defineSimulation, type Observation } from './simulation.ts';

type Cell = { id: string; shape: ShapeName; rows: number };

const sizes = [20, 35, 50, 100, 200, 500, 1000];
const resamples = 499;
/** Beyond it, bootstraps of a mean and Student's t differ by less than simulations show. */
const resampledUpTo = 200;

/** The adjusted Wald interval of Bonett & Price (2012), for scores of any grade. */
function adjustedWald(values: readonly number[]): Interval {
  const n = values.length + 2;
  const centre = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + value * value, 0) + 2;
  const reach = normalQuantile(0.975) * Math.sqrt((squares / n - centre * centre) / n);
  return { low: centre - reach, high: centre + reach };
}

export const referenceIntervalsSimulation = defineSimulation<Cell>({
  name: 'reference-intervals',
  about:
    'How often the 95 % intervals that others use hold the true mean difference, and their mean widths; up to 200 rows those of the bootstrap too, with 499 resamples. A width of 1e6 stands for an interval without end.',
  runs: 2000,
  repeated: 10,
  cells: shapeNames.flatMap((shape) => sizes.map((rows) => ({ id: `${shape}, ${rows} rows`, shape, rows }))),
  once: ({ shape, rows }, uniform) => {
    const { bounded, truth, draw } = shapes[shape];
    const values = Array.from({ length: rows }, () => {
      const { a, b } = draw(uniform);
      const mean = (side: readonly number[]) => side.reduce((sum, value) => sum + value, 0) / side.length;
      return mean(b) - mean(a);
    });
    const found: Record<string, Interval> =
      rows > resampledUpTo ? { student: studentInterval(values) } : referenceIntervals(values, resamples, uniform);
    const all = bounded ? { ...found, adjustedWald: adjustedWald(values) } : found;
    const seen: Observation = {};
    for (const [name, { low, high }] of Object.entries(all)) {
      seen[`${name} covered`] = low <= truth + 1e-12 && truth - 1e-12 <= high ? 1 : 0;
      seen[`${name} width`] = Number.isFinite(high - low) ? high - low : 1e6;
    }
    return seen;
  },
  claims: [],
});
