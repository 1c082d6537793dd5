import { costSchemas } from '@wheelhouse/core/contract';
import type { DailyCost } from '@wheelhouse/core/ports';
import { defaultProjectId } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCatalogue } from './genai-prices.ts';
import { createReconcileHandlers } from './reconcile.ts';

const catalogue = openCatalogue();
const day = '2026-01-02';
const cost = (model: string, usd: number | null, more: Partial<DailyCost> = {}): DailyCost => ({
  ...{ day, provider: 'openai', model, calls: 10, unpriced: usd === null ? 10 : 0 },
  costNanoUsd: usd === null ? null : BigInt(Math.round(usd * 1e9)),
  ...more,
});

async function reconcile(ours: DailyCost[], content: string, provider?: string) {
  const daily = async (_: unknown, { from, until }: { from: string; until: string }) =>
    ours.filter((one) => one.day >= from && one.day <= until);
  const handlers = createReconcileHandlers({ costs: { daily }, catalogue });
  const answer = await handlers.reconcileBill({
    ...{ by: { project: defaultProjectId, actor: 'ada' }, params: {}, query: undefined },
    body: { content, ...(provider === undefined ? {} : { provider }) },
  });
  expect(costSchemas.reconciliation.parse(answer)).toEqual(answer);
  return answer;
}

const csv = (...lines: string[]) => ['date,model,usd', ...lines].join('\n');
const rowsOf = (answer: Awaited<ReturnType<typeof reconcile>>) =>
  answer.rows.map((row) => [
    ...[row.day, row.model, row.oursNanoUsd, row.billNanoUsd, row.residualNanoUsd, row.calls, row.unpriced],
  ]);

describe('a reconciliation', () => {
  it('gives ours, the bill and the residual for each model and day, with what has no price', async () => {
    const ours = [
      cost('gpt-4o', 2),
      cost('gpt-9', null),
      cost('gpt-4o', 1, { day: '2026-01-03', calls: 3, unpriced: 1 }),
      cost('gpt-4o', 9, { day: '2026-01-05' }),
    ];
    const answer = await reconcile(ours, csv(`${day},gpt-4o,2.5`, '2026-01-03,gpt-4o,1', `${day},gpt-9,0.25`));
    expect(rowsOf(answer)).toEqual([
      [day, 'gpt-4o', '2000000000', '2500000000', '500000000', 10, 0],
      [day, 'gpt-9', null, '250000000', '250000000', 10, 10],
      ['2026-01-03', 'gpt-4o', '1000000000', '1000000000', '0', 3, 1],
    ]);
    expect(answer).toMatchObject({
      ...{ from: day, until: '2026-01-03', calls: 23, unpriced: 11 },
      ...{ oursNanoUsd: '3000000000', billNanoUsd: '3750000000', residualNanoUsd: '750000000' },
    });
  });

  it('shows what only one side has', async () => {
    const answer = await reconcile([cost('gpt-4o', 2)], csv(`${day},web search,0.5`));
    expect(rowsOf(answer)).toEqual([
      [day, 'gpt-4o', '2000000000', null, '-2000000000', 10, 0],
      [day, 'web search', null, '500000000', '500000000', 0, 0],
    ]);
  });

  it('puts a dated model of the bill beside the same model that we know without its date', async () => {
    const answer = await reconcile([cost('gpt-4o-mini', 2)], csv(`${day},gpt-4o-mini-2024-07-18,2`), 'openai');
    expect(rowsOf(answer)).toEqual([[day, 'gpt-4o-mini-2024-07-18', '2000000000', '2000000000', '0', 10, 0]]);
  });

  it('puts what has the same name together, whatever else has the same price', async () => {
    const ours = [cost('gpt-4o-mini', 1), cost('GPT-4o-mini-2024-07-18', 2)];
    const answer = await reconcile(ours, csv(`${day},gpt-4o-mini-2024-07-18,2`, `${day},gpt-4o-mini,1`));
    expect(rowsOf(answer).map(([, model, , , residual]) => [model, residual])).toEqual([
      ['gpt-4o-mini', '0'],
      ['gpt-4o-mini-2024-07-18', '0'],
    ]);
  });

  it('compares whole days where the bill names no models', async () => {
    const answer = await reconcile([cost('gpt-4o', 2), cost('gpt-9', 1)], csv(`${day},,3.5`));
    expect(rowsOf(answer)).toEqual([[day, 'all models', '3000000000', '3500000000', '500000000', 20, 0]]);
  });

  it('counts the calls of the provider alone, by any of its names', async () => {
    const ours = [cost('gpt-4o', 2, { provider: 'OpenAI' }), cost('claude', 5, { provider: 'anthropic' })];
    const answer = await reconcile(ours, csv(`${day},gpt-4o,2`), 'openai');
    expect(rowsOf(answer)).toEqual([[day, 'gpt-4o', '2000000000', '2000000000', '0', 10, 0]]);
  });

  it('refuses a bill of many years', async () => {
    const bill = csv('2020-01-01,gpt-4o,1', '2026-01-01,gpt-4o,1');
    await expect(reconcile([], bill)).rejects.toMatchObject({ code: 'invalid_request', param: 'content' });
  });

  it('loses nothing: its rows sum to both sides, whatever the names', async () => {
    const name = fc.constantFrom(
      'gpt-4o',
      'gpt-4o-mini',
      'gpt-4o-mini-2024-07-18',
      'GPT-4O',
      'o3',
      'ours',
      'web search',
    );
    const date = fc.constantFrom('2026-01-02', '2026-01-03', '2026-01-04');
    const line = fc.record({ model: name, day: date, cents: fc.integer({ min: -500, max: 5_000 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.array(line, { minLength: 1, maxLength: 12 }),
        async (a, b) => {
          const ours = a.map(({ model, day: on, cents }) => cost(model, cents / 100, { day: on }));
          const answer = await reconcile(ours, csv(...b.map((one) => `${one.day},${one.model},${one.cents / 100}`)));
          const days = b.map((one) => one.day).sort();
          const inside = a.filter((one) => one.day >= (days[0] ?? '') && one.day <= (days.at(-1) ?? ''));
          const nano = (lines: typeof a) => lines.reduce((sum, { cents }) => sum + BigInt(cents) * 10_000_000n, 0n);
          expect(BigInt(answer.oursNanoUsd)).toBe(nano(inside));
          expect(BigInt(answer.billNanoUsd)).toBe(nano(b));
          expect(BigInt(answer.residualNanoUsd)).toBe(nano(b) - nano(inside));
          expect(answer.rows.reduce((sum, row) => sum + BigInt(row.residualNanoUsd), 0n)).toBe(nano(b) - nano(inside));
          expect(answer.calls).toBe(10 * inside.length);
        },
      ),
    );
  });
});
