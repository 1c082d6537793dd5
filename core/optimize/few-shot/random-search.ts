import type { Candidate } from '../../program/index.ts';
import type { JsonObject } from '../../records/index.ts';
import type { Bench } from '../bench.ts';
import { shuffled } from '../draws.ts';
import type { Optimizer } from '../optimizer.ts';
import { type BootstrapOptions, bootstrapping } from './bootstrap-few-shot.ts';
import { type Bootstrapping, bootstrap, labelsOnly, showing } from './demonstrations.ts';

/** Bootstraps with the rows in an order of its own, and of a size that is drawn. */
export async function shuffledBootstrap(bench: Bench, options: Bootstrapping, name: string): Promise<Candidate> {
  const draw = bench.draw(`bootstrap ${name}`);
  const rows = shuffled(bench.train, draw);
  const maxBootstrapped = 1 + Math.floor(draw() * options.maxBootstrapped);
  return showing(bench.base, await bootstrap(bench, { ...options, maxBootstrapped }, { rows, seed: name }));
}

export const unshuffledBootstrap = async (bench: Bench, options: Bootstrapping): Promise<Candidate> =>
  showing(bench.base, await bootstrap(bench, options, { rows: bench.train, seed: 'unshuffled' }));

/**
 * Bootstraps many times and keeps what scores best on the validation rows (of the training rows where there are none): the
 * program as it is, labels only, one bootstrap in order, and `candidates` of a drawn order and size.
 * @param given.stopAt a score that is good enough
 */
export function randomSearch(given: BootstrapOptions & { candidates?: number; stopAt?: number } = {}): Optimizer {
  const { candidates = 16, stopAt = 1, ...rest } = given;
  const options = bootstrapping(rest);
  return {
    name: 'random-search',
    options: { ...(options as unknown as JsonObject), candidates, stopAt },
    async search(bench) {
      const makers: [string, () => Candidate | Promise<Candidate>][] = [
        ['uncompiled', () => bench.base],
        ['labels', () => labelsOnly(bench, options.maxLabeled)],
        ['bootstrap', () => unshuffledBootstrap(bench, options)],
        ...Array.from({ length: candidates }, (_, i): [string, () => Promise<Candidate>] => [
          'bootstrap',
          () => shuffledBootstrap(bench, options, String(i)),
        ]),
      ];
      for (const [by, make] of makers) {
        const candidate = await make();
        await bench.consider(candidate, { by, parents: [bench.base] });
        const { score } = await bench.evaluate(candidate, bench.validation ?? bench.train);
        bench.offer(candidate, score);
        if (score >= stopAt) break;
      }
      return undefined;
    },
  };
}
