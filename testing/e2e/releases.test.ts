import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;

beforeAll(async () => {
  folder = await makeFolder();
  house = await startWheelhouse({ folder: folder.path });
});
afterAll(async () => {
  await house?.stop();
  await folder?.remove();
});

const say = (word: string, more: object = {}) => ({
  definition: {
    flavor: 'prompt' as const,
    baseModel: 'sim/echo',
    messages: [{ role: 'user' as const, content: `${word} {{question}}` }],
    ...more,
  },
});

/** Calls these tools with what it is asked. */
const calls = (...tools: string[]) => ({
  definition: {
    flavor: 'prompt' as const,
    baseModel: 'sim/echo',
    messages: [
      { role: 'user' as const, content: tools.map((tool) => `call ${tool} {"id":"{{question}}"}`).join('\n') },
    ],
    parameters: {
      tools: tools.map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } })),
    },
  },
});

/** A model whose version 1 answers as `one`, and version 2 as `two`; production is at 1. */
async function twoVersions(name: string): Promise<void> {
  const { client } = house;
  await client.call('createModel', { body: { name, version: say('one') } });
  await client.call('createVersion', { params: { name }, body: say('two') });
  await client.call('moveAlias', { params: { name, alias: 'production' }, body: { version: 1 } });
}

type Answer = { version: 1 | 2; traceId: string };

async function ask(model: string, user: string, question = 'Why?'): Promise<Answer> {
  const response = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, user, messages: [], variables: { question } }),
  });
  const body = (await response.json()) as { choices?: { message: { content: string } }[] };
  expect(response.status, JSON.stringify(body)).toBe(200);
  const version = body.choices?.[0]?.message.content.startsWith('two') ? 2 : 1;
  return { version, traceId: response.headers.get('x-wheelhouse-trace-id') ?? '' };
}

const rate = ({ traceId }: Answer, value: number) =>
  house.client.call('createScore', { body: { traceId, name: 'good', value } });
const users = (from: number, count: number) => Array.from({ length: count }, (_, i) => `user ${from + i}`);

/** Calls of new users, with a score each, until the release has ended, or all have called. */
async function traffic(name: string, id: string, goodOf: (version: 1 | 2) => number): Promise<string> {
  for (let from = 0; from < 600; from += 20) {
    await Promise.all(
      users(from, 20).map(async (user) => {
        const answer = await ask(`${name}@production`, user);
        await rate(answer, goodOf(answer.version));
      }),
    );
    const { release } = await house.client.call('getRelease', { params: { releaseId: id } });
    if (release.state !== 'running') break;
  }
  await expect.poll(async () => (await read(id)).release.state, { timeout: 60_000, interval: 250 }).not.toBe('running');
  return (await read(id)).release.state;
}

const read = (releaseId: string) => house.client.call('getRelease', { params: { releaseId } });
const quality = (effect: number) => ({ kind: 'quality' as const, name: 'good', score: 'good', effect });
const start = (model: string, more: object = {}) =>
  house.client.call('startRelease', {
    body: { model, candidate: 2, share: 0.5, minimum: 10, rails: [quality(0.3)], ...more },
  });
const aliasOf = async (name: string) => {
  const { model } = await house.client.call('getModel', { params: { name } });
  return model.aliases.find(({ alias }) => alias === 'production');
};

