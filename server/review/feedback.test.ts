import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  defaultProjectId,
  type FeedbackKeyId,
  type ProjectId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { fakeFeedbackKeyStore, fakeScoreStore } from '@wheelhouse/testing/fakes';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFeedbackDoor, createFeedbackHandlers } from './feedback.ts';

const by = { project: defaultProjectId, actor: 'ada' };
const traceId = 'ab'.repeat(16) as TraceId;
const elsewhere = 'elsewhere' as ProjectId;

function setUp() {
  const [keys, scores] = [fakeFeedbackKeyStore(), fakeScoreStore()];
  let [nowMs, made, reads] = [Date.UTC(2026, 0, 1), 0, 0];
  const deps = {
    keys: {
      ...keys,
      active() {
        reads += 1;
        return keys.active();
      },
    },
    scores,
    finder: { hasTrace: async (project: ProjectId, id: TraceId) => project === by.project && id === traceId },
    feed: { publish: () => {} },
    clock: { now: () => BigInt(nowMs) * 1_000_000n },
    random: { bytes: (count: number) => new Uint8Array(count).fill(++made) },
    newSecret: (prefix: string) => `${prefix}${made}`,
  };
  return {
    ...{ deps, scores, keys, handlers: createFeedbackHandlers(deps), reads: () => reads },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

let world: ReturnType<typeof setUp>;
let server: Server;
let url: string;
beforeEach(async () => {
  world = setUp();
  const door = createFeedbackDoor(world.deps);
  server = createServer((req, res) => {
    door(req, res, '192.0.2.7').catch((error: unknown) => {
      res.writeHead(error instanceof WheelhouseError ? error.status : 500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const makeKey = (more: object = {}) =>
  world.handlers.createFeedbackKey({
    ...{ by, params: {}, query: undefined },
    body: { name: 'shop', scores: ['feedback', 'stars'], origins: [], ...more },
  });
const post = async (body: unknown, headers: Record<string, string> = {}) =>
  (await fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers })).status;

it('keeps what a user says as a score of the trace, the newest of a name', async () => {
  const { key, id } = await makeKey();
  expect(key).toMatch(/^pk_/);
  expect(await post({ key, traceId, value: true })).toBe(204);
  world.pass(1_000);
  expect(await post({ key, traceId, value: false, comment: 'no' })).toBe(204);
  expect(await post({ key, traceId: traceId.toUpperCase(), name: 'stars', value: 4 })).toBe(204);
  const scores = await world.scores.ofTrace(by.project, traceId);
  expect(scores).toHaveLength(2);
  expect(scores).toMatchObject([
    { name: 'feedback', value: false, comment: 'no', source: 'user', metadata: { feedbackKey: id } },
    { name: 'stars', value: 4, comment: null },
  ]);
});

it('refuses what the key may not write, and traces that are not there', async () => {
  const { key } = await makeKey({ origins: ['https://a.example'] });
  const fromA = { origin: 'https://a.example' };
  const said = { key, traceId, value: true };
  expect(await post(said)).toBe(403);
  expect(await post(said, { origin: 'https://b.example' })).toBe(403);
  expect(await post(said, fromA)).toBe(204);
  expect(await post({ ...said, name: 'quality' }, fromA)).toBe(403);
  expect(await post({ ...said, traceId: 'cd'.repeat(16) }, fromA)).toBe(404);
  for (const wrong of ['{', '[]', { ...said, value: 'great' }, { ...said, traceId: 'x' }, { ...said, more: 1 }])
    expect(await post(wrong, fromA)).toBe(400);
  expect(await post({ ...said, comment: 'x'.repeat(20_000) }, fromA)).toBe(413);
  expect((await fetch(url)).status).toBe(405);
});

it('knows keys of one project alone, until they are revoked', async () => {
  const made = await makeKey();
  const other = await world.keys.create(
    { ...by, project: elsewhere },
    { ...made, id: 'fk_other' as FeedbackKeyId, key: 'pk_other' },
  );
  const said = { traceId, value: true };
  expect(await post({ ...said, key: other.key })).toBe(404);
  expect(await post({ ...said, key: made.key })).toBe(204);
  const at = { by, params: { keyId: made.id }, query: undefined, body: undefined };
  expect((await world.handlers.revokeFeedbackKey(at)).revokedAt).not.toBeNull();
  world.pass(3_000);
  expect(await post({ ...said, key: made.key })).toBe(401);
  const nowhere = { ...at, params: { keyId: 'fk_nowhere' } };
  await expect(world.handlers.revokeFeedbackKey(nowhere)).rejects.toMatchObject({ code: 'not_found' });
});

it('takes only so much of one address in a minute, and reads no store for keys that do not exist', async () => {
  const statuses = await Promise.all(Array.from({ length: 70 }, () => post({ key: 'pk_none', traceId, value: 1 })));
  expect(statuses.filter((status) => status === 401)).toHaveLength(60);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  expect(world.reads()).toBe(1);
  world.pass(60_000);
  expect(await post({ key: 'pk_none', traceId, value: 1 })).toBe(401);
});

it('lets pages of anywhere ask', async () => {
  const answer = await fetch(url, { method: 'OPTIONS' });
  expect(answer.status).toBe(204);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
});
