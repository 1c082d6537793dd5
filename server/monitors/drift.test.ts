import { dayMs, hourMs, minuteMs, noonMs, openMonitors as open, type Trace } from '@wheelhouse/testing/monitors';
import { describe, expect, test } from 'vitest';

/** A day of traces, 120 of them: the newest whole day, or the same day a week before. */
const day = (from: number, more: (i: number) => Partial<Trace>): Trace[] =>
  Array.from({ length: 120 }, (_, i) => ({ atMs: from + i * 10 * minuteMs, outputTokens: 40 + (i % 21), ...more(i) }));
const [nowMs, thenMs] = [noonMs - 36 * 60 * minuteMs, noonMs - 36 * 60 * minuteMs - 7 * dayMs];
const drift = { rule: { kind: 'drift' } };
const both = (before: (i: number) => Partial<Trace>, now: (i: number) => Partial<Trace>) => [
  ...day(thenMs, before),
  ...day(nowMs, now),
];
const searched = (scores: number[]): Partial<Trace> => ({ facts: { retrieved: { count: scores.length, scores } } });

describe('drift', () => {
  test('is seen in what vendors would not answer, by the reasons that releases count', async () => {
    const refused = (reason: string | null): Partial<Trace> => ({ facts: { refusal: reason } });
    const api = await open({
      traces: both(
        (i) => refused(i % 40 === 0 ? 'content_filter' : null),
        (i) => refused(i % 4 === 0 ? 'content_filter' : null),
      ),
    });
    const found = await api.try(drift);
    expect(found).toMatchObject({
      found: 'bad',
      value: 1,
      sentence: 'refusal: 25 % are content_filter, before 2.5 %.',
    });
    expect(found.drift[0]).toMatchObject({ name: 'refusal', kind: 'label', traces: { length: 5 } });
  });

  test('is seen in what retrieval finds: scores, the best one, and how much', async () => {
    const api = await open({
      traces: both(
        (i) => searched([0.9 - (i % 7) / 50, 0.6, 0.4]),
        (i) => searched(i % 5 === 0 ? [] : [0.7 - (i % 7) / 50, 0.5]),
      ),
    });
    const found = await api.try(drift);
    const drifted = found.drift.filter((one) => one.drifted).map(({ name }) => name);
    expect(drifted.sort()).toEqual(['retrieval.documents', 'retrieval.score', 'retrieval.top_score']);
    const documents = found.drift.find(({ name }) => name === 'retrieval.documents');
    expect(documents?.parts.map(({ name }) => name)).toEqual(['0', '2', '3']);
    expect(documents?.parts[0]).toMatchObject({ before: 0, now: 0.2 });
  });

  test('is seen in the mix of tools, where each trace still calls the same ones', async () => {
    const called = (search: number, pay: number): Partial<Trace> => ({
      ...{ tools: ['pay', 'search'], facts: { tools: { search, pay } } },
    });
    const api = await open({
      traces: both(
        (i) => called(3 + (i % 2), 1),
        (i) => called(1, 3 + (i % 2)),
      ),
    });
    const found = await api.try(drift);
    expect(found.drift.filter((one) => one.drifted).map(({ name }) => name)).toEqual(['tool_mix']);
    expect(found.drift[0]?.parts.map(({ name }) => name).sort()).toEqual(['pay', 'search']);
  });

  test('is seen in what people ask for, topic by topic', async () => {
    const questions = [
      'Where is my parcel?',
      'My password does not work',
      'The lamp arrived broken',
      'Which size is the rug?',
    ];
    const asked = (i: number) => ({ inputPreview: questions[i % 4] ?? '' });
    const about = (i: number) => (i % 3 === 0 ? { inputPreview: 'An invoice with VAT for my company' } : asked(i));
    const found = await (await open({ traces: both(asked, about) })).try(drift);
    const topic = found.drift.find(({ name }) => name === 'topic');
    expect(topic).toMatchObject({ drifted: true, parts: expect.any(Array) });
    expect(topic?.parts[0]).toMatchObject({
      name: expect.stringContaining('invoice'),
      before: 0,
      traces: { length: 5 },
    });
    expect(
      found.drift
        .filter((one) => one.drifted)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['input', 'topic']);
  });
});

