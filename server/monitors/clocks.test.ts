import { WheelhouseError } from '@wheelhouse/core/records';
import { dayMs, hourMs, minuteMs, noonMs, openMonitors as open, type Trace } from '@wheelhouse/testing/monitors';
import { describe, expect, test } from 'vitest';

const tooMany = { measure: { kind: 'traces' }, rule: { kind: 'above', value: 3 }, channels: ['hook'] };
const some = (size: number, atMs = noonMs - 10_000): Trace[] =>
  Array.from({ length: size }, (_, i) => ({ atMs: atMs - i * 1_000 }));
const events = (posted: { body: string }[]) =>
  posted.flatMap(({ body }) => JSON.parse(body).data.alerts.map(({ event }: { event: string }) => event));

const windowMs = 6 * hourMs;
/** Twelve traces in each window of four weeks, up to noon. */
const weeks = (each = 12): Trace[] =>
  Array.from({ length: 28 * 4 * each }, (_, i) => ({ atMs: noonMs - ((i + 0.5) * windowMs) / each }));
const unusual = { windowMinutes: 360, leastRows: 5, channels: ['hook'] };

describe('a clock that is set back', () => {
  test('keeps no monitor from being looked at, and tells of nothing twice', async () => {
    const api = await open({ traces: some(4) });
    await api.set('many', tooMany);
    await api.after(0);
    expect(events(api.posted)).toEqual(['opened']);
    api.time.ms = noonMs - 3 * hourMs;
    await api.put(some(9, api.time.ms - 10_000));
    await api.after(0);
    const { look } = await api.get('many');
    expect(look).toMatchObject({ status: 'alert', value: 9, until: new Date(api.time.ms - 9_000).toISOString() });
    // Until it is noon again, and beyond.
    for (let step = 0; step < 8; step++) await api.after(30 * minuteMs);
    expect(events(api.posted)).toEqual(['opened', 'closed', 'opened']);
    expect((await api.alerts()).filter(({ closedAt }) => closedAt === null)).toHaveLength(1);
  });

  test('counts no window twice, and one that it leaves out is not in a row with the next', async () => {
    const api = await open({ traces: weeks() });
    api.time.ms = noonMs + 2 * minuteMs;
    await api.set('traffic', unusual);
    await api.after(0);
    // One window without traces is bad, two are worth a message: not the same one twice.
    await api.after(windowMs);
    const one = await api.get('traffic');
    expect(one.look).toMatchObject({ status: 'ok', value: 0 });
    for (let again = 0; again < 3; again++) {
      api.time.ms -= 5 * minuteMs;
      await api.after(2 * minuteMs);
    }
    expect((await api.get('traffic')).look).toMatchObject({ status: 'ok', value: 0, until: one.look.until });
    expect(api.posted).toEqual([]);
    // Forward by a day, in which it was never looked at; its last window but one is as usual.
    await api.put(some(12, noonMs + dayMs - minuteMs));
    api.time.ms = noonMs + dayMs + windowMs + 2 * minuteMs;
    await api.after(0);
    expect((await api.get('traffic')).look).toMatchObject({ status: 'ok', value: 0 });
    await api.after(windowMs);
    expect((await api.get('traffic')).look).toMatchObject({ status: 'alert', value: 0 });
    expect(events(api.posted)).toEqual(['opened']);
  });

  test('that showed a year which is not yet lets go of what it learned there', async () => {
    const api = await open({ traces: weeks() });
    api.time.ms = noonMs + 365 * dayMs;
    await api.set('traffic', unusual);
    await api.after(0);
    expect((await api.get('traffic')).look).toMatchObject({ status: 'no_data' });
    api.time.ms = noonMs + 2 * minuteMs;
    await api.after(0);
    expect((await api.get('traffic')).look).toMatchObject({
      status: 'ok',
      value: 12,
      until: '2026-02-02T12:00:00.000Z',
    });
  });
});

