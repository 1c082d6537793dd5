import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEmbedded } from '../embedded/index.ts';
import { findServer, type TestDatabase } from '../postgres/index.ts';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const openServer = findServer();
if (openServer === null)
  console.log('No Postgres server was found: releases on two servers are not tested. Set TEST_DATABASE_URL.');

const say = (word: string) => ({
  definition: {
    flavor: 'prompt' as const,
    baseModel: 'sim/echo',
    messages: [{ role: 'user' as const, content: `${word} {{question}}` }],
  },
});
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

type Answer = { status: number; version: 1 | 2; traceId: string };

async function ask(house: Wheelhouse, model: string, user: string): Promise<Answer> {
  const response = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, user, messages: [], variables: { question: 'Why?' } }),
  });
  const text = await response.text();
  const version = text.includes('"two ') ? 2 : 1;
  return { status: response.status, version, traceId: response.headers.get('x-wheelhouse-trace-id') ?? '' };
}

/** Longer than what is waited for below may take. */
const patient = { timeout: 300_000 };

describe.skipIf(openServer === null)('a release on two servers', patient, () => {
  let folders: Awaited<ReturnType<typeof makeFolder>>[];
  let engine: Awaited<ReturnType<typeof openTestEmbedded>>;
  let database: TestDatabase | undefined;
  let env: Record<string, string>;
  let one: Wheelhouse;
  let two: Wheelhouse;

  beforeAll(async () => {
    [engine, database, ...folders] = await Promise.all([
      ...([openTestEmbedded(), openServer?.(), makeFolder(), makeFolder()] as const),
    ]);
    env = { DATABASE_URL: database?.url ?? '', CLICKHOUSE_URL: engine.clickhouseUrl };
    // The first makes the tables.
    one = await startWheelhouse({ folder: folders[0]?.path ?? '', env });
    two = await startWheelhouse({ folder: folders[1]?.path ?? '', env });
  });
  afterAll(async () => {
    await Promise.all([one?.stop(), two?.stop()]);
    await Promise.all(folders.map((folder) => folder.remove()));
    await database?.close();
    await engine?.close();
  });

  async function twoVersions(name: string): Promise<void> {
    await one.client.call('createModel', { body: { name, version: say('one') } });
    await one.client.call('createVersion', { params: { name }, body: say('two') });
    await one.client.call('moveAlias', { params: { name, alias: 'production' }, body: { version: 1 } });
    await expect.poll(async () => (await ask(two, name, 'first')).status).toBe(200);
  }
  const start = (model: string, more: object) =>
    one.client.call('startRelease', { body: { model, candidate: 2, minimum: 10_000, ...more } });
  const read = async (releaseId: string) => (await one.client.call('getRelease', { params: { releaseId } })).release;
  const aliasOf = async (name: string) => {
    const { model } = await one.client.call('getModel', { params: { name } });
    return model.aliases[0];
  };

  it('never takes a version back from a user, whichever server they ask, from its start on and while its share grows', async () => {
    const name = 'growing-bot';
    await twoVersions(name);
    const seen = range(0, 40).map((): number[] => []);
    let going = true;
    // Each user asks one server and then the other, and so on, as fast as they answer.
    const users = seen.map(async (versions, i) => {
      for (let turn = 0; going; turn++)
        versions.push((await ask(turn % 2 === 0 ? one : two, name, `user ${i}`)).version);
    });
    const steps = [
      { share: 0.3, after: 0 },
      { share: 0.8, after: 5 },
    ];
    const { id } = await start(name, { steps, rails: [{ kind: 'errors', name: 'errors', effect: 0.4 }] });
    try {
      await expect.poll(async () => (await aliasOf(name))?.release?.before, { timeout: 60_000 }).toBeUndefined();
      // Whoever called before has had their first say; these come anew.
      await Promise.all(range(100, 60).map((i) => ask(one, name, `user ${i}`)));
      await expect.poll(async () => (await read(id)).share, { timeout: 120_000, interval: 200 }).toBe(0.8);
      await expect.poll(async () => (await aliasOf(name))?.release?.before, { timeout: 120_000 }).toBeUndefined();
      const grown = seen.map(({ length }) => length);
      await expect
        .poll(() => seen.every(({ length }, i) => length > (grown[i] ?? 0) + 4), { timeout: 120_000 })
        .toBe(true);
    } finally {
      going = false;
      await Promise.all(users);
    }
    const changes = seen.map(
      (versions) => versions.filter((version, i) => i > 0 && version !== versions[i - 1]).length,
    );
    expect(changes.every((count) => count <= 1)).toBe(true);
    const share = seen.filter((versions) => versions.at(-1) === 2).length / seen.length;
    expect(share).toBeGreaterThan(0.5);
    await two.client.call('rollBackRelease', { params: { releaseId: id }, body: {} });
  });

  it('answers every call while the alias is split, promoted, taken back and split again', async () => {
    const name = 'busy-bot';
    await twoVersions(name);
    const rails = [{ kind: 'errors' as const, name: 'errors', effect: 0.4 }];
    const { id } = await start(name, { share: 0.5, rails });
    const end = (verb: 'promoteRelease' | 'rollBackRelease', house: Wheelhouse) => () =>
      house.client.call(verb, { params: { releaseId: id }, body: {} });
    const acts = new Map<number, () => Promise<unknown>>([
      [500, end('promoteRelease', one)],
      [1_000, end('rollBackRelease', two)],
      [1_500, () => start(name, { share: 0.2, rails })],
    ]);
    // Each when the one before is through, however long that takes.
    let done: Promise<unknown> = Promise.resolve();
    const statuses = new Map<number, number>();
    let next = 0;
    const caller = async () => {
      for (let i = next++; i < 2_000; i = next++) {
        const act = acts.get(i);
        if (act) done = done.then(act);
        const { status } = await ask(i % 2 === 0 ? one : two, name, `user ${i % 300}`);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(range(0, 50).map(caller));
    await done;
    expect([...statuses]).toEqual([[200, 2_000]]);
    expect(await aliasOf(name)).toMatchObject({ version: 1, release: { share: 0.2 } });
  });

  it('counts everybody once, and splits as before, when one of them is killed', async () => {
    const name = 'killed-bot';
    await twoVersions(name);
    const rails = [{ kind: 'quality' as const, name: 'good', score: 'good', effect: 0.3 }];
    const { id } = await start(name, { share: 0.5, rails });
    // Its first look is after its beginning, from which on calls count.
    await expect.poll(async () => (await read(id)).verdict, { timeout: 60_000 }).not.toBeNull();
    const all = (house: Wheelhouse, from: number, count: number) =>
      Promise.all(range(from, count).map((i) => ask(house, name, `user ${i}`)));
    const rate = (answers: Answer[]) =>
      Promise.all(
        answers.map(({ traceId }) => one.client.call('createScore', { body: { traceId, name: 'good', value: 1 } })),
      );
    const counted = async () => {
      const [rail] = (await read(id)).verdict?.rails ?? [];
      return (rail?.candidate.count ?? 0) + (rail?.incumbent.count ?? 0);
    };
    const before = await all(two, 0, 40);
    await rate(before);
    // Both look at it every two seconds; one dies in the middle of that.
    await expect.poll(counted, { timeout: 120_000, interval: 100 }).toBeGreaterThan(0);
    await two.stop('SIGKILL');
    await expect.poll(counted, { timeout: 120_000, interval: 100 }).toBe(40);
    two = await startWheelhouse({ folder: folders[1]?.path ?? '', env });
    const after = [...(await all(two, 0, 20)), ...(await all(one, 20, 20))];
    expect(after.map(({ version }) => version)).toEqual(before.map(({ version }) => version));
    await rate([...after, ...(await all(two, 100, 10))]);
    await expect.poll(counted, { timeout: 120_000, interval: 100 }).toBe(50);
    expect((await read(id)).state).toBe('running');
  });
});
