import { releaseSchemas } from '@wheelhouse/core/contract';
import { by, later, openReleases as open, project, score, traffic } from '@wheelhouse/testing/releases';
import { describe, expect, test } from 'vitest';

describe('the watch of releases', () => {
  test('rolls back within one look of what decides, and the next calls know', async () => {
    const api = await open();
    const { id } = await api.start();
    await later(api, 10_000);
    expect(await api.get(id)).toMatchObject({ state: 'running', verdict: { verdict: 'not_enough_data' } });
    api.arrive(traffic(40, 0));
    const before = api.changes();
    await later(api, 5_000);
    expect(await api.get(id)).toMatchObject({ state: 'rolled_back', verdict: { verdict: 'roll_back' } });
    expect(api.changes()).toBe(before + 1);
    expect(await api.aliasOf()).toMatchObject({ version: 1 });
    expect(api.events).toContainEqual({ type: 'releases', project, id, model: 'bot' });
  });

  test('says that one may be promoted, and promotes only where it was told to', async () => {
    const api = await open();
    const asked = await api.start();
    api.world.nowMs += 1;
    api.arrive(traffic(200, 1));
    await later(api, 5_000);
    expect(await api.get(asked.id)).toMatchObject({ state: 'running', verdict: { verdict: 'promote' } });
    expect(await api.aliasOf()).toMatchObject({ version: 1 });
    await api.deps.releases.end(by, asked.id, { as: 'rolled_back', reason: '' });
    const { id } = await api.start({ promotesItself: true });
    api.world.nowMs += 1;
    api.arrive(traffic(200, 1));
    await later(api, 5_000);
    expect(await api.get(id)).toMatchObject({ state: 'promoted' });
    expect(await api.aliasOf()).toMatchObject({ version: 2 });
  });

  test('never promotes while nothing comes, or the judge gives no scores', async () => {
    const api = await open();
    const { id } = await api.start({ promotesItself: true });
    for (let hour = 0; hour < 3; hour++) await later(api, 3_600_000);
    expect(await api.get(id)).toMatchObject({ state: 'running', verdict: { verdict: 'not_enough_data' } });
    api.arrive(traffic(2_000, 1).filter(({ kind }) => kind === 'call'));
    await later(api, 3_600_000);
    const { verdict } = await api.get(id);
    expect(verdict?.sentence).toBe('Fewer than 10 values: good has 0 against 0.');
  });

  test('says when a vendor changed its model meanwhile, which moves both versions and no verdict', async () => {
    const api = await open();
    const { id } = await api.start();
    api.world.changes = [{ monitor: 'canary-prompts', model: 'openai/gpt', at: '2026-01-01T04:05:06.000Z' }];
    api.world.nowMs += 1;
    const worse = [score('incumbent', 0.2), score('candidate', 0.2)];
    api.arrive([...traffic(30, 1), ...Array.from({ length: 30 }, () => worse).flat()]);
    await later(api, 5_000);
    const { verdict } = await api.get(id);
    expect(verdict?.verdict).toBe('promote');
    expect(verdict?.sentence).toContain('a vendor changed openai/gpt (`canary-prompts`, 2026-01-01 04:05)');
  });

  test('looks at everything once, however long nobody looked, and after a clock that was set back', async () => {
    const api = await open();
    const { id } = await api.start({ minimum: 5_000 });
    for (let minute = 0; minute < 60; minute++) {
      api.world.nowMs += 60_000;
      api.arrive(traffic(1, 1));
    }
    await later(api, 5_000);
    const counted = async () => (await api.get(id)).verdict?.rails[0]?.candidate.count;
    expect(await counted()).toBe(60);
    const before = api.asks.length;
    api.world.nowMs -= 600_000;
    await api.look();
    expect(api.asks).toHaveLength(before);
    api.world.nowMs += 600_001;
    api.arrive(traffic(1, 1));
    await later(api, 400_000);
    expect(await counted()).toBe(61);
  });

  test('changes nothing while the store is away, and goes on where it was', async () => {
    const api = await open();
    const { id } = await api.start();
    api.world.nowMs += 1;
    api.arrive(traffic(40, 0));
    api.world.fails = true;
    await later(api, 60_000);
    expect(await api.get(id)).toMatchObject({ state: 'running', verdict: null });
    expect(api.errors).toEqual(['a release could not be looked at; tried again soon']);
    api.world.fails = false;
    await later(api, 60_000);
    expect(await api.get(id)).toMatchObject({ state: 'rolled_back' });
  });

  test('lets the share grow by what the candidate has answered', async () => {
    const api = await open();
    const steps = [
      { share: 0.05, after: 0 },
      { share: 0.5, after: 30 },
    ];
    const { id, share } = await api.start({ steps, minimum: 10_000 });
    expect(share).toBe(0.05);
    api.world.nowMs += 1;
    api.arrive(traffic(30, 1));
    await later(api, 5_000);
    expect(await api.get(id)).toMatchObject({ share: 0.5 });
    expect((await api.aliasOf())?.release).toMatchObject({ share: 0.5 });
  });
});

