import type { AllowanceAsk, AllowanceStore } from '@wheelhouse/core/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type World = { allowances: AllowanceStore; close(): Promise<void> };

const run = Math.floor(Math.random() * 2 ** 40).toString(36);
let count = 0;
const fresh = (what: string) => `${run}/${what}-${++count}/x`;
const zero = { keep: 0, need: 0, least: 0, spare: 0, forgetAtMs: null };
const balance = (account: string, max: number, more: Partial<AllowanceAsk> = {}): AllowanceAsk => ({
  ...{ account, max, kind: 'balance', used: [{ slot: 0, amount: 0 }], ...zero },
  ...more,
});
const window = (account: string, max: number, more: Partial<AllowanceAsk> = {}): AllowanceAsk => ({
  ...{ account, max, kind: 'window', used: [], ...zero },
  ...more,
});

/** What every {@link AllowanceStore} does. */
export function allowanceStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`allowance store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const ask = async (server: string, one: AllowanceAsk) => {
      const [grant] = await world.allowances.exchange(server, [one]);
      if (!grant) throw new Error('no grant');
      return grant;
    };

    it('grants a balance until there is no room, what others spent and hold counted', async () => {
      const account = fresh('balance');
      expect(await ask('a', balance(account, 100, { need: 30, least: 30 }))).toMatchObject({ granted: 30, room: 100 });
      // Twenty of it were spent, ten are kept.
      const spent = [{ slot: 0, amount: 20 }];
      expect(await ask('a', balance(account, 100, { used: spent, keep: 10 }))).toMatchObject({ granted: 0, taken: 30 });
      expect(await ask('b', balance(account, 100, { need: 80, least: 71 }))).toMatchObject({ granted: 0, room: 70 });
      expect(await ask('b', balance(account, 100, { need: 80, least: 5 }))).toMatchObject({ granted: 70, room: 70 });
      expect(await ask('c', balance(account, 100, { need: 1, least: 1 }))).toMatchObject({ granted: 0, room: 0 });
      expect(await world.allowances.totals(account)).toEqual(new Map([[account, { used: 20, held: 80 }]]));
    });

    it('counts an ask that is sent twice once', async () => {
      const account = fresh('twice');
      const used = [{ slot: 0, amount: 40 }];
      for (let time = 0; time < 3; time++) await ask('a', balance(account, 100, { used, keep: 5 }));
      expect(await ask('b', balance(account, 100))).toMatchObject({ room: 55, taken: 45 });
    });

    it('takes an account for overdrawn when more was spent than there is', async () => {
      const account = fresh('over');
      const used = [{ slot: 0, amount: 140 }];
      expect(await ask('a', balance(account, 100, { used, need: 1, least: 1 }))).toMatchObject({ room: 0, granted: 0 });
      expect((await world.allowances.totals(account)).get(account)).toEqual({ used: 140, held: 0 });
    });

    it('gives a share of what is left to keep at hand, smaller as it runs dry', async () => {
      const account = fresh('spare');
      expect((await ask('a', balance(account, 100, { need: 20, least: 20, spare: 1_000 }))).granted).toBe(40);
      expect((await ask('b', balance(account, 100, { need: 20, least: 20, spare: 4 }))).granted).toBe(24);
      expect((await ask('c', balance(account, 100, { need: 34, least: 34, spare: 9 }))).granted).toBe(34);
    });

    it('never grants more in a window than its maximum, and says until when a grant holds', async () => {
      const account = fresh('window');
      const first = await ask('a', window(account, 10, { need: 6, least: 1 }));
      expect(first).toMatchObject({ granted: 6, room: 10 });
      expect(first.validMs).toBeGreaterThan(0);
      expect(first.validMs).toBeLessThanOrEqual(1_000);
      const second = await ask('b', window(account, 10, { need: 6, least: 1 }));
      expect(second).toMatchObject({ granted: 4, room: 4, taken: 6 });
      expect(second.oldestSlot).toBe(first.slot);
      // One of six was taken, so five are free again.
      const used = [{ slot: first.slot, amount: 1 }];
      expect(await ask('a', window(account, 10, { used, need: 9, least: 9 }))).toMatchObject({ granted: 0, room: 5 });
      expect((await world.allowances.totals(account)).get(account)).toEqual({ used: 5, held: 0 });
    });

    it('forgets what was taken in slots that have passed', async () => {
      const account = fresh('past');
      const { slot } = await ask('a', window(account, 10));
      const used = [
        { slot: slot - 61, amount: 9 },
        { slot: slot - 62, amount: 9 },
      ];
      // By a second or so the next slot may have begun, so that only what is surely past is asked for.
      expect(await ask('a', window(account, 10, { used }))).toMatchObject({ room: 10, oldestSlot: null });
    });

    it('answers many asks in their order, in one action', async () => {
      const accounts = [fresh('z'), fresh('a'), fresh('m')];
      const grants = await world.allowances.exchange(
        'a',
        accounts.map((account, place) => balance(account, 10, { need: place + 1, least: 1 })),
      );
      expect(grants.map(({ granted }) => granted)).toEqual([1, 2, 3]);
    });

    it('never grants two servers at once more than there is', async () => {
      const account = fresh('race');
      const grants = await Promise.all(
        Array.from({ length: 40 }, (_, i) => ask(`s${i}`, balance(account, 100, { need: 7, least: 7, spare: 10 }))),
      );
      const total = grants.reduce((sum, { granted }) => sum + granted, 0);
      expect(total).toBeLessThanOrEqual(100);
      expect(total).toBeGreaterThan(93);
    });

    it('sweeps what may be forgotten', async () => {
      const account = fresh('swept');
      await ask('a', balance(account, 100, { used: [{ slot: 0, amount: 3 }], forgetAtMs: Date.now() + 3_600_000 }));
      await world.allowances.sweep();
      expect((await world.allowances.totals(account)).get(account)?.used).toBe(3);
    });
  });
}
