import type { AbuseLook, AbuseStore, AbuseTelemetry, AuditStore, DueAbuse } from '@wheelhouse/core/ports';
import {
  type AbuseCall,
  type AbuseDecision,
  type AbusePolicy,
  type AbuseUser,
  defaultAbusePolicy,
  defaultProjectId,
  type ProjectId,
} from '@wheelhouse/core/records';
import { learnRates, newAbuseUser } from '@wheelhouse/core/watch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';
import { freshTraceId } from './sample-spans.ts';

type World = { abuse: AbuseStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const ada = { project, actor: 'ada' };
const holdMs = 1_000;
/** Each claim is later than what was held before. */
let nowMs = 1_000_000;
let count = 0;

/** What every {@link AbuseStore} does. */
export function abuseStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`abuse store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const on: AbusePolicy = { ...defaultAbusePolicy, mode: 'act' };
    const switchTo = (mode: AbusePolicy['mode'], startMs = 5) =>
      world.abuse.setPolicy(ada, { ...defaultAbusePolicy, mode }, startMs);
    const claim = async (at?: number): Promise<DueAbuse[]> => {
      if (at === undefined) nowMs += 2 * holdMs;
      const due = await world.abuse.claim(at ?? nowMs, { holdMs, limit: 1_000 });
      return due.filter((one) => one.project === project);
    };
    const newName = () => `user ${name} ${++count}`;
    const held = (user: string, more: Partial<AbuseUser> = {}): AbuseDecision => ({
      user: { ...newAbuseUser(user), rung: 'block', sinceMs: 10, untilMs: 9_000, lastSeenMs: 100, ...more },
      event: { kind: 'block', text: 'for a reason', traces: [freshTraceId()] },
    });
    const look = (decide: AbuseLook['decide'], more: Partial<AbuseLook> = {}): AbuseLook => ({
      ...{ place: { ms: 7, id: 'abc' }, dueMs: 0, decide, ...more },
    });
    const due = async (): Promise<DueAbuse> => {
      await switchTo('act');
      const [one] = await claim();
      if (!one) throw new Error('The project was not due.');
      return one;
    };
    const put = async (...decisions: AbuseDecision[]) => {
      const decide = new Map(decisions.map((decision) => [decision.user.user, () => decision]));
      expect(await world.abuse.record(await due(), look(decide))).toEqual(decisions);
    };
    const entriesOf = async (work: () => Promise<unknown>) => {
      const before = await newestId(world.audit);
      await work();
      return entriesSince(world.audit, before);
    };

    it('keeps a policy with who set it, and gives projects only that have it switched on', async () => {
      const [entry] = await entriesOf(() => switchTo('off', 3));
      expect(entry).toMatchObject({ actor: 'ada', action: 'abuse.policy', subject: project });
      expect(await claim()).toEqual([]);
      await switchTo('log', 4);
      expect(await world.abuse.policy(project)).toMatchObject({ policy: { mode: 'log' } });
      const [one] = await claim();
      expect(one).toMatchObject({ place: { ms: 4, id: '' }, policy: { mode: 'log' } });
      expect(await world.abuse.policy('nowhere' as ProjectId)).toBeNull();
    });

    it('goes on where it was when the policy changes, and anew when it was off', async () => {
      expect(await world.abuse.record(await due(), look(new Map()))).toEqual([]);
      await switchTo('log', 50);
      expect((await claim())[0]?.place).toEqual({ ms: 7, id: 'abc' });
      await switchTo('off', 60);
      await switchTo('act', 70);
      expect((await claim())[0]?.place).toEqual({ ms: 70, id: '' });
    });

    it('gives a project to one at a time, and writes what was found with the place, or nothing', async () => {
      const first = await due();
      expect(await claim(nowMs + holdMs - 1)).toEqual([]);
      const [second] = await claim();
      const user = newName();
      const decide = new Map([[user, () => held(user)]]);
      expect(await world.abuse.record(first, look(decide))).toBeNull();
      expect(await world.abuse.get(project, user)).toBeNull();
      const rates = learnRates([], { peaks: { nanoUsd: [], tokens: [] }, learnedMs: 9 });
      expect(await world.abuse.record(second as DueAbuse, look(decide, { rates }))).toHaveLength(1);
      expect((await world.abuse.policy(project))?.rates).toEqual(rates);
      expect((await claim())[0]).toMatchObject({ place: { ms: 7, id: 'abc' }, rates });
    });

    it('decides on what is there then, and audits what is done by itself, but for what is only listed', async () => {
      const [user, other] = [newName(), newName()];
      await world.abuse.change(ada, user, () => held(user, { rung: 'throttle', by: 'ada' }));
      const seen: (AbuseUser | null)[] = [];
      const entries = await entriesOf(async () => {
        const decide: AbuseLook['decide'] = new Map([
          [
            user,
            (was: AbuseUser | null) => {
              seen.push(was);
              return held(user);
            },
          ],
          [other, () => ({ ...held(other, { rung: 'log' }), event: { kind: 'log', text: 'listed', traces: [] } })],
        ]);
        await world.abuse.record(await due(), look(decide));
      });
      expect(seen).toMatchObject([{ rung: 'throttle', by: 'ada' }]);
      const made = entries.filter(({ actor }) => actor === 'wheelhouse');
      expect(made).toMatchObject([{ action: 'abuse.block', subject: user, detail: { text: 'for a reason' } }]);
      const found = await world.abuse.get(project, user);
      expect(found).toMatchObject({
        user: { rung: 'block' },
        events: [{ kind: 'block', by: 'wheelhouse' }, { by: 'ada' }],
      });
      expect(found?.events[0]?.traces).toHaveLength(1);
    });

    it('keeps nothing of a change that throws', async () => {
      const user = newName();
      const change = world.abuse.change(ada, user, () => {
        throw new Error('no');
      });
      await expect(change).rejects.toThrow('no');
      expect(await world.abuse.get(project, user)).toBeNull();
    });

    it('lists users, the last seen first, page by page and by what holds now', async () => {
      const seen = 2_000_000 + count * 1_000;
      const [blocked, over, listed, allowed] = [newName(), newName(), newName(), newName()] as const;
      await put(
        held(blocked, { lastSeenMs: seen + 4, untilMs: 5_001 }),
        held(over, { lastSeenMs: seen + 3, untilMs: 5_000 }),
        held(listed, { lastSeenMs: seen + 2, rung: 'log', untilMs: null }),
        held(allowed, { lastSeenMs: seen + 1, isAllowed: true }),
      );
      const mine = [blocked, over, listed, allowed] as string[];
      const names = async (state?: 'acted' | 'listed' | 'allowed') =>
        (await world.abuse.list(project, { limit: 100, state, nowMs: 5_000 })).data
          .map(({ user }) => user)
          .filter((user) => mine.includes(user));
      expect(await names()).toEqual(mine);
      expect(await names('acted')).toEqual([blocked]);
      expect(await names('listed')).toEqual([blocked, listed]);
      expect(await names('allowed')).toEqual([allowed]);
      const first = await world.abuse.list(project, { limit: 2, nowMs: 5_000 });
      const second = await world.abuse.list(project, { limit: 2, nowMs: 5_000, cursor: first.next ?? '' });
      expect([...first.data, ...second.data].map(({ user }) => user)).toEqual(mine);
      const wrong = world.abuse.list(project, { limit: 2, nowMs: 5_000, cursor: 'x' });
      await expect(wrong).rejects.toMatchObject({ code: 'invalid_request' });
    });

    it('tells what is in force at a time, with the policy', async () => {
      await world.abuse.setPolicy(ada, on, 5);
      const [user, over, listed] = [newName(), newName(), newName()];
      await put(
        held(user, { rung: 'challenge', untilMs: null, challenge: 'ch_1' }),
        held(over, { untilMs: 700 }),
        held(listed, { rung: 'log', untilMs: null }),
      );
      const of = async (at: number) => (await world.abuse.inForce(at)).find((one) => one.project === project);
      const found = await of(700);
      expect(found?.policy).toEqual(on);
      const mine = found?.users.filter((one) => [user, over, listed].includes(one.user));
      expect(mine).toEqual([held(user, { rung: 'challenge', untilMs: null, challenge: 'ch_1' }).user]);
    });
  });
}

/** What every {@link AbuseTelemetry} does. */
export function abuseTelemetryConformance(
  name: string,
  open: () => Promise<{ abuse: AbuseTelemetry; close(): Promise<void> }>,
): void {
  describe(`abuse telemetry: ${name}`, () => {
    let world: { abuse: AbuseTelemetry; close(): Promise<void> };
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const run = Math.floor(Math.random() * 2 ** 40).toString(36);
    const newProject = () => `abuse-${run}-${++count}` as ProjectId;
    const startMs = Math.floor(Date.now() / 600_000) * 600_000 - 3_600_000;
    const call = (user: string, atMs: number, more: Partial<AbuseCall> = {}): AbuseCall => ({
      ...{ traceId: freshTraceId(), user, atMs, found: '', words: [1, 4_000_000_000], costNanoUsd: 5n, tokens: 7 },
      signals: { injection: 0, extraction: 0.5, probing: 0 },
      ...more,
    });

    it('gives back the newest calls of each user, the oldest first, each trace once', async () => {
      const of = newProject();
      const calls = [0, 1, 2, 3].map((i) => call('eve', startMs + i));
      const odd = call('o’hara / "x"', startMs, { costNanoUsd: null, found: 'words' });
      await world.abuse.put(of, [...calls, odd, call('adam', startMs - 10)]);
      const changed = { ...(calls[2] as AbuseCall), found: 'looked at again' };
      await world.abuse.put(of, [changed]);
      const ask = { sinceMs: startMs, limit: 3, least: 1 };
      const found = await world.abuse.ofUsers(of, ['eve', odd.user, 'adam', 'nobody'], ask);
      expect(found).toEqual(
        new Map([
          ['eve', [calls[1], changed, calls[3]]],
          [odd.user, [odd]],
        ]),
      );
      expect([...(await world.abuse.ofUsers(of, ['eve', odd.user], { ...ask, least: 2 })).keys()]).toEqual(['eve']);
      expect(await world.abuse.ofUsers(newProject(), ['eve'], ask)).toEqual(new Map());
      expect(await world.abuse.count(of, startMs)).toEqual({ calls: 5, users: 2 });
    });

    it('names users with enough calls, those first that speak of it most', async () => {
      const of = newProject();
      const loud = { signals: { injection: 1, extraction: 1, probing: 0 } };
      await world.abuse.put(of, [call('a', startMs), call('a', startMs + 1), call('b', startMs)]);
      await world.abuse.put(of, [call('c', startMs, loud), call('c', startMs + 1, loud)]);
      const ask = { sinceMs: startMs, least: 2, limit: 10 };
      expect(await world.abuse.users(of, { ...ask, by: 'risk' })).toEqual(['c', 'a']);
      expect((await world.abuse.users(of, { ...ask, by: 'chance' })).toSorted()).toEqual(['a', 'c']);
      expect(await world.abuse.users(of, { ...ask, by: 'risk', limit: 1 })).toEqual(['c']);
    });

    it('sums what each user spent in a piece of time, and gives the most', async () => {
      const of = newProject();
      const slotMs = 600_000;
      await world.abuse.put(of, [
        call('a', startMs, { costNanoUsd: 10n, tokens: 1 }),
        call('a', startMs + slotMs - 1, { costNanoUsd: 20n, tokens: 1 }),
        call('a', startMs + slotMs, { costNanoUsd: 25n, tokens: 9 }),
        call('b', startMs, { costNanoUsd: null, tokens: 3 }),
      ]);
      const peaks = await world.abuse.peaks(of, { sinceMs: startMs, slotMs, limit: 10 });
      expect(peaks.nanoUsd.toSorted()).toEqual([0, 30]);
      expect(peaks.tokens.toSorted()).toEqual([3, 9]);
    });
  });
}
