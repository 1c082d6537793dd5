import { releaseSchemas } from '@wheelhouse/core/contract';
import { by, later, openReleases as open, pairs, traffic } from '@wheelhouse/testing/releases';
import { describe, expect, test } from 'vitest';

describe('a release that only listens', () => {
  const shadow = { budgetNanoUsd: null, outside: false };

  test('looks as good, is asked no more, and goes on as a canary with the same rails', async () => {
    const api = await open();
    const { id, rails } = await api.start({ shadow, share: 0.2 });
    expect((await api.aliasOf())?.release).toMatchObject({ id, share: 0.2, isShadow: true });
    api.world.copies = { drawn: 210, answered: 200, costNanoUsd: '70' };
    api.world.nowMs += 1;
    api.arrive(pairs(200, 1));
    await later(api, 5_000);
    expect(await api.get(id)).toMatchObject({
      ...{ state: 'running', share: 0, copies: { drawn: 210, answered: 200, costNanoUsd: '70' } },
      verdict: { verdict: 'promote', sentence: expect.stringContaining('it may go on to callers') },
    });
    await expect(
      api.handlers.promoteRelease({ by, params: { releaseId: id }, query: undefined, body: { reason: '' } }),
    ).rejects.toMatchObject({ code: 'conflict' });
    const next = await api.canary(id, { share: 0.3 });
    expect(next).toMatchObject({ state: 'running', shadow: null, copies: null, share: 0.3, rails, verdict: null });
    expect(await api.get(id)).toMatchObject({ state: 'stopped', reason: expect.stringContaining(next.id) });
    await expect(api.canary(next.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await api.aliasOf()).toMatchObject({ version: 1, release: { id: next.id, share: 0.3 } });
  });

  test('ends by itself when its answers are worse', async () => {
    const api = await open();
    const { id } = await api.start({ shadow });
    api.world.nowMs += 1;
    api.arrive(pairs(60, 0));
    await later(api, 5_000);
    expect(await api.get(id)).toMatchObject({ state: 'rolled_back', reason: expect.stringContaining('good is worse') });
    expect((await api.aliasOf())?.release).toBeUndefined();
  });

  test('is asked no more when its money is spent, also when nothing new came, and says so', async () => {
    const api = await open();
    const { id } = await api.start({ shadow: { ...shadow, budgetNanoUsd: '1000' } });
    api.world.nowMs += 1;
    api.arrive(pairs(8, 1));
    api.world.copies = { drawn: 20, answered: 20, costNanoUsd: '999' };
    await later(api, 5_000);
    expect(await api.get(id)).toMatchObject({ share: 0.1, verdict: { verdict: 'not_enough_data' } });
    api.world.copies = { drawn: 21, answered: 21, costNanoUsd: '1000' };
    await later(api, 5_000);
    const { share, verdict } = await api.get(id);
    expect({ share, sentence: verdict?.sentence }).toEqual({
      ...{ share: 0, sentence: 'Fewer than 10 values: good has 8 against 8. What copies may cost is spent.' },
    });
  });

  test('is no version that may act, unless doing it twice does no harm', async () => {
    const api = await open({ breaks: 'acts' });
    await expect(api.start({ shadow })).rejects.toThrow('`bot@2` may act');
    expect(await api.start({ shadow: { ...shadow, outside: true } })).toMatchObject({ state: 'running' });
  });

  test('shows what both said to the same calls, what differs most first', async () => {
    const api = await open();
    const { id } = await api.start({ shadow });
    const ask = { by, params: { releaseId: id }, query: undefined, body: undefined };
    const answers = await api.handlers.compareReleaseAnswers(ask);
    expect(releaseSchemas.releaseAnswers.parse(answers)).toEqual(answers);
    expect(answers).toMatchObject({ counts: { changed: 1, fails: 1, same: 0 }, alike: 0.5 });
    expect(answers.data).toMatchObject([
      { kind: 'fails', candidate: { traceId: 'broke', output: null } },
      { kind: 'changed', input: 'Is it?', incumbent: { output: 'said yes' }, candidate: { output: 'said no' } },
    ]);
    await api.deps.releases.end(by, id, { as: 'rolled_back', reason: '' });
    const answering = await api.start();
    await expect(
      api.handlers.compareReleaseAnswers({ ...ask, params: { releaseId: answering.id } }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each([
    [{ steps: [{ share: 0.1, after: 0 }] }, 'no share of it grows'],
    [{ promotesItself: true }, 'followed by a canary'],
    [{ examples: { dataset: 'failures' } }, 'fails no caller'],
  ])('cannot have what is for those that answer: %j', async (more, said) => {
    const api = await open();
    await expect(api.start({ shadow, ...more })).rejects.toThrow(said);
  });
});

describe('a share that moves by how the candidate does', () => {
  const allocation = { floor: 0.1, ceiling: 0.8 };

  test('changes as looks say, is kept, and is in the history', async () => {
    const api = await open();
    const { id } = await api.start({ allocation, share: 0.2, minimum: 5_000 });
    expect(await api.get(id)).toMatchObject({ share: 0.2, allocation });
    api.world.nowMs += 1;
    api.arrive(traffic(40, 1));
    await later(api, 5_000);
    expect(await api.get(id)).toMatchObject({ state: 'running', share: 0.8 });
    expect((await api.aliasOf())?.release).toMatchObject({ share: 0.8 });
    api.arrive(traffic(4, 1));
    await later(api, 5_000);
    const { events, shares, decidedNext } = await api.handlers.getRelease({
      by,
      params: { releaseId: id },
      query: undefined,
      body: undefined,
    });
    expect(events.filter(({ kind }) => kind === 'share')).toMatchObject([
      {
        detail: { before: { share: 0.2 }, after: { share: 0.8 }, reason: expect.stringMatching(/^After \d+ users of/) },
      },
    ]);
    expect(shares.map(({ share }) => share)).toEqual([0.8]);
    expect(decidedNext).toBeGreaterThan(44);
    expect(shares[0]?.rail).toEqual(expect.any(String));
  });

  test.each([
    [{ allocation, share: 0.9 }, 'begins at 0.9'],
    [{ allocation: { floor: 0.5, ceiling: 0.2 } }, 'has to lie between'],
    [{ allocation, steps: [{ share: 0.1, after: 0 }] }, 'or by steps'],
    [{ allocation, shadow: { budgetNanoUsd: null, outside: false } }, 'only listens'],
  ])('is refused where it makes no sense: %j', async (more, said) => {
    const api = await open();
    await expect(api.start(more)).rejects.toThrow(said);
  });
});
