import type { Candidate, Demo } from '../../program/index.ts';
import type { JsonObject } from '../../records/index.ts';
import { orOffer } from '../bench.ts';
import type { Optimizer } from '../optimizer.ts';
import { type Bootstrapping, bootstrap, showing } from './demonstrations.ts';

export type BootstrapOptions = Partial<Bootstrapping>;

export const bootstrapping = (given: BootstrapOptions): Bootstrapping => ({
  ...{ maxBootstrapped: 4, maxLabeled: 16, maxRounds: 1, threshold: null, teacher: {} },
  ...given,
});

/**
 * Lets runs that the metric accepts show every predictor what to do: one label at the end becomes a demonstration of each
 * step.
 */
export function bootstrapFewShot(given: BootstrapOptions = {}): Optimizer {
  const options = bootstrapping(given);
  return {
    name: 'bootstrap-few-shot',
    options: options as unknown as JsonObject,
    async search(bench) {
      const found: Record<string, Demo[]> = {};
      const offer = (candidate: Candidate) => bench.offer(candidate, null);
      await orOffer(
        () => bootstrap(bench, options, { rows: bench.train, seed: 'unshuffled' }, found),
        () => offer(showing(bench.base, found)),
      );
      const candidate = showing(bench.base, found);
      await bench.consider(candidate, { by: 'bootstrap', parents: [bench.base] });
      offer(candidate);
      return undefined;
    },
  };
}
