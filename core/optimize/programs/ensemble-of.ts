import { type Candidate, ensemble, joinPath } from '../../program/index.ts';
import type { Offer } from '../bench.ts';
import { idOf } from '../ledger.ts';
import type { Optimizer } from '../optimizer.ts';

const different = (offers: readonly Offer[]): Candidate[] =>
  [...new Map(offers.map(({ candidate }) => [idOf(candidate), candidate] as const).reverse()).values()].reverse();

/**
 * Lets the best few candidates that another optimizer came to vote on every answer. Each call costs as much as all of them.
 * @param options.size how many
 */
export const ensembleOf = (optimizer: Optimizer, { size = 3 }: { size?: number } = {}): Optimizer => ({
  name: 'ensemble',
  options: { size, of: [optimizer.name, optimizer.options] },
  async search(bench) {
    await optimizer.search(bench);
    const chosen = different(bench.offers()).slice(0, size);
    if (chosen.length < 2) return undefined;
    const parts = chosen.flatMap((candidate, i) =>
      Object.entries(candidate).map(([path, tunables]) => {
        const name = `programs[${i}]`;
        return [path === '' ? name : joinPath(name, path), tunables] as const;
      }),
    );
    return {
      ...{ program: ensemble(chosen.map(() => bench.program)), shape: `ensemble ${chosen.length} ` },
      candidate: Object.fromEntries(parts),
    };
  },
});
