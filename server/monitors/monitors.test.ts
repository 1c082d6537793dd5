import { monitorSchemas } from '@wheelhouse/core/contract';
import { msToNanos, WheelhouseError } from '@wheelhouse/core/records';
import {
  dayMs,
  hourMs,
  minuteMs,
  noonMs,
  openMonitors as open,
  project,
  type Trace,
} from '@wheelhouse/testing/monitors';
import { describe, expect, test } from 'vitest';
import { readFilter } from '../traces/index.ts';
import { emailFor } from './email.ts';
import { testAlert } from './messages.ts';

const recent = (size: number, more: Partial<Trace> = {}): Trace[] =>
  Array.from({ length: size }, (_, i) => ({ atMs: noonMs - 10_000 - i * 1_000, ...more }));
const failing = recent(4, { status: 'error' });

describe('what is measured', () => {
  const scored = recent(30, { scores: [{ name: 'grounded', value: 0.4 }] });
  test.each([
    [{ kind: 'traces' }, 42, 42],
    [{ kind: 'cost' }, 0.084, 42],
    [{ kind: 'error_rate' }, 4 / 42, 42],
    [{ kind: 'share', q: 'latency>1s' }, 8 / 42, 42],
    [{ kind: 'latency', quantile: 'p50' }, 800, 42],
    [{ kind: 'input_tokens' }, 100, 42],
    [{ kind: 'output_tokens' }, 50, 42],
    [{ kind: 'score', name: 'grounded' }, 0.4, 30],
    [{ kind: 'first_token', quantile: 'p90' }, null, 42],
  ])('%j', async (measure, value, rows) => {
    const api = await open({ traces: [...failing, ...recent(8, { latencyMs: 2_000 }), ...scored] });
    const isShare = measure.kind === 'error_rate' || measure.kind === 'share';
    const found = await api.try({ measure, rule: { kind: 'above', value: isShare ? 0.99 : 1e9 } });
    expect(found.rows).toBe(rows);
    if (value === null) expect(found).toMatchObject({ found: 'nothing', value: null });
    else expect(found.value).toBeCloseTo(value, measure.kind === 'latency' ? -1 : 9);
  });

  test('within the window and the filter, and the traces behind it are those that are counted', async () => {
    const api = await open({ traces: [...failing, ...recent(16), { atMs: noonMs - 2 * hourMs, status: 'error' }] });
    const found = await api.try({
      q: 'model:gpt',
      measure: { kind: 'error_rate' },
      rule: { kind: 'above', value: 0.1 },
    });
    const sentence = 'The failing share is 20 % (8.07 % … 41.6 %, 20 traces), above 10 %.';
    expect(found).toMatchObject({ found: 'bad', sentence, rows: 20 });
    expect(found.q).toContain('since:2026-');
    expect(found.q).not.toMatch(/\.\d{4}/);
    const { data } = await api.queries.list(project, {
      filter: readFilter(found.q),
      nowNs: msToNanos(noonMs),
      limit: 9,
    });
    expect(data.map(({ status }) => status)).toEqual(['error', 'error', 'error', 'error']);
  });

  test('says of a score where the truth may lie, and of other means of how many they are', async () => {
    const liked = (value: boolean, size: number) => recent(size, { scores: [{ name: 'thumbs', value }] });
    const api = await open({ traces: [...liked(true, 20), ...liked(false, 10)] });
    const low = await api.try({ measure: { kind: 'score', name: 'thumbs' }, rule: { kind: 'below', value: 0.9 } });
    expect(low.sentence).toBe('The score thumbs is 0.667 (0.488 … 0.808, 30 scores), below 0.9.');
    const slow = await api.try({ measure: { kind: 'input_tokens' }, rule: { kind: 'above', value: 5 } });
    expect(slow.sentence).toBe('The input of a trace is 100 tokens (30 traces), above 5 tokens.');
  });

  test('says nothing of a handful', async () => {
    const api = await open({ traces: failing });
    const found = await api.try({ measure: { kind: 'error_rate' }, rule: { kind: 'above', value: 0.1 } });
    expect(found).toMatchObject({ found: 'nothing', sentence: 'Only 4 were measured; 20 are asked for.' });
  });
});

