import { ruleTask } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { type CompileEvent, compile, mipro } from '../index.ts';
import type { SearchRow } from '../row.ts';
import { splitForMipro } from './mipro.ts';

const rowsOf = (count: number, split: SearchRow['split'] = 'train') =>
  Array.from({ length: count }, (_, i): SearchRow => ({ input: { i }, expected: i, key: String(i), split }));

describe('the search by combinations', () => {
  it('tries few rows at a time, and every fifth time the best combination that was not tried on all', async () => {
    const task = ruleTask({ seed: 4, rules: 6, train: 20, validation: 52, heldOut: 6 });
    const { train, validation, heldOut, metric, deps } = task;
    const events: CompileEvent[] = [];
    await compile(
      task.program,
      {
        ...{ train, validation, heldOut, metric, optimizer: mipro(), seed: 2, budget: { calls: 3000 } },
        onEvent: (event) => void events.push(event),
      },
      deps,
    );
    const scored = events.flatMap((event) => (event.type === 'scored' ? [event] : []));
    const kinds = scored.map(({ scope, rows }) => `${scope} ${rows}`);
    const [whole, part] = ['validation 52', 'minibatch 35'];
    const five = Array.from({ length: 5 }, () => part);
    expect(kinds).toEqual([whole, ...five, whole, ...five, whole]);
    const seen = scored.slice(1, 6);
    const mean = (id: string) => {
      const own = seen.filter((one) => one.id === id);
      return own.reduce((sum, { score }) => sum + score, 0) / own.length;
    };
    const others = seen.filter(({ id }) => id !== scored[0]?.id);
    expect(mean(scored[6]?.id ?? '')).toBe(Math.max(...others.map(({ id }) => mean(id))));
    const wholes = scored.filter(({ scope }) => scope === 'validation').map(({ id }) => id);
    expect(new Set(wholes).size).toBe(3);
  });

  it('takes the last 80 % of the training rows to choose by where there are no others', () => {
    const { train, rows } = splitForMipro({ train: rowsOf(10), validation: null });
    expect([train.map(({ key }) => key), rows.length]).toEqual([['0', '1'], 8]);
    expect(splitForMipro({ train: rowsOf(2000), validation: null }).rows).toHaveLength(1000);
    const given = splitForMipro({ train: rowsOf(3), validation: rowsOf(2, 'validation') });
    expect([given.train.length, given.rows.length]).toEqual([3, 2]);
    expect(splitForMipro({ train: rowsOf(1), validation: null }).rows).toHaveLength(1);
  });
});