describe('drift of meaning', () => {
  const embedding = { rule: { kind: 'drift', embed: 'openai/embed' }, channels: ['hook'] };
  const orders = (i: number) => ({ inputPreview: `Where is my order ${i % 9}?` });
  const lamps = (i: number) => ({
    inputPreview: `Is that lamp number ${i % 9} dimmable and does it have a warm light?`,
  });
  const traces = both(orders, lamps);

  test('is looked at where an embedder is named, in calls that are in no list, and only by who may spend', async () => {
    const api = await open({ traces, role: 'editor' });
    const found = await api.try(embedding);
    expect(found.drift.find(({ name }) => name === 'input_meaning')).toMatchObject({ kind: 'vector', drifted: true });
    // Of each side a hundred texts, fifty at once.
    expect(api.model.embedded).toEqual(Array(4).fill('drift'));
    expect((await api.try(drift)).drift.map(({ name }) => name)).not.toContain('input_meaning');
    expect(api.model.embedded).toHaveLength(4);
    await expect((await open({ traces })).try(embedding)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('stays within its budget of a day, and says so where it was not looked at', async () => {
    const dense = [0, 7].flatMap((daysAgo) =>
      Array.from({ length: 288 }, (_, i): Trace => {
        const atMs = noonMs - 12 * hourMs - daysAgo * dayMs + i * 5 * minuteMs;
        return { atMs, ...(daysAgo === 0 ? lamps(i) : orders(i)) };
      }),
    );
    const api = await open({ traces: dense });
    api.model.nanoUsd = 200_000_000n;
    const rule = { ...embedding.rule, embed: 'openai/unpriced' };
    await api.set('meaning', { ...embedding, rule, windowMinutes: 360 });
    const said = async () => (await api.get('meaning')).look.sentence;
    await api.after(0);
    // Seventy-two of each side, fifty at once.
    expect(api.model.embedded).toHaveLength(3);
    expect(await said()).not.toContain('meaning was not');
    await api.after(6 * hourMs + minuteMs);
    expect(api.model.embedded).toHaveLength(3);
    expect(await said()).toContain('Its meaning was not looked at: of $1 a day $0.600 is spent.');
    expect((await api.get('meaning')).spent).toMatchObject({ day: '2026-02-02', nanoUsd: '600000000' });
    await api.after(6 * hourMs);
    expect(api.model.embedded).toHaveLength(6);
    expect((await api.get('meaning')).spent).toMatchObject({ day: '2026-02-03', nanoUsd: '600000000' });
  });

  test('that cannot be had stops nothing else', async () => {
    const api = await open({ traces, role: 'editor' });
    api.model.isAway = true;
    const found = await api.try(embedding);
    expect(found.sentence).toMatch(/^(input|topic): .* Its meaning was not looked at: The vendor is away\.$/);
    expect(found.drift.map(({ name }) => name)).not.toContain('input_meaning');
  });
});

describe('what asks models', () => {
  const prompts = ['Oslo', 'Rome'];
  const probe = (more: object = {}) => ({ rule: { kind: 'probe', model: 'openai/gpt', prompts, ...more } });

  test('says what it will cost before it is set, and is refused where one look is more than a day may cost', async () => {
    const api = await open();
    // Two answers of 200 tokens at $2,000 a million, two questions of a token at $1,000.
    expect(await api.estimate(probe({ budgetUsd: 100 }))).toEqual({
      ...{ calls: 2, looksPerDay: 4, lookNanoUsd: '802000000', monthNanoUsd: String(30 * 4 * 802_000_000) },
    });
    expect(await api.estimate(probe({ budgetUsd: 2 }))).toMatchObject({ monthNanoUsd: '60000000000' });
    expect(await api.estimate(probe({ model: 'openai/unpriced' }))).toMatchObject({
      lookNanoUsd: null,
      monthNanoUsd: null,
    });
    expect(await api.estimate({ rule: { kind: 'drift' } })).toMatchObject({ calls: 0, lookNanoUsd: '0' });
    const embeds = await api.estimate({ rule: { kind: 'drift', embed: 'openai/embed', budgetUsd: 1000 } });
    expect(embeds).toMatchObject({ calls: 4, looksPerDay: 1, lookNanoUsd: '10000000000' });
    await expect(api.set('vendor', probe({ budgetUsd: 0.5 }))).rejects.toMatchObject({
      ...{
        code: 'invalid_request',
        param: 'rule.budgetUsd',
        message: expect.stringContaining('One look costs about $0.80'),
      },
    });
    await expect(api.set('vendor', probe({ budgetUsd: 0.9 }))).resolves.toMatchObject({ name: 'vendor' });
  });

  test('asks no more on a day than its budget has room for, and goes on the next day', async () => {
    const api = await open();
    api.model.nanoUsd = 200_000_000n;
    await api.set('vendor', { ...probe({ budgetUsd: 1 }), windowMinutes: 60 });
    const asked: number[] = [];
    for (let hour = 0; hour < 15; hour++) {
      await api.after(60 * minuteMs);
      asked.push(api.model.asked);
    }
    // $0.40 a run: two before midnight, which comes with the twelfth look.
    expect(asked.slice(0, 11)).toEqual([2, ...Array(10).fill(4)]);
    expect(asked.slice(11)).toEqual([6, 8, 8, 8]);
    const { look, spent } = await api.get('vendor');
    expect(look).toMatchObject({
      ...{
        status: 'no_data',
        sentence: 'openai/gpt was not asked: of $1 a day $0.800 is spent, and asking costs $0.400.',
      },
    });
    expect(spent).toEqual({ day: '2026-02-03', nanoUsd: '800000000', lastNanoUsd: '400000000' });
  });
});
