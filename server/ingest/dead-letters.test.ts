import type { IncomingMessage } from 'node:http';
import { defaultProjectId, type Letter, WheelhouseError } from '@wheelhouse/core/records';
import { fakeAuditStore, fakeDeadLetterStore } from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeadLetters, type DeadLetterDeps, type LetterLimits, type RejectedItem } from './dead-letters.ts';
import { createLedger } from './ledger.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
let nowMs = Date.now();
const clock = { now: () => BigInt(++nowMs) * 1_000_000n };
let draws = 0;
const random = { bytes: (count: number) => Buffer.from((++draws).toString(16).padStart(2 * count, '0'), 'hex') };
const text = (letter: Letter) => Buffer.from(letter.body).toString('utf8');

/** A server with one door: each item of a posted array is a span when it is a number, and refused when it is not. */
function setUp(options: { limits?: Partial<LetterLimits>; store?: Partial<DeadLetterDeps['store']> } = {}) {
  const audit = fakeAuditStore();
  const store = { ...fakeDeadLetterStore(audit), ...options.store };
  const state = { away: false, stored: 0 };
  const letters = createDeadLetters({
    ...{ store, clock, random, log: { warn: () => {} }, ...(options.limits && { limits: options.limits }) },
    async send(letter, headers) {
      if (state.away) return { status: 503, text: '{"message":"away"}' };
      return door.handle({ headers } as unknown as IncomingMessage, text(letter));
    },
  });
  const ledger = createLedger({ clock, keepLetter: letters.keep });
  const refuse = (reason: string, body: string) =>
    ledger.reject({
      ...{ project, source: 'door', reason, sample: `${body} is no number` },
      letter: { path: '/door', contentType: 'application/json', body: Buffer.from(body) },
    });
  const door = letters.door({
    async handle(_req: IncomingMessage, body: string) {
      // Doors wait before they refuse: for the body, for the store.
      await Promise.resolve();
      let items: unknown;
      try {
        items = JSON.parse(body);
      } catch {
        refuse('invalid_json', body);
        return { status: 400, text: '{"error":{"message":"The body is not JSON."}}' };
      }
      if (!Array.isArray(items)) return { status: 422, text: '{"message":"no array"}' };
      const good = items.filter((item) => typeof item === 'number');
      ledger.add({ type: 'received', project, source: 'door', spans: good.length });
      ledger.add({ type: 'stored', project, source: 'door', spans: good.length, from: 'memory' });
      state.stored += good.length;
      for (const item of items) if (typeof item !== 'number') refuse(`not a ${typeof item}`, JSON.stringify([item]));
      return { status: 200, text: '{}' };
    },
  });
  const post = (body: string) => door.handle({ headers: {} } as IncomingMessage, body);
  const account = () => ledger.read(project).find(({ source }) => source === 'door');
  const all = () => store.list(project, { limit: 100 });
  const repair = (id: string, body: string) =>
    store.repair(by, id, { body: Buffer.from(body), contentType: 'application/json' });
  return { letters, store, state, audit, post, account, all, repair };
}

