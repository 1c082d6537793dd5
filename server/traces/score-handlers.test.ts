import { schemas, scoreSchemas } from '@wheelhouse/core/contract';
import { type Actor, defaultProjectId, type LiveEvent } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { fakeScoreStore } from '../../testing/fakes/index.ts';
import { createScoreHandlers } from './score-handlers.ts';

const self: Actor = { project: defaultProjectId, actor: 'test' };
const uuid = '0195A6B0-4C11-4F6E-8E21-0D5B8F3A9C77';

function setUp() {
  const events: LiveEvent[] = [];
  let now = 1_800_000_002_123_456_789n;
  const handlers = createScoreHandlers({
    scores: fakeScoreStore(),
    feed: { publish: (event) => events.push(event), subscribe: () => () => {} },
    clock: { now: () => (now += 1_000_000n) },
    random: { bytes: (count) => new Uint8Array(count).fill(7) },
  });
  const post = (body: object) =>
    handlers.createScore({ by: self, params: {}, query: undefined, body: scoreSchemas.newScore.parse(body) });
  const list = (query: object) =>
    handlers.listScores({ by: self, params: {}, query: scoreSchemas.scoreQuery.parse(query), body: undefined });
  const remove = (scoreId: string) =>
    handlers.deleteScore({ by: self, params: { scoreId }, query: undefined, body: undefined });
  return { post, list, remove, events };
}

describe('the score routes', () => {
  it('take a score, also one that comes before its trace, and tell that the trace has changed', async () => {
    const { post, events } = setUp();
    const early = 'C'.repeat(32);
    const score = await post({
      traceId: early,
      spanId: 'D'.repeat(16),
      name: 'helpful',
      value: 0.5,
      comment: 'so so',
      source: 'user',
    });
    expect(schemas.score.parse(score)).toEqual(score);
    expect(score).toMatchObject({
      traceId: early.toLowerCase(),
      spanId: 'd'.repeat(16),
      createdAt: '2027-01-15T08:00:02.124Z',
      source: 'user',
    });
    expect(score.id).toMatch(/^sc_/);
    expect(events).toEqual([{ type: 'scores', project: defaultProjectId, traceIds: [early.toLowerCase()] }]);
  });

  it('find a trace by the UUID that a client gave it, and replace a score of the same id', async () => {
    const { post, list } = setUp();
    await post({ id: 'mine', traceId: uuid, name: 'grade', value: 'good' });
    await post({ id: 'mine', traceId: uuid, name: 'grade', value: 'excellent', metadata: { by: 'ada' } });
    const page = await list({ traceId: uuid.toLowerCase() });
    expect(scoreSchemas.scorePage.parse(page)).toEqual(page);
    expect(page.data).toMatchObject([
      {
        id: 'mine',
        traceId: '0195a6b04c114f6e8e210d5b8f3a9c77',
        value: 'excellent',
        metadata: { by: 'ada' },
      },
    ]);
  });

  it('judge a session, page by page, and tell of no trace', async () => {
    const { post, list, events } = setUp();
    for (const value of [true, false, true]) await post({ sessionId: 's 1', name: 'solved', value });
    const first = await list({ sessionId: 's 1', limit: 2 });
    const rest = await list({ sessionId: 's 1', limit: 2, cursor: first.next ?? '' });
    expect(first.data).toHaveLength(2);
    expect(rest).toMatchObject({ data: [{ sessionId: 's 1', traceId: null, value: true }], next: null });
    expect(events).toEqual([]);
  });

  it('remove a score once', async () => {
    const { post, list, remove, events } = setUp();
    const { id } = await post({ traceId: uuid, name: 'grade', value: 1 });
    expect(await remove(id)).toEqual({ removed: true });
    expect((await list({ traceId: uuid })).data).toEqual([]);
    expect(events).toHaveLength(2);
    expect(await remove(id)).toEqual({ removed: false });
  });

  it.each([
    [{ name: 'a', value: 1 }, 'traceId'],
    [{ name: 'a', value: 1, traceId: 'latest' }, 'traceId'],
    [{ name: 'a', value: 1, sessionId: 's', spanId: 'd'.repeat(16) }, 'traceId'],
    [{ name: 'a', value: null, traceId: uuid }, 'value'],
  ])('refuse %j', (body, field) => {
    const { error } = scoreSchemas.newScore.safeParse(body);
    expect(error?.issues[0]?.path.join('.')).toBe(field);
  });
});