describe('a release', () => {
  it('gives each user one version, and is rolled back by itself when scores fall', async () => {
    await twoVersions('bad-bot');
    const examples = { dataset: 'failures' };
    await expect(start('bad-bot', { examples })).rejects.toMatchObject({ code: 'not_found' });
    await house.client.call('createDataset', { body: { name: 'failures' } });
    const { id, incumbent } = await start('bad-bot', { examples });
    expect(incumbent).toBe(1);
    expect((await aliasOf('bad-bot'))?.release).toEqual({ id, candidate: 2, share: 0.5, sticky: 'user' });
    const first = await Promise.all(users(10_000, 20).map((user) => ask('bad-bot@production', user)));
    const again = await Promise.all(users(10_000, 20).map((user) => ask('bad-bot', user)));
    expect(again.map(({ version }) => version)).toEqual(first.map(({ version }) => version));
    expect(new Set(first.map(({ version }) => version))).toEqual(new Set([1, 2]));
    expect(await traffic('bad-bot', id, (version) => (version === 1 ? 1 : 0))).toBe('rolled_back');
    const { release, events } = await read(id);
    expect(release).toMatchObject({ endedBy: `release ${id}`, share: 0, verdict: { verdict: 'roll_back' } });
    expect(release.reason).toContain('good is worse');
    expect(release.verdict?.rails[0]).toMatchObject({
      state: 'broken',
      incumbent: { mean: 1 },
      candidate: { mean: 0 },
    });
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['started', 'verdict', 'rolled_back']));
    await expect.poll(async () => (await read(id)).release.drafts, { timeout: 30_000, interval: 250 }).not.toBeNull();
    const failed = await house.client.call('listExamples', { params: { name: 'failures' }, query: { limit: 200 } });
    // All of them asked the same, so that there is one row of it.
    expect((await read(id)).release.drafts).toMatchObject({ dataset: 'failures', rows: 1, refused: [] });
    expect(failed.data).toMatchObject([{ input: { question: 'Why?' }, expected: null, tags: [id] }]);
    expect(failed.data[0]?.metadata).toMatchObject({ release: id, version: 2, against: ['good'], answer: 'two Why?' });
    const candidate = first.find(({ version }) => version === 2);
    const span = async () => {
      const { client } = house;
      const { spans } = await client.call('getTrace', { params: { traceId: candidate?.traceId ?? '' } });
      const spanId = spans[0]?.spanId ?? '';
      return (await client.call('getSpan', { params: { traceId: candidate?.traceId ?? '', spanId } })).attributes;
    };
    const stamped = { 'wheelhouse.release': id, 'wheelhouse.release.arm': 'candidate' };
    expect(await span()).toMatchObject(stamped);
    expect(await aliasOf('bad-bot')).toMatchObject({ version: 1 });
    const after = await Promise.all(users(10_000, 20).map((user) => ask('bad-bot@production', user)));
    expect(after.every(({ version }) => version === 1)).toBe(true);
    const audit = await house.client.call('listAudit', { query: { action: 'release' } });
    expect(audit.data.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['release.start', 'release.rollback']),
    );
  });

  it('moves the alias when nothing is worse, where it may; and that is taken back in one', async () => {
    await Promise.all([twoVersions('good-bot'), twoVersions('better-bot')]);
    const { id } = await start('good-bot', { promotesItself: true });
    const better = await start('better-bot', { promotesItself: true });
    const ends = [
      traffic('good-bot', id, () => 1),
      traffic('better-bot', better.id, (version) => (version === 1 ? 0.5 : 1)),
    ];
    expect(await Promise.all(ends)).toEqual(['promoted', 'promoted']);
    expect(await aliasOf('better-bot')).toMatchObject({ version: 2 });
    expect(await aliasOf('good-bot')).toMatchObject({ version: 2, before: 1 });
    expect((await ask('good-bot', 'anybody')).version).toBe(2);
    const body = { reason: 'Changed our minds' };
    // Each of these has to be answered, by one version or the other.
    const meanwhile = Promise.all(users(0, 200).map((user) => ask('good-bot', user)));
    await house.client.call('rollBackRelease', { params: { releaseId: id }, body });
    await meanwhile;
    expect((await ask('good-bot', 'anybody')).version).toBe(1);
    expect((await read(id)).release).toMatchObject({ state: 'rolled_back', reason: 'Changed our minds' });
  });

  it('only listens first: it is asked the same, answers nobody, is no traffic, and goes on as a canary', async () => {
    await twoVersions('heard-bot');
    const options = { env: { WHEELHOUSE_URL: house.url } };
    const rails = [{ kind: 'errors' as const, name: 'errors', effect: 0.3 }];
    const { id } = await start('heard-bot', { shadow: { budgetNanoUsd: '1000000000' }, share: 0.99, rails });
    const started = await runCli(['release', 'status', 'heard-bot'], options);
    expect(started.stdout).toContain('version 1 answers every call; version 2 is asked 99 % of them as well');
    const said: Answer[] = [];
    const isAsked = async () => (await read(id)).release.share > 0;
    for (let from = 0; from < 600 && (await isAsked()); from += 15)
      said.push(...(await Promise.all(users(from, 15).map((user) => ask('heard-bot@production', user)))));
    expect(said.every(({ version }) => version === 1)).toBe(true);
    const verdict = async () => (await read(id)).release.verdict?.verdict;
    await expect.poll(verdict, { timeout: 60_000, interval: 250 }).toBe('promote');
    const { release } = await read(id);
    expect(release).toMatchObject({ state: 'running', share: 0 });
    expect(release.verdict?.sentence).toContain('it may go on to callers');
    expect(release.copies?.answered).toBeGreaterThan(9);
    expect(release.copies?.drawn).toBeLessThanOrEqual(said.length);
    const q = `model:"heard-bot@2"`;
    expect((await house.client.call('listTraces', { query: { q } })).data).toEqual([]);
    const copies = async () => (await house.client.call('listTraces', { query: { q: `${q} run:${id}` } })).data[0];
    await expect.poll(copies).toMatchObject({ userId: null, tags: ['shadow'] });
    const use = await house.client.call('listModelUse', { query: { models: 'heard-bot', hours: 1 } });
    expect(JSON.stringify(use)).not.toContain('"version":2');
    const answers = await runCli(['release', 'answers', 'heard-bot'], options);
    expect(answers.stdout).toContain('0 the same');
    expect(answers.stdout).toContain('two Why?');
    const promoted = await runCli(['release', 'promote', 'heard-bot'], options);
    expect(promoted).toMatchObject({ code: 1 });
    expect(promoted.stderr).toContain('only listens');
    const canary = await runCli(['release', 'canary', 'heard-bot', '--canary', '50'], options);
    expect(canary.stdout).toContain('version 2  50 %');
    expect((await read(id)).release).toMatchObject({ state: 'stopped', reason: expect.stringContaining('rel_') });
    const after = await Promise.all(users(700, 20).map((user) => ask('heard-bot', user)));
    expect(new Set(after.map(({ version }) => version))).toEqual(new Set([1, 2]));
    await runCli(['release', 'rollback', 'heard-bot'], options);
    const again = await runCli(['release', 'start', 'heard-bot', '2', '--shadow', '--budget', '2.50'], options);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toContain('version 2 is asked 10 % of them as well');
    await runCli(['release', 'rollback', 'heard-bot'], options);
  });

  it('keeps its split and its evidence when the server is killed', async () => {
    await twoVersions('killed-bot');
    const { id } = await start('killed-bot', { minimum: 10_000 });
    const before = await Promise.all(users(0, 30).map((user) => ask('killed-bot@production', user)));
    for (const answer of before) await rate(answer, 1);
    const counted = async () => {
      const { verdict } = (await read(id)).release;
      return (verdict?.rails[0]?.candidate.count ?? 0) + (verdict?.rails[0]?.incumbent.count ?? 0);
    };
    await expect.poll(counted, { timeout: 60_000, interval: 250 }).toBe(30);
    await house.stop('SIGKILL');
    house = await startWheelhouse({ folder: folder.path });
    const after = await Promise.all(users(0, 30).map((user) => ask('killed-bot@production', user)));
    expect(after.map(({ version }) => version)).toEqual(before.map(({ version }) => version));
    expect(await counted()).toBe(30);
    const others = await Promise.all(users(500, 10).map((user) => ask('killed-bot@production', user)));
    for (const answer of [...after, ...others]) await rate(answer, 1);
    // Whoever was counted before is not counted again.
    await expect.poll(counted, { timeout: 60_000, interval: 250 }).toBe(40);
    await house.client.call('rollBackRelease', { params: { releaseId: id }, body: {} });
  });

  it('is stopped when somebody moves the alias by hand, and refused where it makes no sense', async () => {
    await twoVersions('moved-bot');
    const { id } = await start('moved-bot');
    await expect(start('moved-bot')).rejects.toMatchObject({ code: 'conflict' });
    await house.client.call('moveAlias', { params: { name: 'moved-bot', alias: 'production' }, body: { version: 2 } });
    expect((await read(id)).release).toMatchObject({ state: 'stopped', share: 0 });
    await expect(start('moved-bot')).rejects.toMatchObject({ code: 'conflict' });
    await expect(start('moved-bot', { candidate: 7 })).rejects.toMatchObject({ code: 'not_found' });
    await expect(start('moved-bot', { share: 1.5 })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(start('nobody-bot')).rejects.toMatchObject({ code: 'not_found' });
    await expect(house.client.call('promoteRelease', { params: { releaseId: id }, body: {} })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('is preceded by what it would change for callers, on what they asked last', async () => {
    await twoVersions('replayed-bot');
    await Promise.all(['Why?', 'How?', 'Who?'].map((question) => ask('replayed-bot', 'ann', question)));
    const asked = () => house.client.call('listTraces', { query: { q: 'model:"replayed-bot@1"' } });
    await expect.poll(async () => (await asked()).data.length).toBe(3);
    const options = { env: { WHEELHOUSE_URL: house.url } };
    const other = await runCli(['release', 'replay', 'replayed-bot', '2', '--yes'], options);
    expect(other).toMatchObject({ code: 0 });
    expect(other.stderr).toContain('3 inputs, 12 calls');
    expect(other.stdout).toContain('0 the same · 3 changed (50 % of the words alike) · 0 fail that answered');
    const same = await runCli(['release', 'replay', 'replayed-bot', '1', '--last', '2', '--yes', '--json'], options);
    expect(JSON.parse(same.stdout)).toMatchObject({
      ...{ replay: { incumbent: 1, candidate: 1, inputs: 2 }, isSettled: true },
      behaviour: { counts: { same: 2, changed: 0 }, before: { stable: 1, alike: 1 }, keys: { gone: [] } },
    });
    const nobody = await runCli(['release', 'replay', 'replayed-bot@nowhere', '1', '--yes'], options);
    expect(nobody).toMatchObject({ code: 2 });
    expect(nobody.stderr).toContain('There is no `replayed-bot@nowhere`');
  });

  it('is preceded by which tools are called otherwise, input by input', async () => {
    const { client } = house;
    await client.call('createVersion', { params: { name: 'replayed-bot' }, body: calls('find_order', 'refund') });
    const body = { model: 'replayed-bot', candidate: 3, repetitions: 1 };
    const planned = await client.call('estimateReplay', { body });
    expect(planned).toMatchObject({ incumbent: 1, inputs: 3, calls: 6, without: [], breaking: [] });
    const { id: replayId, dataset } = await client.call('startReplay', { body });
    const params = { replayId };
    const detail = () => client.call('getReplay', { params });
    await expect.poll(async () => (await detail()).isSettled, { timeout: 30_000 }).toBe(true);
    const { replay, behaviour } = await detail();
    expect(replay).toMatchObject({ status: 'completed', done: 6, dataset, alias: 'production' });
    expect(behaviour.tools).toEqual({
      counts: { same: 0, arguments: 0, order: 0, tools: 3 },
      tools: ['find_order', 'refund'].map((name) => ({ name, before: 0, after: 1 })),
    });
    const { data } = await client.call('listReplayInputs', { params, query: { kind: 'tools', limit: 2 } });
    expect(data).toHaveLength(2);
    expect(data[0]).toMatchObject({
      ...{ kind: 'changed', tools: 'tools', before: [{ output: expect.stringContaining('one') }] },
      calls: [{ name: 'find_order', before: null, after: { id: expect.any(String) } }, { name: 'refund' }],
    });
    const listed = await client.call('listReplays', { query: { model: 'replayed-bot' } });
    expect(listed.data.map(({ candidate }) => candidate)).toEqual([3, 1, 2]);
    await expect(client.call('stopReplay', { params })).rejects.toMatchObject({ code: 'conflict' });
    await expect(client.call('getReplay', { params: { replayId: 'ev_none' } })).rejects.toMatchObject({ status: 404 });
  });

  it('is started, shown and ended from a terminal', async () => {
    await twoVersions('typed-bot');
    const options = { env: { WHEELHOUSE_URL: house.url } };
    const blind = await runCli(['release', 'start', 'typed-bot', '2', '--promote'], options);
    expect(blind.stderr).toContain('No score is watched, so it cannot promote itself');
    const planned = await runCli(['release', 'start', 'typed-bot', '2', '--rails', 'good=3,errors', '--plan'], options);
    expect(planned.stdout).toMatch(
      /good +score good from 0 to 1, worse by 3 pp\n +errors +calls that fail, worse by 3 pp\n$/,
    );
    const started = await runCli(
      ['release', 'start', 'typed-bot', '2', '--canary', '10', '--examples', 'typed'],
      options,
    );
    expect(started).toMatchObject({ code: 0, stderr: '' });
    expect(started.stdout).toContain('version 1  90 %');
    expect(started.stdout).toContain('not watched: quality');
    const status = await runCli(['release', 'status', 'typed-bot'], options);
    expect(status.stdout).toContain('not enough data');
    const rolled = await runCli(['release', 'rollback', 'typed-bot', '--reason', 'Not today'], options);
    expect(rolled.stdout).toContain('on their way to the draft of typed');
    const history = await runCli(['release', 'history', 'typed-bot'], options);
    expect(history.stdout).toContain('Not today');
    const again = await runCli(['release', 'promote', 'typed-bot'], options);
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toContain('No release');
  });
});