describe('what is learned', () => {
  /** One an hour at night, four at day, four weeks long up to noon: 21 from six to twelve. */
  const weeks = (until = noonMs): Trace[] =>
    Array.from({ length: 28 * 24 }, (_, i) => until - (i + 1) * hourMs).flatMap((startMs) => {
      const hour = new Date(startMs).getUTCHours();
      return Array.from({ length: hour < 7 ? 1 : 4 }, (_, n) => ({ atMs: startMs + n * 3 * minuteMs }));
    });

  test('an hour like others is usual, and one with nothing is not', async () => {
    const api = await open({ traces: weeks() });
    api.time.ms = noonMs + 2 * minuteMs;
    const windowMinutes = 360;
    const usual = await api.try({ windowMinutes });
    expect(usual).toMatchObject({ found: 'good', value: 21, expected: { value: expect.closeTo(21, 5) } });
    expect(usual.sentence).toMatch(/^The number of traces was 21; usual at this hour and weekday is 21, from /);
    api.time.ms += 6 * hourMs;
    expect(await api.try({ windowMinutes })).toMatchObject({ found: 'bad', value: 0, rows: 0 });
    const up = { windowMinutes, rule: { kind: 'unusual', direction: 'up' } };
    expect(await api.try(up)).toMatchObject({ found: 'good' });
    const latency = { windowMinutes, measure: { kind: 'latency', quantile: 'p90' } };
    expect(await api.try(latency)).toMatchObject({
      found: 'nothing',
      sentence: expect.stringContaining('20 are asked'),
    });
  });

  test('a service level burns when many are bad, in the long and the short time', async () => {
    const bad = Array.from({ length: 300 }, (_, i) => ({ atMs: noonMs - (i + 1) * 12_000, status: 'error' as const }));
    const api = await open({ traces: bad });
    const body = { measure: { kind: 'error_rate' }, rule: { kind: 'burn_rate', objective: 0.99 } };
    expect(await api.try(body)).toMatchObject({
      found: 'bad',
      value: 1,
      sentence: expect.stringContaining('100 times'),
    });
    const calm = await open({ traces: bad.map(({ atMs }) => ({ atMs })) });
    expect(await calm.try(body)).toMatchObject({ found: 'good', value: 0 });
  });

  test('traces that are not like those a week before have drifted, and those that moved it are named', async () => {
    const half = (from: number, more: Partial<Trace> = {}): Trace[] =>
      Array.from({ length: 120 }, (_, i) => ({ atMs: from + i * 10 * minuteMs, outputTokens: 40 + (i % 21), ...more }));
    const before = half(noonMs - 9 * dayMs + 12 * hourMs);
    const now = half(noonMs - 2 * dayMs + 12 * hourMs, { outputTokens: 90, model: 'gpt-next', models: ['gpt-next'] });
    const api = await open({ traces: [...before, ...now] });
    const found = await api.try({ rule: { kind: 'drift' } });
    expect(found).toMatchObject({ found: 'bad', value: 2, rows: 120 });
    expect(
      found.drift
        .slice(0, 2)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['model', 'output_tokens']);
    expect(found.drift[0]?.traces).toHaveLength(5);
    const pinned = { kind: 'drift', against: { kind: 'filter', q: 'model:gpt-next' } };
    expect(await api.try({ rule: pinned })).toMatchObject({ found: 'good', value: 0 });
  });
});

