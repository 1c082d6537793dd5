import { bootstrapFewShot, compile, gepa, mipro, type Optimizer, randomSearch } from '@wheelhouse/core/optimize';
import { ruleTask } from '@wheelhouse/testing/fakes';
import { defineSimulation, type Estimate, type Observation } from './simulation.ts';

type Cell = { id: string; optimizer: string };

const optimizers: Record<string, () => Optimizer> = {
  bootstrapFewShot: () => bootstrapFewShot(),
  randomSearch: () => randomSearch(),
  mipro: () => mipro({ effort: 'heavy' }),
  gepa: () => gepa({ effort: 'heavy' }),
};

/** The share of validation rows that counts as having learnt the task. */
const learnt = 0.9;

/** Compiles once on a rule world of its own. */
async function compileOnce(optimizer: string, seed: number): Promise<Observation> {
  const heldOut = 500;
  const task = ruleTask({ seed, rules: 8, labels: 4, train: 60, validation: 60, heldOut });
  let reachedAt: number | null = null;
  const { report } = await compile(
    task.program,
    {
      ...{ train: task.train, validation: task.validation, heldOut: task.heldOut, metric: task.metric },
      ...{ optimizer: (optimizers[optimizer] as () => Optimizer)(), seed, budget: { calls: 5000 } },
      onEvent(event) {
        if (event.type !== 'scored' || event.scope !== 'validation' || event.score < learnt) return;
        reachedAt ??= event.spent.calls - heldOut;
      },
    },
    task.deps,
  );
  const [score] = report.comparison ?? [];
  return {
    gain: score?.difference ?? 0,
    'beyond doubt': report.verdict === 'gain' ? 1 : 0,
    calls: report.spent.search.calls,
    learnt: reachedAt === null ? 0 : 1,
    // Where it was never learnt, all that was asked in vain: the truth is more.
    'calls to learn': reachedAt ?? report.spent.search.calls,
  };
}

const atLeast = (found: Estimate | undefined, value: number) => (found?.value ?? 0) - 2 * (found?.error ?? 1) >= value;

export const compiling = defineSimulation<Cell>({
  name: 'compiling',
  about:
    'What compiling gains on 500 rows held out of a task whose hidden rules the simulated student has to be told, against the program as it was, and after how many calls a candidate gets 90 % of the validation rows right.',
  runs: 20,
  repeated: 0,
  cells: Object.keys(optimizers).map((optimizer) => ({ id: optimizer, optimizer })),
  once: ({ optimizer }, uniform) => compileOnce(optimizer, Math.floor(uniform() * 2 ** 31)),
  claims: [
    {
      says: 'every optimizer gains at least 15 pp, and beyond doubt on every seed',
      holds: (_, { gain, 'beyond doubt': sure }) => atLeast(gain, 0.15) && sure?.value === 1,
    },
    {
      says: 'reflection on feedback learns the task on every seed, combinations of what the model writes unaided on none',
      holds: ({ optimizer }, { learnt: share }) =>
        (optimizer !== 'gepa' || share?.value === 1) && (optimizer !== 'mipro' || share?.value === 0),
    },
  ],
});
