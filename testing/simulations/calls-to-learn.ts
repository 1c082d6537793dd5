import { compile, gepa, mipro, type Optimizer, randomSearch } from '@wheelhouse/core/optimize';
import { ruleTask } from '@wheelhouse/testing/fakes';
import { defineSimulation, type Estimate } from './simulation.ts';

type Cell = { id: string; rules: number };

const optimizers: Record<'gepa' | 'random' | 'mipro', () => Optimizer> = {
  gepa: () => gepa({ effort: 'heavy' }),
  random: () => randomSearch(),
  mipro: () => mipro({ effort: 'heavy' }),
};

/** The share of validation rows that counts as having learnt the task. */
const learnt = 0.9;
/** Of calls; who has not learnt the task by then would have taken more. */
const limit = 3000;

/**
 * Calls until a candidate gets so many validation rows right. A search that ends before is begun again with another seed, as
 * somebody would who wants it learnt.
 */
async function learn(make: () => Optimizer, { rules, seed }: { rules: number; seed: number }) {
  const heldOut = 10;
  const task = ruleTask({ seed, rules, labels: 4, train: 60, validation: 60, heldOut });
  const { train, validation, metric } = task;
  let spent = 0;
  for (let attempt = 0; spent < limit; attempt++) {
    const enough = new AbortController();
    let reachedAt: number | null = null;
    const { report } = await compile(
      task.program,
      {
        ...{ train, validation, heldOut: task.heldOut, metric, optimizer: make(), seed: seed + attempt },
        budget: { calls: limit - spent + heldOut },
        onEvent(event) {
          if (event.type !== 'scored' || event.scope !== 'validation' || event.score < learnt) return;
          reachedAt ??= event.spent.calls - heldOut;
          enough.abort(new Error('learnt'));
        },
      },
      { ...task.deps, world: { ...task.deps.world, signal: enough.signal } },
    );
    if (reachedAt !== null) return { calls: Math.min(limit, spent + reachedAt), learnt: 1 };
    // One that asked nothing would begin for ever.
    spent += Math.max(1, report.spent.search.calls);
  }
  return { calls: limit, learnt: 0 };
}

const clearlyAbove = (found: Estimate | undefined) => (found?.value ?? 0) > 3 * (found?.error ?? Infinity);

export const callsToLearn = defineSimulation<Cell>({
  name: 'calls-to-learn',
  about:
    'How many calls of a model GEPA, random search and MIPRO take until a candidate gets 90 % of the validation rows right, each on the same tasks, whose hidden rules the simulated student has to be told. A search that ends without is begun again; after 3000 calls it counts as 3000.',
  runs: 40,
  repeated: 0,
  cells: [4, 8, 12].map((rules) => ({ id: `${rules} rules`, rules })),
  async once({ rules }, uniform) {
    const seed = Math.floor(uniform() * 2 ** 31);
    const reflected = await learn(optimizers.gepa, { rules, seed });
    const random = await learn(optimizers.random, { rules, seed });
    const combined = await learn(optimizers.mipro, { rules, seed });
    return {
      'gepa calls': reflected.calls,
      'random calls': random.calls,
      'mipro calls': combined.calls,
      'gepa learnt': reflected.learnt,
      'random learnt': random.learnt,
      'mipro learnt': combined.learnt,
      'random less gepa': random.calls - reflected.calls,
      'mipro less gepa': combined.calls - reflected.calls,
    };
  },
  claims: [
    { says: 'GEPA learns the task on every seed', holds: (_, found) => found['gepa learnt']?.value === 1 },
    {
      says: 'GEPA needs fewer calls than random search and than MIPRO, by more than three standard errors of the difference',
      holds: (_, found) => clearlyAbove(found['random less gepa']) && clearlyAbove(found['mipro less gepa']),
    },
  ],
});
