import { type Candidate, type Demo, overlay } from '../../program/index.ts';
import type { JsonObject } from '../../records/index.ts';
import type { Bench } from '../bench.ts';
import { type Draw, shuffled } from '../draws.ts';
import { type BootstrapOptions, bootstrapping } from '../few-shot/bootstrap-few-shot.ts';
import { labelsOnly } from '../few-shot/demonstrations.ts';
import { shuffledBootstrap, unshuffledBootstrap } from '../few-shot/random-search.ts';
import { idOf } from '../ledger.ts';
import type { Optimizer } from '../optimizer.ts';
import type { SearchRow } from '../row.ts';
import { groundedInstructions } from './grounded-instructions.ts';
import { suggestChoice, type Trial } from './tpe.ts';
import { type Effort, efforts, trialCount } from './trial-count.ts';

export type MiproOptions = BootstrapOptions & {
  effort?: Effort;
  /** false: instructions alone are tuned, and demonstrations only help to write them. */
  demos?: boolean;
  /** Rows of a trial, where there are more than 50 validation rows. */
  minibatch?: number;
  /** After so many trials the best one that was not tried on all rows is. */
  fullEvery?: number;
};

const leastForMinibatches = 50;
const heldBack = 0.8;
const mostOfTraining = 1000;

type DemoSet = Record<string, readonly Demo[]>;
const demosOf = (bench: Bench, candidate: Candidate): DemoSet =>
  Object.fromEntries([...bench.predictors.keys()].map((path) => [path, candidate[path]?.demos ?? []]));

/** Without rows of its own, validation takes the last 80 % of those for training. */
export function splitForMipro(bench: Pick<Bench, 'train' | 'validation'>): {
  train: readonly SearchRow[];
  rows: readonly SearchRow[];
} {
  if (bench.validation !== null) return { train: bench.train, rows: bench.validation };
  const count = Math.min(mostOfTraining, Math.floor(bench.train.length * heldBack));
  const rows = count === 0 ? bench.train : bench.train.slice(-count);
  const train = bench.train.slice(0, bench.train.length - count);
  return { train: train.length === 0 ? bench.train : train, rows };
}

/** As many sets of demonstrations: none, labels only, bootstrapped in order, and bootstrapped of a drawn order and size. */
async function demoSets(bench: Bench, count: number, options: ReturnType<typeof bootstrapping>): Promise<DemoSet[]> {
  const sets: DemoSet[] = [demosOf(bench, bench.base)];
  if (count > 1) sets.push(demosOf(bench, labelsOnly(bench, options.maxLabeled)));
  if (count > 2) sets.push(demosOf(bench, await unshuffledBootstrap(bench, options)));
  for (let i = 3; i < count; i++) sets.push(demosOf(bench, await shuffledBootstrap(bench, options, `set ${i}`)));
  return sets;
}

type Space = { sizes: number[]; candidateOf(choice: readonly number[]): Candidate };

/** An instruction of each predictor, then a set of demonstrations of each. */
function spaceOf(bench: Bench, instructions: ReadonlyMap<string, string[]>, sets: readonly DemoSet[] | null): Space {
  const paths = [...bench.predictors.keys()];
  const own = paths.map((path) => instructions.get(path) ?? []);
  return {
    sizes: [...own.map(({ length }) => length), ...(sets ? paths.map(() => sets.length) : [])],
    candidateOf: (choice) =>
      overlay(
        bench.base,
        Object.fromEntries(
          paths.map((path, i) => {
            const text = own[i]?.[choice[i] ?? 0];
            const set = sets?.[choice[paths.length + i] ?? 0];
            return [
              path,
              { ...(text === undefined ? {} : { instructions: text }), ...(set ? { demos: set[path] ?? [] } : {}) },
            ];
          }),
        ),
      ),
  };
}

type Tried = { choice: readonly number[]; candidate: Candidate; sum: number; count: number };

/** Tries combinations on few rows, and every so often the best of them on all. */
async function searchSpace(
  bench: Bench,
  space: Space,
  {
    trials,
    rows,
    minibatch,
    fullEvery,
    draw,
  }: { trials: number; rows: readonly SearchRow[]; minibatch: number; fullEvery: number; draw: Draw },
): Promise<void> {
  const known: Trial[] = [];
  const tried = new Map<string, Tried>();
  const whole = new Set<string>();
  const inParts = rows.length > leastForMinibatches && minibatch < rows.length;
  const full = async (choice: readonly number[], candidate: Candidate) => {
    const { score } = await bench.evaluate(candidate, rows);
    whole.add(idOf(candidate));
    known.push({ choice, score });
    bench.offer(candidate, score);
  };
  await full(
    space.sizes.map(() => 0),
    space.candidateOf(space.sizes.map(() => 0)),
  );
  for (let t = 1; t <= trials; t++) {
    const choice = suggestChoice(known, space.sizes, draw);
    const candidate = space.candidateOf(choice);
    await bench.consider(candidate, { by: 'combination', parents: [bench.base] });
    if (!inParts) {
      await full(choice, candidate);
      continue;
    }
    const batch = shuffled(rows, draw).slice(0, minibatch);
    const { score } = await bench.evaluate(candidate, batch, 'minibatch');
    known.push({ choice, score });
    const one = tried.get(idOf(candidate)) ?? { choice, candidate, sum: 0, count: 0 };
    tried.set(idOf(candidate), { ...one, sum: one.sum + score, count: one.count + 1 });
    if (t % fullEvery !== 0 && t !== trials) continue;
    const [next] = [...tried]
      .filter(([id]) => !whole.has(id))
      .map(([, found]) => found)
      .sort((a, b) => b.sum / b.count - a.sum / a.count);
    if (next) await full(next.choice, next.candidate);
  }
}

/**
 * Writes instructions that know data and program, bootstraps sets of demonstrations, and searches for the combination that
 * scores best with a Parzen estimator (MIPROv2; Opsahl-Ong et al. 2024).
 */
export function mipro(given: MiproOptions = {}): Optimizer {
  const { effort = 'light', demos = true, minibatch = 35, fullEvery = 5, ...rest } = given;
  const options = bootstrapping({ maxLabeled: 4, ...rest });
  return {
    name: 'mipro',
    options: { ...(options as unknown as JsonObject), effort, demos, minibatch, fullEvery },
    async search(whole) {
      const { candidates, rows: mostRows } = efforts[effort];
      const split = splitForMipro(whole);
      const bench = { ...whole, train: split.train };
      const rows = shuffled(split.rows, bench.draw('rows')).slice(0, mostRows);
      const grounding = demos ? options : { ...options, maxBootstrapped: 3, maxLabeled: 0 };
      const sets = await demoSets(bench, candidates, grounding);
      const draw = bench.draw('mipro');
      const count = demos ? Math.floor(candidates / 2) : candidates;
      const instructions = await groundedInstructions(bench, { count, sets, draw });
      const space = spaceOf(bench, instructions, demos ? sets : null);
      const trials = trialCount(bench.predictors.size * (demos ? 2 : 1), candidates);
      await searchSpace(bench, space, { trials, rows, minibatch, fullEvery, draw });
      return undefined;
    },
  };
}
