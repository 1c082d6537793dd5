import { withCandidate } from '../../program/index.ts';
import { type Bench, type Built, type Offer, orOffer } from '../bench.ts';
import { shuffled } from '../draws.ts';
import type { Optimizer } from '../optimizer.ts';

/** Of the training rows, where there are no validation rows, for choosing between what the optimizers come to. */
const heldBack = 0.1;

/**
 * Lets optimizers go on with what the one before came to, on training rows in a new order, and keeps what scores best on the
 * validation rows after any of them (BetterTogether; Soylu et al. 2024). What builds a program anew can only be the last.
 */
export const inSequence = (optimizers: readonly Optimizer[]): Optimizer => ({
  name: 'in-sequence',
  options: { optimizers: optimizers.map(({ name, options }) => [name, options]) },
  async search(bench) {
    const count = bench.validation === null ? Math.max(1, Math.floor(bench.train.length * heldBack)) : 0;
    const rows = bench.validation ?? bench.train.slice(-count);
    const train = bench.train.length > count ? bench.train.slice(0, bench.train.length - count) : bench.train;
    let current = bench.base;
    bench.offer(current, (await bench.evaluate(current, rows)).score);
    let built: Built | undefined;
    for (const [i, optimizer] of optimizers.entries()) {
      const found: Offer[] = [];
      const ranked = () => [...found].sort((a, b) => (b.score ?? -1) - (a.score ?? -1));
      const inner: Bench = {
        ...bench,
        ...{ base: current, program: withCandidate(bench.program, current) },
        train: i === 0 ? train : shuffled(train, bench.draw(`order ${i}`)),
        draw: (name) => bench.draw(`${i} ${name}`),
        offer: (candidate, score) => void found.push({ candidate, score }),
        offers: ranked,
      };
      const offerSoFar = () => {
        const [best] = ranked();
        if (best && best.score !== null) bench.offer(best.candidate, best.score);
      };
      built = await orOffer(() => optimizer.search(inner), offerSoFar);
      const [best] = ranked();
      if (!best) continue;
      current = best.candidate;
      bench.offer(current, (await bench.evaluate(current, rows)).score);
    }
    return built;
  },
});