describe('an alert', () => {
  const tooMany = { measure: { kind: 'traces' }, rule: { kind: 'above', value: 3 }, channels: ['hook'] };

  test('is told once while it lasts, and when it is over', async () => {
    const api = await open({ traces: failing });
    await api.set('many', tooMany);
    await api.after(0);
    await api.after(5 * minuteMs);
    await api.after(5 * minuteMs);
    expect(api.posted).toHaveLength(1);
    expect(await api.get('many')).toMatchObject({ look: { status: 'alert', value: 4 }, alertId: expect.any(String) });
    await api.after(hourMs);
    await api.after(6 * minuteMs);
    expect(api.posted.map(({ body }) => JSON.parse(body).data.alerts[0].event)).toEqual(['opened', 'closed']);
    expect(await api.get('many')).toMatchObject({ look: { status: 'ok' }, alertId: null });
    const [alert] = await api.alerts();
    expect(alert).toMatchObject({ monitor: 'many', kind: 'alert', closedAt: expect.any(String), untold: null });
  });

  test('of several monitors goes to a channel as one message', async () => {
    const api = await open({ traces: failing });
    for (const name of ['one', 'two', 'three']) await api.set(name, tooMany);
    await api.after(0);
    expect(api.posted).toHaveLength(1);
    const { data } = JSON.parse(api.posted[0]?.body ?? '{}');
    expect(data.alerts.map(({ monitor }: { monitor: string }) => monitor).sort()).toEqual(['one', 'three', 'two']);
  });

  test('waits for a channel that is away, under one id, with longer and longer pauses, for about a day', async () => {
    const api = await open({ traces: failing, answer: () => new Error('connection refused') });
    await api.set('many', tooMany);
    await api.after(0);
    expect(await api.channels()).toMatchObject([{ name: 'hook', waiting: 1, lastError: 'connection refused' }]);
    const beganMs = api.time.ms;
    let endedMs = 0;
    for (let step = 0; step < 400 && endedMs === 0; step++) {
      api.time.ms += 5 * minuteMs;
      await api.run();
      if ((await api.channels())[0]?.failed === 1) endedMs = api.time.ms;
    }
    expect((endedMs - beganMs) / hourMs).toBeGreaterThan(20);
    expect(new Set(api.posted.map(({ id }) => id)).size).toBeLessThanOrEqual(2);
    expect(api.posted.length).toBeLessThan(40);
  });

  test('goes to one channel while the store cannot note what became of another', async () => {
    const api = await open({ traces: failing });
    await api.channel('other', { kind: 'webhook', url: 'https://sink.test/other' });
    await api.set('many', { ...tooMany, channels: ['hook', 'other'] });
    const { delivered } = api.deps.channels;
    api.deps.channels.delivered = () => Promise.reject(new Error('The store is away.'));
    await api.after(0);
    expect(api.posted.length).toBeGreaterThan(0);
    api.deps.channels.delivered = delivered;
    await api.after(minuteMs);
    const ids = api.posted.filter(({ url }) => url.endsWith('/hook')).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect((await api.channels()).map(({ waiting }) => waiting)).toEqual([0, 0]);
  });

  test('is kept and not told while its monitor is silent', async () => {
    const api = await open({ traces: failing });
    await api.set('many', tooMany);
    await api.silence('many', 60);
    await api.after(0);
    await api.after(2 * hourMs);
    await api.after(6 * minuteMs);
    expect(api.posted).toEqual([]);
    expect(await api.alerts()).toMatchObject([{ untold: 'silenced', closedAt: expect.any(String) }]);
    expect(await api.silence('many', 0)).toMatchObject({ silencedUntil: null });
  });

  test('stands while nothing can be read, and the monitor says why', async () => {
    const api = await open({ traces: failing });
    await api.set('many', tooMany);
    await api.after(0);
    api.queries.series = () => Promise.reject(new WheelhouseError('store_unavailable', 'The store is away.'));
    await api.after(6 * minuteMs);
    expect(await api.get('many')).toMatchObject({ look: { status: 'alert', problem: 'The store is away.' } });
    expect(api.posted).toHaveLength(1);
  });

  test('of no data is told where that was asked for', async () => {
    const api = await open();
    const body = { measure: { kind: 'error_rate' }, rule: { kind: 'above', value: 0.1 }, channels: ['hook'] };
    await api.set('calm', body);
    await api.set('eager', { ...body, alertOnNoData: true });
    await api.after(0);
    expect(await api.get('calm')).toMatchObject({ look: { status: 'no_data' }, alertId: null });
    expect(await api.alerts()).toMatchObject([{ monitor: 'eager', kind: 'no_data' }]);
  });
});

describe('a channel', () => {
  test('posts in the form of its kind, and a test of PagerDuty leaves nothing open', async () => {
    const api = await open();
    await api.channel('pager', { kind: 'pagerduty', secret: 'key' });
    expect(await api.testChannel('pager')).toEqual({ delivered: true, status: 200, error: null });
    expect(api.posted.map(({ url }) => url)).toEqual(
      Array.from({ length: 2 }, () => 'https://events.pagerduty.com/v2/enqueue'),
    );
    expect(api.posted.map(({ body }) => JSON.parse(body).event_action)).toEqual(['trigger', 'resolve']);
    await api.channel('chat', { kind: 'slack', url: 'https://hooks.test/a' });
    await api.testChannel('chat');
    expect(JSON.parse(api.posted.at(-1)?.body ?? '{}').blocks[0].text.text).toContain('<https://house.test/traces?q=|');
  });

  test('says what the other side answered, or why its address cannot be read', async () => {
    const api = await open({ answer: () => 500 });
    expect(await api.testChannel('hook')).toEqual({
      ...{ delivered: false, status: 500, error: 'It answered with status 500: as told' },
    });
    api.deps.box.open = () => null;
    expect(await api.testChannel('hook')).toMatchObject({
      delivered: false,
      error: expect.stringContaining('another key'),
    });
    await expect(api.testChannel('none')).rejects.toMatchObject({ code: 'not_found' });
  });

  test.each([
    [{ kind: 'slack' }, 'url'],
    [{ kind: 'slack', url: 'https://a.test', secret: 'x' }, 'secret'],
    [{ kind: 'pagerduty' }, 'secret'],
    [{ kind: 'webhook', url: 'https://private.test' }, 'url'],
    [{ kind: 'webhook', url: 'https://a.test', to: ['a@b.test'] }, 'to'],
    [{ kind: 'email' }, 'to'],
    [{ kind: 'email', to: ['a@b.test'], url: 'https://a.test' }, 'url'],
    [{ kind: 'email', to: ['a@b.test'], secret: 'x' }, 'secret'],
  ])('is refused: %j', async (body, param) => {
    const api = await open();
    await expect(api.channel('new', body)).rejects.toMatchObject({ code: 'invalid_request', param });
    await expect(api.channel('No Name', { kind: 'webhook', url: 'https://a.test' })).rejects.toMatchObject({
      ...{ code: 'invalid_request', param: 'channel' },
    });
  });
});

