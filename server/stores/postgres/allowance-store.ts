import type { AllowanceAsk, AllowanceGrant, AllowanceStore } from '@wheelhouse/core/ports';
import { sql } from 'kysely';
import { grantAllowance, holdMs, slotMs, windowSlots } from '../grant-allowance.ts';
import type { Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';

type Row = { account: string; slot: number; used: number; held: number; forgetAtMs: number | null };
type Sum = { taken: string; oldest: string | null; own: string | null; now_ms: string };

/** Sets a server's own rows to these figures; what it holds counts from now on for another while. */
async function writeRows(tx: Tx, server: string, rows: Row[]): Promise<void> {
  await sql`insert into wheelhouse.allowances (account, slot, server, used, held, held_until, forget_at)
    select account, slot, ${server}, used, held, clock_timestamp() + ${holdMs} * interval '1 millisecond',
      to_timestamp("forgetAtMs" / 1000.0)
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as r(account text, slot bigint, used bigint, held bigint, "forgetAtMs" double precision)
    on conflict (account, slot, server) do update
      set used = excluded.used, held = excluded.held, held_until = excluded.held_until, forget_at = excluded.forget_at`.execute(
    tx,
  );
}

/** What counts on each account now, in the order of the asks. Read after the locks are held. */
async function readSums(tx: Tx, server: string, asks: AllowanceAsk[]): Promise<Sum[]> {
  const given = asks.map(({ account, kind }, place) => ({ account, kind, place }));
  const { rows } = await sql<Sum>`with ask as (
      select account, kind, place, floor(extract(epoch from now_at) * 1000 / ${slotMs})::bigint as slot, now_at
      from json_to_recordset(${JSON.stringify(given)}::json) as r(account text, kind text, place int),
        (select clock_timestamp() as now_at) as clock
    )
    select
      coalesce(sum(a.used + case when a.held_until > ask.now_at then a.held else 0 end), 0)::text as taken,
      min(a.slot) filter (where a.used > 0 or a.held > 0)::text as oldest,
      sum(a.used) filter (where a.server = ${server} and a.slot = ask.slot)::text as own,
      floor(extract(epoch from min(ask.now_at)) * 1000)::text as now_ms
    from ask left join wheelhouse.allowances a
      on a.account = ask.account and (ask.kind = 'balance' or a.slot >= ask.slot - ${windowSlots})
    group by ask.place order by ask.place`.execute(tx);
  return rows;
}

function answer(ask: AllowanceAsk, sum: Sum): { grant: AllowanceGrant; row: Row } {
  const nowMs = Number(sum.now_ms);
  const taken = Number(sum.taken);
  const room = Math.max(ask.max - taken, 0);
  const granted = grantAllowance(ask, room);
  const window = ask.kind === 'window';
  const slot = window ? Math.floor(nowMs / slotMs) : 0;
  const own = window ? Number(sum.own ?? 0) : (ask.used[0]?.amount ?? 0);
  return {
    grant: {
      slot,
      granted,
      room,
      taken,
      validMs: window ? (slot + 1) * slotMs - nowMs : holdMs,
      oldestSlot: window && sum.oldest !== null ? Number(sum.oldest) : null,
    },
    row: {
      account: ask.account,
      slot,
      used: window ? own + granted : own,
      held: window ? 0 : ask.keep + granted,
      forgetAtMs: ask.forgetAtMs,
    },
  };
}

export function createAllowanceStore(db: Db): AllowanceStore {
  return {
    exchange: (server, asks) =>
      inTransaction(db, async (tx) => {
        // In one order for all, so that no two wait for each other.
        const accounts = asks.map(({ account }) => account).sort();
        await sql`select pg_advisory_xact_lock(hashtextextended(account, 0))
          from (select account from json_array_elements_text(${JSON.stringify(accounts)}::json) with ordinality
            as r(account, place) order by place) as ordered`.execute(tx);
        const said = asks.flatMap(({ account, kind, used, keep, forgetAtMs }) =>
          used.map(({ slot, amount }) => ({
            ...{ account, slot, used: amount, forgetAtMs },
            held: kind === 'balance' ? keep : 0,
          })),
        );
        if (said.length > 0) await writeRows(tx, server, said);
        const sums = await readSums(tx, server, asks);
        const answers = asks.flatMap((ask, place) => {
          const sum = sums[place];
          return sum ? [answer(ask, sum)] : [];
        });
        const changed = answers.filter(({ grant }) => grant.granted > 0);
        if (changed.length > 0)
          await writeRows(
            tx,
            server,
            changed.map(({ row }) => row),
          );
        return answers.map(({ grant }) => grant);
      }),

    async totals(prefix) {
      const { rows } = await sql<{ account: string; used: string; held: string }>`select account,
          sum(used)::text as used, sum(case when held_until > clock_timestamp() then held else 0 end)::text as held
        from wheelhouse.allowances
        where account >= ${prefix} and account < ${`${prefix}\u{10ffff}`} and (slot = 0
          or slot >= floor(extract(epoch from clock_timestamp()) * 1000 / ${slotMs}) - ${windowSlots})
        group by account`.execute(db);
      return new Map(rows.map(({ account, used, held }) => [account, { used: Number(used), held: Number(held) }]));
    },

    async sweep() {
      await sql`delete from wheelhouse.allowances where forget_at < clock_timestamp()`.execute(db);
    },
  };
}