describe('calls that failed', () => {
  test('become draft examples once their release is rolled back, each question once', async () => {
    const api = await open();
    const { id } = await api.start({ examples: { dataset: 'failures' } });
    api.world.nowMs += 1;
    api.arrive(traffic(40, 0));
    await api.draft();
    await later(api, 5_000);
    expect(await api.get(id)).toMatchObject({ state: 'rolled_back', drafts: null });
    await api.draft();
    await api.draft();
    const [only, ...more] = api.drafted;
    expect(more).toEqual([]);
    expect(only?.dataset).toBe('failures');
    expect(only?.rows).toHaveLength(20);
    expect(only?.rows[0]).toMatchObject({
      ...{ input: 'question 0', expected: null, tags: [id] },
      metadata: { release: id, version: 2, against: ['good'], answer: 'No.' },
    });
    expect(await api.get(id)).toMatchObject({
      drafts: { dataset: 'failures', rows: 19, refused: ['It is too long.'] },
    });
  });

  test('are not lost while a store is away', async () => {
    const api = await open();
    const { id } = await api.start({ examples: { dataset: 'failures' } });
    await api.deps.releases.end(by, id, { as: 'rolled_back', reason: '' });
    api.world.fails = true;
    await api.draft();
    expect(api.errors).toEqual(['calls that failed are no examples yet; tried again soon']);
    expect(await api.get(id)).toMatchObject({ drafts: null });
  });

  test('go to a dataset that is there', async () => {
    const api = await open();
    await expect(api.start({ examples: { dataset: 'nowhere' } })).rejects.toThrow('no dataset `nowhere`');
  });
});

describe('what a release is started with', () => {
  test('is what the incumbent did, where nobody says', async () => {
    const api = await open();
    api.world.history = {
      calls: 100,
      p95Ns: 5n,
      cost: null,
      scores: [{ name: 'thumbs', count: 50, given: 50, mean: 1, least: 0, most: 1 }],
    };
    const body = releaseSchemas.newRelease.parse({ model: 'bot', candidate: 2 });
    const plan = await api.handlers.planRelease({ by, params: {}, query: undefined, body });
    expect(releaseSchemas.plannedRelease.parse(plan)).toEqual(plan);
    expect(plan).toMatchObject({
      incumbent: 1,
      candidate: 2,
      without: [expect.stringContaining('cost')],
      breaking: [],
    });
    expect(plan.rails.map(({ name }) => name)).toEqual(['thumbs', 'latency', 'errors', 'refusals']);
    const release = await api.start({ rails: undefined });
    expect(releaseSchemas.release.parse(release)).toEqual(release);
  });

  test('does not promote itself where no score is watched, unless that was chosen', async () => {
    const api = await open();
    await expect(api.start({ rails: undefined, promotesItself: true })).rejects.toMatchObject({
      ...{ code: 'conflict', param: 'promotesItself', hint: expect.stringContaining('name the rails') },
    });
    const rails = [{ kind: 'errors', name: 'errors', effect: 0.1 }];
    expect(await api.start({ rails, promotesItself: true })).toMatchObject({ promotesItself: true });
  });

  test.each([
    [{ steps: [{ share: 0.1, after: 5 }] }, 'begins at once'],
    [
      {
        steps: [
          { share: 0.1, after: 0 },
          { share: 0.1, after: 9 },
        ],
      },
      'Step 2',
    ],
    [
      {
        steps: [
          { share: 0.1, after: 0 },
          { share: 0.5, after: 0 },
        ],
      },
      'Step 2',
    ],
    [
      {
        rails: [
          { kind: 'errors', name: 'e', effect: 0.1 },
          { kind: 'refusals', name: 'e', effect: 0.1 },
        ],
      },
      'Two rails',
    ],
    [{ rails: [{ kind: 'quality', name: 'q', score: 'q', low: 1, high: 1, effect: 0.1 }] }, 'no range'],
    [{ rails: [{ kind: 'latency', name: 'l', slowNs: '0', effect: 0.1 }] }, 'every call slow'],
    [{ rails: [{ kind: 'cost', name: 'c', capNanoUsd: '0', effect: 0.1 }] }, 'no range'],
    [{ model: 'nobody' }, 'No model is registered as `nobody`.'],
    [{ candidate: 9 }, 'no version 9'],
    [{ candidate: 1 }, 'there already'],
  ])('is refused where it makes no sense: %j', async (more, said) => {
    const api = await open();
    await expect(api.start(more)).rejects.toThrow(said);
    expect((await api.aliasOf())?.release).toBeUndefined();
  });

  test.each([{ share: 0 }, { share: 1 }, { share: -0.1 }, { risks: { falseRollback: 0 } }, { minimum: 1 }])(
    'is no body at all: %j',
    (more) => {
      expect(releaseSchemas.newRelease.safeParse({ model: 'bot', candidate: 2, ...more }).success).toBe(false);
    },
  );

  test('is no version that callers would fail with', async () => {
    const api = await open({ breaks: true });
    await expect(api.start()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('may fail') });
  });
});

describe('an issue that blocks', () => {
  test('is held back by an issue, says by which, and is promoted once that is resolved', async () => {
    const api = await open();
    const { id } = await api.start({ promotesItself: true });
    api.world.blocker = { id: 'is_1', title: 'Timeout in search' };
    api.world.nowMs += 1;
    api.arrive(traffic(200, 1));
    await later(api, 5_000);
    const { state, verdict } = await api.get(id);
    expect({ state, sentence: verdict?.sentence }).toMatchObject({
      state: 'running',
      sentence: expect.stringContaining('The issue is_1 holds it back: Timeout in search'),
    });
    api.world.blocker = null;
    await later(api, 3_600_000);
    expect(await api.get(id)).toMatchObject({ state: 'promoted' });
  });
});
