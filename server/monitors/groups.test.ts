import type { BudgetId } from '@wheelhouse/core/records';
import { dayMs, hourMs, minuteMs, noonMs, openMonitors as open, type Trace } from '@wheelhouse/testing/monitors';
import { describe, expect, test } from 'vitest';

/** So many a minute ago of a model, so many of which fail. */
const of = (model: string, size: number, failing = 0, atMs = noonMs - minuteMs): Trace[] =>
  Array.from({ length: size }, (_, i) => ({
    ...{ atMs: atMs - i * 100, model, models: [model], status: i < failing ? 'error' : 'ok' },
  }));
const failing = {
  ...{ measure: { kind: 'error_rate' }, rule: { kind: 'above', value: 0.1 }, by: 'model', channels: ['hook'] },
};
const told = (body: string) =>
  JSON.parse(body).data.alerts.map(({ event, group }: { event: string; group: string }) => `${event} ${group}`);

describe('a monitor of groups', () => {
  test('has a state for each, tells of all that are bad in one message, and of each end by itself', async () => {
    const api = await open({ traces: [...of('a', 30, 15), ...of('b', 30, 6), ...of('c', 30), ...of('d', 3, 3)] });
    await api.set('errors', failing);
    await api.after(0);
    expect(api.posted).toHaveLength(1);
    expect(told(api.posted[0]?.body ?? '').sort()).toEqual(['opened a', 'opened b']);
    const seen = await api.get('errors');
    expect(seen.groups.map(({ name, status }) => `${name} ${status}`)).toEqual([
      ...['a alert', 'b alert', 'c ok', 'd no_data'],
    ]);
    expect(seen.look).toMatchObject({
      ...{ status: 'alert', rows: 93, value: null },
      sentence:
        '2 of 4 groups by model. a: The failing share is 50 % (33.2 % … 66.8 %, 30 traces), above 10 %. b: The failing share is 20 % (9.51 % … 37.3 %, 30 traces), above 10 %.',
    });
    const alerts = await api.alerts();
    expect(alerts.map(({ group, sentence }) => [group, sentence]).toSorted()).toEqual([
      ['a', 'a: The failing share is 50 % (33.2 % … 66.8 %, 30 traces), above 10 %.'],
      ['b', 'b: The failing share is 20 % (9.51 % … 37.3 %, 30 traces), above 10 %.'],
    ]);
    expect(alerts.find(({ group }) => group === 'a')?.q).toContain('model:a');
    // Both windows after are good for b, and still bad for a.
    for (const at of [1, 2]) {
      await api.put([...of('a', 40, 30, noonMs + at * hourMs), ...of('b', 40, 0, noonMs + at * hourMs)]);
      api.time.ms = noonMs + at * hourMs + minuteMs;
      await api.after(0);
    }
    expect(api.posted.flatMap(({ body }) => told(body)).slice(2)).toEqual(['closed b']);
    expect((await api.get('errors')).groups.map(({ name, alertId }) => [name, alertId !== null])).toEqual([
      ...[
        ['a', true],
        ['b', false],
        ['c', false],
        ['d', false],
      ],
    ]);
  });

  test('is one row for those without a value, and finds their traces', async () => {
    const api = await open({ traces: [...of('a', 30), ...of('a', 30, 20).map((one) => ({ ...one, userId: 'ada' }))] });
    const { groups } = await api.try({ ...failing, by: 'user' });
    expect(groups.map(({ name, found }) => [name, found])).toEqual([
      ['ada', 'bad'],
      [null, 'good'],
    ]);
    expect(groups[0]?.q).toMatch(/user:ada/);
    expect(groups[1]?.q).toMatch(/-has:user|-user:\*/);
  });

  test('counts of each how many also fit a filter', async () => {
    const slow = of('b', 10).map((one) => ({ ...one, latencyMs: 9_000 }));
    const api = await open({ traces: [...of('a', 20), ...of('b', 30), ...slow] });
    const share = { measure: { kind: 'share', q: 'latency>5s' }, rule: { kind: 'above', value: 0.2 }, by: 'model' };
    const { groups, sentence } = await api.try(share);
    expect(groups.map(({ name, value }) => [name, value])).toEqual([
      ['b', 0.25],
      ['a', 0],
    ]);
    expect(sentence).toContain('1 of 2 groups by model. b: ');
  });

  test('looks at no more than fifty, the largest', async () => {
    const traces = Array.from({ length: 60 }, (_, i) => of(`m${String(i).padStart(2, '0')}`, i + 1)).flat();
    const api = await open({ traces });
    const { groups } = await api.try({ ...failing, measure: { kind: 'traces' }, rule: { kind: 'above', value: 1e6 } });
    expect([groups.length, groups[0]?.name, groups.at(-1)?.name]).toEqual([50, 'm59', 'm10']);
  });

  const windowMs = 6 * hourMs;
  /** Twelve a window, so many windows long. */
  const weeks = (model: string, windows: number): Trace[] =>
    Array.from({ length: windows }, (_, i) => noonMs - (i + 1) * windowMs).flatMap((atMs) =>
      Array.from({ length: 12 }, (_, n) => ({ atMs: atMs + n * minuteMs, model, models: [model] })),
    );

  test('learns of each what is usual, of a new one first, and sees one that falls silent', async () => {
    const api = await open({ traces: [...weeks('a', 28 * 4), ...weeks('b', 4)] });
    api.time.ms = noonMs + 2 * minuteMs;
    await api.set('traffic', { by: 'model', windowMinutes: 360, channels: ['hook'] });
    await api.after(0);
    const groups = async () =>
      Object.fromEntries(
        (await api.get('traffic')).groups.map(({ name, status, sentence }) => [name, { status, sentence }]),
      );
    expect(await groups()).toMatchObject({
      a: { status: 'ok', sentence: expect.stringContaining('was 12; usual at this hour and weekday is') },
      b: { status: 'no_data', sentence: expect.stringContaining('learned from two weeks') },
    });
    for (let look = 1; look <= 2; look++) await api.after(windowMs);
    expect(api.posted.flatMap(({ body }) => told(body))).toEqual(['opened a']);
    expect((await groups()).a?.sentence).toContain('The number of traces is 0; usual');
    // What is gone for four weeks is forgotten, and its alert ends.
    api.time.ms += 29 * dayMs;
    await api.after(0);
    expect((await api.get('traffic')).groups).toEqual([]);
    expect(api.posted.flatMap(({ body }) => told(body))).toEqual(['opened a', 'closed a']);
  });

  test.each([
    [{ by: 'model', rule: { kind: 'drift' } }, 'drift has no groups'],
    [{ by: 'model', rule: { kind: 'probe', model: 'm', prompts: ['p'] } }, 'probe has no groups'],
    [{ by: 'model', measure: { kind: 'budget', budget: 'b' }, rule: { kind: 'above', value: 1 } }, 'has no groups'],
    [{ measure: { kind: 'month_spend' } }, 'takes a limit'],
    [{ by: 'trace' }, 'Invalid option'],
  ])('is refused: %j', async (body, said) => {
    const api = await open();
    await expect(async () => api.set('wrong', body)).rejects.toThrow(said);
  });
});