describe('dead letters', () => {
  it('keep each refused item as a request of its own', async () => {
    const { letters, post, all } = setUp();
    await post('[1, "two", 3, {"four": 4}]');
    expect(await all()).toEqual([]);
    await letters.flush();
    expect(await all()).toMatchObject([
      { source: 'door', reason: 'not a object', path: '/door', contentType: 'application/json', replays: 0 },
      { source: 'door', reason: 'not a string', sample: '["two"] is no number', bytes: 7 },
    ]);
  });

  it('are taken by the same door once they are repaired, and are no dead letters any more', async () => {
    const { letters, post, all, repair, state, account, audit } = setUp();
    await post('[1, "two"]');
    await letters.flush();
    const [letter] = await all();
    await repair(letter?.id ?? '', '[2]');
    expect(await letters.replay(by, {})).toEqual({ replayed: 1, refused: [] });
    expect(await all()).toEqual([]);
    expect(state.stored).toBe(2);
    expect(account()).toMatchObject({ received: 3, stored: 2, rejected: 1, waiting: 0 });
    expect((await audit.list(project, { limit: 1 }))[0]).toMatchObject({ action: 'dead_letter.replay', actor: 'ada' });
  });

  it('stay the same letters when they are refused again, with the newest reason', async () => {
    const { letters, post, all, repair, account } = setUp();
    await post('["two"]');
    await post('nonsense');
    await letters.flush();
    const [nonsense, two] = await all();
    await repair(two?.id ?? '', '{}');
    expect(await letters.replay(by, {})).toEqual({
      replayed: 0,
      refused: [
        { id: nonsense?.id, reason: 'invalid_json', sample: 'nonsense is no number' },
        { id: two?.id, reason: 'status 422', sample: 'no array' },
      ],
    });
    await letters.flush();
    expect(await all()).toMatchObject([
      { id: nonsense?.id, replays: 1 },
      { id: two?.id, replays: 1, reason: 'status 422', sample: 'no array' },
    ]);
    expect(account()).toMatchObject({ received: 3, stored: 0, rejected: 3 });
  });

  it('wait when the spans cannot be stored now', async () => {
    const { letters, post, all, state } = setUp();
    await post('["two"]');
    await letters.flush();
    state.away = true;
    await expect(letters.replay(by, {})).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await all()).toMatchObject([{ replays: 0 }]);
  });

  it('are replayed by source, reason or id', async () => {
    const { letters, post, all } = setUp();
    await post('["two", {}]');
    await letters.flush();
    const [object, string] = await all();
    const replayed = async (filter: object) => (await letters.replay(by, filter)).refused.map(({ id }) => id);
    expect(await replayed({ reason: 'not a string' })).toEqual([string?.id]);
    expect(await replayed({ ids: [object?.id] })).toEqual([object?.id]);
    expect(await replayed({ source: 'elsewhere' })).toEqual([]);
  });

  it('do not trust a header that nobody sent', async () => {
    const { letters, all } = setUp();
    let refuse = () => {};
    const door = letters.door({ handle: (_: IncomingMessage) => refuse() });
    refuse = () => letters.keep(item('{}'));
    door.handle({ headers: { 'x-wheelhouse-replay': 'f'.repeat(32) } } as unknown as IncomingMessage);
    await letters.flush();
    expect(await all()).toHaveLength(1);
  });

  const item = (body: string, reason = 'bad'): RejectedItem => ({
    ...{ project, source: 'door', reason, sample: 'sample' },
    letter: { path: '/door', contentType: 'application/json', body: Buffer.from(body) },
  });

  it('are bounded in memory: a flood of one kind leaves room for others', async () => {
    const limits = { waitingPerReason: 3, waitingLetters: 5, letterBytes: 10 };
    const { letters, all } = setUp({ limits });
    for (let i = 0; i < 100; i++) letters.keep(item(`${i}`));
    letters.keep(item('1', 'other'));
    letters.keep(item('x'.repeat(11), 'large'));
    expect(letters.dropped(project)).toBe(98);
    await letters.flush();
    expect((await all()).map(({ reason }) => reason)).toEqual(['other', 'bad', 'bad', 'bad']);
    letters.keep(item('again'));
    expect(letters.dropped(project)).toBe(98);
  });

  it('wait for a store that is away, and are given up when it refuses them', async () => {
    let error: Error | null = new WheelhouseError('store_unavailable', 'away');
    const inner = fakeDeadLetterStore(fakeAuditStore());
    const keep: typeof inner.keep = async (...args) => {
      if (error) throw error;
      await inner.keep(...args);
    };
    const { letters } = setUp({ store: { ...inner, keep } });
    letters.keep(item('1'));
    await letters.flush();
    error = null;
    await letters.flush();
    expect(await inner.counts(project, {})).toMatchObject({ letters: 1 });
    error = new Error('no');
    letters.keep(item('2'));
    await letters.flush();
    expect(letters.dropped(project)).toBe(1);
  });

  it('hold no credentials', async () => {
    const { letters, store, all } = setUp();
    const key = 'sk-proj-0123456789abcdefghij';
    letters.keep(item(`{"key":"http.authorization","value":{"stringValue":"Basic abc"},"id":9007199254740993}`));
    letters.keep(item(`{"text":"call with ${key}","api_key":"plain","n":1.50}`));
    letters.keep(item(`not json Bearer abcdefghijk ${key}`));
    const bytes = Buffer.concat([Buffer.from([0, 255, 7]), Buffer.from(`Bearer abcdefghijk ${key}`)]);
    letters.keep({
      ...item(''),
      letter: { path: '/door', contentType: 'application/x-protobuf', body: bytes },
    });
    letters.keep({ ...item('{}'), sample: `with ${key} \u0000` });
    letters.keep(item('{"id": 9007199254740993, "n": 1.50}'));
    await letters.flush();
    const bodies = [];
    for (const { id } of (await all()).toReversed())
      bodies.push(Buffer.from((await store.get(project, id))?.body ?? []));
    const [pair, members, plain, binary, , untouched] = bodies.map((body) => body.toString('latin1'));
    expect(pair).toMatch(/"stringValue":"\[redacted\]"/);
    expect(JSON.parse(members ?? '')).toEqual({ text: 'call with [redacted]', api_key: '[redacted]', n: 1.5 });
    expect(plain).toBe('not json Bearer [redacted] [redacted]');
    expect(binary).toBe(`\u0000\u00ff\u0007${'*'.repeat(bytes.length - 3 - key.length - 1)} ${'*'.repeat(key.length)}`);
    expect(untouched).toBe('{"id": 9007199254740993, "n": 1.50}');
    expect((await all())[1]?.sample).toBe('with [redacted]');
  });
});

it('the ledger balances through refusals, repairs and replays in any order, and no item is lost or doubled', async () => {
  const step = fc.oneof(
    fc.record({
      what: fc.constant('post' as const),
      items: fc.array(fc.constantFrom(1, '"two"', '{}'), { maxLength: 4 }),
    }),
    fc.record({ what: fc.constant('repair' as const), nth: fc.nat(3) }),
    fc.record({ what: fc.constant('replay' as const) }),
    fc.record({ what: fc.constant('flush' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const limits = { waitingPerReason: 1_000, waitingLetters: 1_000 };
      const { letters, post, account, all, repair, state } = setUp({ limits });
      let given = 0;
      for (const action of steps) {
        if (action.what === 'post') {
          given += action.items.length;
          await post(`[${action.items.join(',')}]`);
        } else if (action.what === 'repair') {
          const letter = (await all())[action.nth];
          if (letter) await repair(letter.id, '[7]');
        } else if (action.what === 'replay') await letters.replay(by, {});
        else await letters.flush();
        const { received = 0, stored = 0, rejected = 0, waiting = 0 } = account() ?? {};
        expect(stored + rejected + waiting).toBe(received);
        expect(stored).toBe(state.stored);
      }
      await letters.flush();
      // Everything that was ever given is stored, or a letter that somebody can repair.
      expect(state.stored + (await all()).length).toBe(given);
    }),
    { numRuns: 60 },
  );
});
