import { createHash } from 'node:crypto';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Uniform in (0, 1). */
export type Uniform = () => number;

/** What one simulated run showed: 0 or 1 for what happened or not, an amount, or null where it says nothing. */
export type Observation = Record<string, number | null>;

/** One point of the grid; `id` names it in results. `runs`: fewer than the simulation's, where those tell enough. */
export type GridCell = { id: string; runs?: number };

/** Mean over the runs that said something, and its standard error. */
export type Estimate = { value: number; error: number; count: number };

export type Simulation<Cell extends GridCell = GridCell> = {
  name: string;
  /** What is simulated, in a sentence or two. */
  about: string;
  /** Simulated runs of each cell in the committed results. */
  runs: number;
  /** Runs of each cell that the test repeats; 0: too much for it, and a test of its own tries a smaller one. */
  repeated: number;
  cells: readonly Cell[];
  once: (cell: Cell, uniform: Uniform) => Observation | Promise<Observation>;
  /** What the committed results have to show. */
  claims: readonly { says: string; holds: (cell: Cell, found: Record<string, Estimate>) => boolean }[];
};

export type SimulationResults = {
  simulation: string;
  about: string;
  command: string;
  seed: number;
  runs: number;
  versions: Record<string, string>;
  cells: { cell: GridCell; found: Record<string, Estimate> }[];
};

/** A cell of a simulation without its type: a grid is walked by code that knows only ids. */
export const defineSimulation = <Cell extends GridCell>(simulation: Simulation<Cell>): Simulation =>
  simulation as unknown as Simulation;

/** The same draws for the same simulation, cell and seed, whatever else is run. */
export function uniformOf(seed: number, ...names: string[]): Uniform {
  const hash = createHash('sha256')
    .update([seed, ...names].join(' '))
    .digest();
  const generator = xoroshiro128plus(hash.readInt32BE(0));
  return () => ((generator.next() >>> 0) + 0.5) / 4294967296;
}

export async function simulate(
  simulation: Simulation,
  cell: GridCell,
  { runs: most, seed }: { runs: number; seed: number },
): Promise<Record<string, Estimate>> {
  const uniform = uniformOf(seed, simulation.name, cell.id);
  const runs = Math.min(most, cell.runs ?? most);
  const sums = new Map<string, { count: number; sum: number; squares: number }>();
  for (let run = 0; run < runs; run++) {
    const seen = simulation.once(cell, uniform);
    for (const [key, value] of Object.entries(seen instanceof Promise ? await seen : seen)) {
      const sum = sums.get(key) ?? { count: 0, sum: 0, squares: 0 };
      sums.set(key, sum);
      if (value === null) continue;
      sum.count++;
      sum.sum += value;
      sum.squares += value * value;
    }
  }
  const rounded = (value: number) => Number(value.toPrecision(8));
  return Object.fromEntries(
    [...sums].map(([key, { count, sum, squares }]) => {
      const value = count === 0 ? 0 : sum / count;
      const variance = count === 0 ? 0 : Math.max(0, squares / count - value * value);
      return [key, { value: rounded(value), error: rounded(Math.sqrt(variance / Math.max(1, count))), count }];
    }),
  );
}
