import { ruleTask } from '@wheelhouse/testing/fakes';
import { expect, it } from 'vitest';
import { compile, gepa, type Optimizer, randomSearch } from './index.ts';

/** The simulation `compiling` does the same at length. */
async function learn(optimizer: Optimizer, seed: number) {
  const { program, train, validation, heldOut, metric, deps } = ruleTask({ seed, rules: 8, train: 60, heldOut: 100 });
  let reachedAt: number | null = null;
  const { report } = await compile(
    program,
    {
      ...{ train, validation, heldOut, metric, optimizer, seed, budget: { calls: 5000 } },
      onEvent(event) {
        if (event.type === 'scored' && event.scope === 'validation' && event.score >= 0.9)
          reachedAt ??= event.spent.calls - heldOut.length;
      },
    },
    deps,
  );
  const [score] = report.comparison ?? [];
  return { low: score?.low ?? -1, gain: score?.difference ?? 0, calls: reachedAt ?? report.spent.search.calls };
}

it('is learnt from feedback with at least 15 pp to gain, and in fewer calls than at random', async () => {
  const calls = { gepa: 0, random: 0 };
  for (const seed of [11, 12]) {
    const [reflected, random] = [await learn(gepa({ effort: 'heavy' }), seed), await learn(randomSearch(), seed)];
    for (const { low, gain } of [reflected, random]) {
      expect(low).toBeGreaterThan(0);
      expect(gain).toBeGreaterThan(0.15);
    }
    calls.gepa += reflected.calls;
    calls.random += random.calls;
  }
  expect(calls.gepa).toBeLessThan(calls.random);
});