describe('a probe', () => {
  const prompts = ['Oslo', 'Rome', 'Lima', 'Cairo', 'Tokyo', 'Paris', 'Quito', 'Delhi'];
  const vendor = { rule: { kind: 'probe', model: 'openai/gpt', prompts, budgetUsd: 50 }, channels: ['hook'] };
  const otherwise = (prompt: string) => `Great question! Everybody knows ${prompt}, so I will tell you.`;

  test('tells when a model answers otherwise, once, and says nothing before it knows or while it is away', async () => {
    const api = await open();
    await expect(api.try({ rule: vendor.rule })).rejects.toMatchObject({ code: 'forbidden' });
    await api.set('vendor', vendor);
    for (let run = 0; run < 12; run++) await api.after(6 * hourMs);
    expect(api.model.asked).toBe(12 * prompts.length);
    expect(await api.get('vendor')).toMatchObject({ look: { status: 'ok', value: 1 }, probe: { changedAt: null } });
    api.model.says = () => '';
    await api.after(6 * hourMs);
    const { look } = await api.get('vendor');
    expect(look).toMatchObject({ status: 'no_data', sentence: expect.stringContaining('The vendor is away.') });
    expect(api.posted).toEqual([]);
    api.model.says = otherwise;
    for (let run = 0; run < 8; run++) await api.after(6 * hourMs);
    expect(api.posted.map(({ body }) => JSON.parse(body).data.alerts[0].event)).toEqual(['opened', 'closed']);
    expect((await api.get('vendor')).probe?.changedAt).toMatch(/^2026-02-0/);
    expect((await api.alerts())[0]?.sentence).toMatch(/^openai\/gpt answers otherwise since 2026-02-0/);
  });

  test.each([
    ['openai/gpt itself changed at 2026-02-0', otherwise],
    ['openai/gpt answers probes as before.', null],
  ])('lets drift say whose doing it is: %s', async (said, changed) => {
    const day = (from: number, tokens: number): Trace[] =>
      Array.from({ length: 120 }, (_, i) => ({ atMs: from + i * 10 * minuteMs, outputTokens: tokens + (i % 21) }));
    const midnight = noonMs + 12 * hourMs + 3 * dayMs;
    const api = await open({ traces: [...day(midnight - 7 * dayMs, 40), ...day(midnight, 90)] });
    await api.set('vendor', vendor);
    for (let run = 0; run < 11; run++) await api.after(6 * hourMs);
    if (changed) api.model.says = changed;
    for (let run = 0; run < 7; run++) await api.after(6 * hourMs);
    api.time.ms = midnight + dayMs + 2 * minuteMs;
    const found = await api.try({ rule: { kind: 'drift' } });
    expect(found).toMatchObject({ found: 'bad', sentence: expect.stringMatching(/^output_tokens: /) });
    expect(found.sentence).toContain(said);
  });
});