describe('rows that come late', () => {
  test('heal the hour that looked empty, so that two of them in a row page nobody', async () => {
    const api = await open({ traces: weeks() });
    api.time.ms = noonMs + 2 * minuteMs;
    await api.set('traffic', unusual);
    await api.after(0);
    await api.after(windowMs);
    expect((await api.get('traffic')).look).toMatchObject({ value: 0 });
    await api.put(some(12, noonMs + windowMs - minuteMs));
    // The next hour is empty as well, and the one before it was not.
    await api.after(windowMs);
    expect((await api.get('traffic')).look).toMatchObject({ status: 'ok', value: 0 });
    await api.after(windowMs);
    expect((await api.get('traffic')).look).toMatchObject({ status: 'alert', value: 0 });
    expect(api.posted).toHaveLength(1);
  });

  test('that are bad make the hour before bad, too', async () => {
    const api = await open({ traces: weeks() });
    api.time.ms = noonMs + 2 * minuteMs;
    await api.set('failing', { ...unusual, measure: { kind: 'error_rate' } });
    await api.after(0);
    const failing = (from: number, size: number) =>
      some(size, from).map((one) => ({ ...one, status: 'error' as const }));
    await api.put(some(12, noonMs + 30 * minuteMs));
    await api.after(windowMs);
    expect((await api.get('failing')).look).toMatchObject({ status: 'ok', value: 0 });
    await api.put([...failing(noonMs + 40 * minuteMs, 30), ...failing(noonMs + windowMs + hourMs, 30)]);
    await api.after(windowMs);
    expect((await api.get('failing')).look).toMatchObject({ status: 'alert', value: 1 });
  });
});

describe('nothing at all', () => {
  test('is an outage of what is counted, and no news of shares, which stay what they are', async () => {
    const api = await open({ traces: weeks() });
    api.time.ms = noonMs + 2 * minuteMs;
    const bodies = {
      ...{ traffic: unusual, failing: { ...unusual, measure: { kind: 'error_rate' } } },
      level: { channels: ['hook'], measure: { kind: 'error_rate' }, rule: { kind: 'burn_rate', objective: 0.99 } },
    };
    for (const [name, body] of Object.entries(bodies)) await api.set(name, body);
    await api.after(0);
    for (let look = 0; look < 14; look++) await api.after(windowMs);
    const status = async (name: string) => (await api.get(name)).look.status;
    expect([await status('traffic'), await status('failing'), await status('level')]).toEqual([
      ...['alert', 'no_data', 'no_data'],
    ]);
    expect(events(api.posted)).toEqual(['opened']);
  });

  test('is not made of a store that is away: the state stays, and nothing is told for days', async () => {
    const api = await open({ traces: weeks() });
    api.time.ms = noonMs + 2 * minuteMs;
    await api.set('traffic', unusual);
    await api.after(0);
    api.queries.series = () => Promise.reject(new WheelhouseError('store_unavailable', 'The store is away.'));
    for (let look = 0; look < 12; look++) await api.after(windowMs);
    expect((await api.get('traffic')).look).toMatchObject({ status: 'ok', problem: 'The store is away.' });
    expect(api.posted).toEqual([]);
  });
});

test('a sink that fails for an hour, through restarts and a clock that jumps, hears of each alert once', async () => {
  let isAway = true;
  const api = await open({ traces: some(4), answer: () => (isAway ? 503 : 200) });
  await api.set('many', tooMany);
  await api.after(0);
  for (let minute = 0; minute < 60; minute += 10) {
    await api.after(10 * minuteMs);
    api.restart();
    if (minute === 20) await api.put(some(1, api.time.ms));
    if (minute === 30) api.time.ms -= 45 * minuteMs;
  }
  const refused = api.posted.length;
  expect(refused).toBeGreaterThanOrEqual(5);
  isAway = false;
  for (let step = 0; step < 6; step++) {
    await api.after(20 * minuteMs);
    api.restart();
  }
  const heard = api.posted.slice(refused);
  const ids = heard.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  // It told of each beginning before its end, and of nothing twice.
  const told = heard.flatMap(({ body }) =>
    JSON.parse(body).data.alerts.map(({ event, id }: { event: string; id: string }) => `${id} ${event}`),
  );
  expect(new Set(told).size).toBe(told.length);
  const alerts = await api.alerts();
  for (const { id, closedAt } of alerts) {
    const own = told.filter((one) => one.startsWith(id)).map((one) => one.split(' ')[1]);
    expect(own).toEqual(closedAt === null ? ['opened'] : ['opened', 'closed']);
  }
  expect((await api.channels())[0]).toMatchObject({ waiting: 0, failed: 0 });
});
