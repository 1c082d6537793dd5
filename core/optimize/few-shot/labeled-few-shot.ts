import type { Optimizer } from '../optimizer.ts';
import { labelsOnly } from './demonstrations.ts';

/** Shows every predictor up to `k` labelled rows, drawn by the seed. It asks no model. */
export const labeledFewShot = ({ k = 16 }: { k?: number } = {}): Optimizer => ({
  name: 'labeled-few-shot',
  options: { k },
  async search(bench) {
    const candidate = labelsOnly(bench, k);
    await bench.consider(candidate, { by: 'labels', parents: [bench.base] });
    bench.offer(candidate, null);
    return undefined;
  },
});