describe('e-mail', () => {
  const to = ['ada@house.test', 'bob@house.test'];
  const tooMany = { measure: { kind: 'traces' }, rule: { kind: 'above', value: 3 }, channels: ['mail'] };

  test('is one message of all that is told, the same one through attempts, and of one thread with its end', async () => {
    const answers = [new Error('connection refused'), [], []];
    const api = await open({ traces: failing, mail: () => answers.shift() ?? [] });
    await api.channel('mail', { kind: 'email', to });
    for (const name of ['one', 'two']) await api.set(name, tooMany);
    await api.after(0);
    expect((await api.channels()).find(({ name }) => name === 'mail')).toMatchObject({
      ...{ host: 'ada@house.test, bob@house.test', waiting: 2, lastError: 'connection refused' },
    });
    await api.after(minuteMs);
    const [first, again] = api.mailed;
    expect(api.mailed).toHaveLength(2);
    expect(first).toMatchObject({ to, subject: '2 alerts: Alert: one · Alert: two' });
    expect(first?.messageId).toMatch(/^<dv_\w+@house\.test>$/);
    expect(again?.messageId).toBe(first?.messageId);
    expect(first?.text).toContain('The number of traces is 4, above 3.\nhttps://house.test/traces?q=');
    await api.after(hourMs);
    await api.after(6 * minuteMs);
    const last = api.mailed.at(-1);
    expect(last?.subject).toBe('2 alerts: Over: one · Over: two');
    expect(last?.messageId).not.toBe(first?.messageId);
    expect(last?.references.split(' ').sort()).toEqual(first?.references.split(' ').sort());
  });

  test('says whom the mail server refused, and is not sent again to those that have it', async () => {
    const api = await open({ traces: failing, mail: () => ['bob@house.test'] });
    await api.channel('mail', { kind: 'email', to });
    await api.set('many', tooMany);
    await api.after(0);
    await api.after(minuteMs);
    expect(api.mailed).toHaveLength(1);
    expect((await api.channels()).find(({ name }) => name === 'mail')).toMatchObject({
      ...{ waiting: 0, failed: 0, lastError: 'Refused for bob@house.test.' },
    });
    expect(await api.testChannel('mail')).toEqual({
      ...{ delivered: true, status: null, error: 'Refused for bob@house.test.' },
    });
  });

  test('takes hostile text as text, and keeps a subject to its line', () => {
    const alert = { ...testAlert('al_1', '2026-01-01T00:00:00Z'), sentence: 'It is <img src=x onerror="a()"> & more' };
    const told = [
      { event: 'opened' as const, alert: { ...alert, monitor: `a\r\nBcc: x@y.test ${'long '.repeat(60)}` } },
    ];
    const batch = { id: 'dv_1', nowMs: 0, told, linkOf: () => 'https://house.test/"><script>' };
    const email = emailFor(batch, { to, domain: 'house.test' });
    expect(email.subject).toMatch(/^Alert: a Bcc: x@y\.test long .*…$/);
    expect(email.subject).toHaveLength(150);
    expect(email.html).not.toMatch(/<img|<script|href="[^"]*">[^S]/);
    expect(email.text).toContain('<img src=x onerror="a()"> & more');
  });

  test('needs a mail server, when it is set up and when it is sent', async () => {
    const api = await open({ mail: null });
    await expect(api.channel('mail', { kind: 'email', to })).rejects.toMatchObject({
      ...{ code: 'invalid_request', param: 'to', hint: expect.stringContaining('SMTP_URL') },
    });
    const set = await open();
    await set.channel('mail', { kind: 'email', to });
    set.deps.mailer = null;
    expect(await set.testChannel('mail')).toMatchObject({
      delivered: false,
      error: expect.stringContaining('SMTP_URL'),
    });
  });
});

test.each([
  [{ q: 'last:1h', rule: { kind: 'above', value: 1 } }, 'invalid_request'],
  [{ q: 'model:a or -(since:2026-01-01)', rule: { kind: 'above', value: 1 } }, 'invalid_request'],
  [{ measure: { kind: 'share', q: 'status:' }, rule: { kind: 'above', value: 0.5 } }, 'filter_invalid'],
  [{ rule: { kind: 'drift', against: { kind: 'filter', q: 'model:' } } }, 'filter_invalid'],
  [{ channels: ['nobody'] }, 'invalid_request'],
])('a monitor is refused: %j', async (body, code) => {
  const api = await open();
  await expect(api.set('wrong', body)).rejects.toMatchObject({ code });
});

test.each([
  ['error_rate', { kind: 'above', value: 5 }, true],
  ['error_rate', { kind: 'above', value: 0.05 }, false],
  ['error_rate', { kind: 'below', value: 0 }, true],
  ['traces', { kind: 'above', value: 5 }, false],
])('a limit that is never passed is refused: %s %j', (kind, rule, isRefused) => {
  const { success, error } = monitorSchemas.monitorDefinition.safeParse({ measure: { kind }, rule });
  expect(success).toBe(!isRefused);
  if (isRefused) expect(error?.issues[0]?.message).toContain('so that nobody would be told');
});