describe('money', () => {
  const budget = {
    id: 'bud_1' as BudgetId,
    scope: 'user' as const,
    period: 'day' as const,
    amountNanoUsd: 10_000_000_000n,
  };
  const nearly = {
    measure: { kind: 'budget', budget: 'bud_1' },
    rule: { kind: 'above', value: 0.8 },
    channels: ['hook'],
  };

  test('is watched as the share of a budget that whoever used most has used', async () => {
    const api = await open();
    expect(await api.try(nearly)).toMatchObject({
      found: 'nothing',
      sentence: expect.stringContaining('no budget bud_1'),
    });
    api.budgets.push({
      ...budget,
      usedBy: [
        { subject: 'ada', spentNanoUsd: 9_100_000_000n },
        { subject: 'bob', spentNanoUsd: 1n },
      ],
    });
    await api.set('budget', nearly);
    await api.after(0);
    expect(JSON.parse(api.posted[0]?.body ?? '{}').data.alerts[0]).toMatchObject({
      ...{ event: 'opened', value: 0.91 },
      sentence: 'What is used of the budget is 91 %, above 80 %. user ada spent $9.10 of $10.00 today.',
    });
    api.budgets.splice(0, 1, { ...budget, usedBy: [] });
    await api.after(6 * minuteMs);
    await api.after(6 * minuteMs);
    expect(api.posted).toHaveLength(2);
  });

  test('is watched as what the month comes to, of all or of each model', async () => {
    const at = (day: number, model: string, dollars: number): Trace => ({
      ...{ atMs: Date.UTC(2026, 1, day, 10), model, models: [model], costNanoUsd: BigInt(dollars * 1e9) },
    });
    // On the 11th at noon, of February with its 28 days: 10 a day since the 1st, and nothing yet today.
    const traces = Array.from({ length: 10 }, (_, i) => [at(i + 1, 'a', 9), at(i + 1, 'b', 1)]).flat();
    const api = await open({ traces });
    api.time.ms = Date.UTC(2026, 1, 11, 12);
    const month = { measure: { kind: 'month_spend' }, rule: { kind: 'above', value: 250 } };
    const found = await api.try(month);
    expect(found).toMatchObject({
      ...{ found: 'bad', value: expect.closeTo(100 + 10 * 17.5, 6) },
      sentence:
        'The cost of this month at its end is $275.00, above $250.00. $100.00 was spent so far; a day costs $10.00.',
    });
    const { groups } = await api.try({ ...month, by: 'model' });
    expect(groups.map(({ name, found: is, value }) => [name, is, Math.round(value ?? 0)])).toEqual([
      ['a', 'good', 248],
      ['b', 'good', 28],
    ]);
  });
});
