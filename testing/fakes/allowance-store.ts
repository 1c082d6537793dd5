import type { AllowanceStore } from '@wheelhouse/core/ports';

type Row = { used: number; held: number; until: number };
export type FakeAllowanceStore = AllowanceStore & {
  /** Called before each exchange: where tests make it wait, or break. */
  before(): Promise<void>;
  /** And after it, before the answer is heard. */
  after(): Promise<void>;
  /** What all servers have taken of accounts whose name has this in it, by slot. */
  taken(part: string): Map<number, number>;
};

const holdMs = 60_000;

export function fakeAllowanceStore(nowMs: () => number): FakeAllowanceStore {
  const accounts = new Map<string, Map<string, Row>>();
  const sum = (account: string, ofSlot: (slot: number) => boolean) => {
    let [used, held, oldest] = [0, 0, Number.POSITIVE_INFINITY];
    for (const [name, row] of accounts.get(account) ?? []) {
      const slot = Number(name.split('|', 1)[0]);
      if (!ofSlot(slot)) continue;
      used += row.used;
      if (row.until > nowMs()) held += row.held;
      if (row.used + row.held > 0) oldest = Math.min(oldest, slot);
    }
    return { used, held, oldest };
  };
  const fake: FakeAllowanceStore = {
    before: async () => {},
    after: async () => {},
    taken(part) {
      const slots = new Map<number, number>();
      for (const [account, rows] of accounts)
        for (const [name, { used }] of account.includes(part) ? rows : []) {
          const slot = Number(name.split('|', 1)[0]);
          slots.set(slot, (slots.get(slot) ?? 0) + used);
        }
      return slots;
    },
    async exchange(server, asks) {
      await fake.before();
      const now = nowMs();
      const grants = asks.map((ask) => {
        const window = ask.kind === 'window';
        const rows = accounts.get(ask.account) ?? new Map<string, Row>();
        accounts.set(ask.account, rows);
        const until = now + holdMs;
        for (const { slot, amount } of ask.used)
          rows.set(`${slot}|${server}`, { used: amount, held: window ? 0 : ask.keep, until });
        const slot = window ? Math.floor(now / 1_000) : 0;
        const { used, held, oldest } = sum(ask.account, (at) => !window || at >= slot - 60);
        const room = Math.max(ask.max - used - held, 0);
        const rest = Math.min(ask.spare, Math.floor((room - ask.need) / 4));
        const granted = room === 0 || room < ask.least ? 0 : room <= ask.need ? room : ask.need + rest;
        const own = rows.get(`${slot}|${server}`)?.used ?? 0;
        if (granted > 0)
          rows.set(
            `${slot}|${server}`,
            window ? { used: own + granted, held: 0, until } : { used: own, held: ask.keep + granted, until },
          );
        return {
          ...{ slot, granted, room, taken: used + held, validMs: window ? (slot + 1) * 1_000 - now : holdMs },
          oldestSlot: window && Number.isFinite(oldest) ? oldest : null,
        };
      });
      await fake.after();
      return grants;
    },
    totals: async (prefix) =>
      new Map(
        [...accounts.keys()]
          .filter((account) => account.startsWith(prefix))
          .map((account) => {
            const { used, held } = sum(account, (at) => at === 0 || at >= Math.floor(nowMs() / 1_000) - 60);
            return [account, { used, held }];
          }),
      ),
    sweep: async () => {},
  };
  return fake;
}
