import type { AbuseFilter, AbuseInForce, AbuseLook, AbuseStore, DueAbuse } from '@wheelhouse/core/ports';
import {
  type AbuseDecision,
  type AbuseUser,
  type Actor,
  defaultAbusePolicy,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { sql } from 'kysely';
import { claimDue } from './claim-due.ts';
import type { Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { countChange, recordChange } from './record-change.ts';

const eventsShown = 200;
/** Where nobody did it. */
const itself = 'wheelhouse';
const acted = ['throttle', 'challenge', 'block'] as const;

/** Locked in the order of their names, so that nobody waits for another. */
async function locked(tx: Tx, project: ProjectId, users: readonly string[]): Promise<Map<string, AbuseUser>> {
  if (users.length === 0) return new Map();
  const rows = await tx
    .selectFrom('abuse_users')
    .select(['user_id', 'state'])
    .where('project_id', '=', project)
    .where('user_id', 'in', users)
    .orderBy('user_id')
    .forUpdate()
    .execute();
  return new Map(rows.map(({ user_id, state }) => [user_id, state]));
}

async function write(tx: Tx, by: Actor, { user, event }: AbuseDecision): Promise<void> {
  const columns = {
    ...{ rung: user.rung, until_ms: user.untilMs, is_allowed: user.isAllowed, last_seen_ms: user.lastSeenMs },
    state: JSON.stringify(user),
  };
  await tx
    .insertInto('abuse_users')
    .values({ project_id: by.project, user_id: user.user, ...columns })
    .onConflict((conflict) => conflict.columns(['project_id', 'user_id']).doUpdateSet(columns))
    .execute();
  if (event === null) return;
  const { kind, text, traces } = event;
  await tx
    .insertInto('abuse_events')
    .values({
      ...{ project_id: by.project, user_id: user.user, actor: by.actor, kind, text },
      traces: JSON.stringify(traces),
    })
    .execute();
  // Whoever is only listed is not acted upon.
  if (kind === 'log') return;
  const until = user.rung === null || user.untilMs === null ? null : new Date(user.untilMs).toISOString();
  await recordChange(tx, by, { action: `abuse.${kind}`, subject: user.user, detail: { text, until } });
}

async function recordLook(tx: Tx, due: DueAbuse, look: AbuseLook): Promise<AbuseDecision[] | null> {
  const { project, heldUntilMs } = due;
  const held = await tx
    .updateTable('abuse_policies')
    .set({
      ...{ place_ms: look.place.ms, place_id: look.place.id, due_ms: look.dueMs, held_until_ms: 0 },
      ...(look.rates === undefined ? {} : { rates: JSON.stringify(look.rates) }),
    })
    .where('project_id', '=', project)
    .where('held_until_ms', '=', String(heldUntilMs))
    .returning('project_id')
    .executeTakeFirst();
  if (!held) return null;
  const before = await locked(tx, project, [...look.decide.keys()]);
  const made: AbuseDecision[] = [];
  for (const [user, decide] of look.decide) {
    const decision = decide(before.get(user) ?? null);
    if (decision === null) continue;
    await write(tx, { project, actor: itself }, decision);
    if (decision.event !== null) made.push(decision);
  }
  if (made.length > 0) await countChange(tx);
  return made;
}

async function readPage(
  db: Db,
  project: ProjectId,
  { limit, cursor, state, nowMs }: AbuseFilter,
): Promise<{ data: AbuseUser[]; next: string | null }> {
  const [ms, user] = cursor === undefined ? [] : (/^(\d{1,16})\.(.*)$/s.exec(cursor)?.slice(1) ?? ['', '']);
  if (ms === '')
    throw new WheelhouseError('invalid_request', 'The cursor is not one that a page gave as `next`.', {
      param: 'cursor',
    });
  const rows = await db
    .selectFrom('abuse_users')
    .select(['last_seen_ms', 'user_id', 'state'])
    .where('project_id', '=', project)
    .$if(ms !== undefined, (query) =>
      query.where(sql<boolean>`(last_seen_ms < ${Number(ms)} or (last_seen_ms = ${Number(ms)} and user_id > ${user}))`),
    )
    .$if(state === 'allowed', (query) => query.where('is_allowed', '=', true))
    .$if(state === 'acted' || state === 'listed', (query) =>
      query
        .where('is_allowed', '=', false)
        .where('rung', 'in', state === 'acted' ? acted : (['log', ...acted] as const))
        .where((where) => where.or([where('until_ms', 'is', null), where('until_ms', '>', String(nowMs))])),
    )
    .orderBy('last_seen_ms', 'desc')
    .orderBy('user_id')
    .limit(limit + 1)
    .execute();
  const last = rows.slice(0, limit).at(-1);
  return {
    data: rows.slice(0, limit).map((row) => row.state),
    next: rows.length > limit && last ? `${last.last_seen_ms}.${last.user_id}` : null,
  };
}

export function createAbuseStore(db: Db): AbuseStore {
  return {
    async policy(project) {
      const row = await db
        .selectFrom('abuse_policies')
        .select(['policy', 'rates'])
        .where('project_id', '=', project)
        .executeTakeFirst();
      return row ?? null;
    },

    setPolicy: (by, policy, startMs) =>
      inTransaction(db, async (tx) => {
        const was = await tx
          .selectFrom('abuse_policies')
          .select(['mode', 'policy'])
          .where('project_id', '=', by.project)
          .forUpdate()
          .executeTakeFirst();
        const said = { mode: policy.mode, policy: JSON.stringify(policy) };
        // What came while it was off is not judged afterwards.
        const begins = was?.mode === 'off' ? { place_ms: startMs, place_id: '', due_ms: 0 } : {};
        await tx
          .insertInto('abuse_policies')
          .values({ project_id: by.project, ...said, place_ms: startMs })
          .onConflict((conflict) => conflict.column('project_id').doUpdateSet({ ...said, ...begins }))
          .execute();
        const detail = { before: was?.policy ?? null, after: policy };
        await recordChange(tx, by, { action: 'abuse.policy', subject: by.project, detail });
      }),

    claim: async (nowMs, { holdMs, limit }) =>
      (await claimDue(db, 'abuse_policies', { nowMs, holdMs, limit })).map((row) => ({
        ...{ project: row.project_id as ProjectId, policy: row.policy, rates: row.rates },
        place: { ms: Number(row.place_ms), id: row.place_id },
        heldUntilMs: Number(row.held_until_ms),
      })),

    record: (due, look) => inTransaction(db, (tx) => recordLook(tx, due, look)),

    list: (project, filter) => readPage(db, project, filter),

    async get(project, user) {
      const row = await db
        .selectFrom('abuse_users')
        .select('state')
        .where('project_id', '=', project)
        .where('user_id', '=', user)
        .executeTakeFirst();
      if (!row) return null;
      const events = await db
        .selectFrom('abuse_events')
        .selectAll()
        .where('project_id', '=', project)
        .where('user_id', '=', user)
        .orderBy('seq', 'desc')
        .limit(eventsShown)
        .execute();
      return {
        user: row.state,
        events: events.map(({ seq, at, actor, kind, text, traces }) => ({
          ...{ id: seq, at: at.toISOString(), by: actor, kind, text, traces },
        })),
      };
    },

    change: (by, user, decide) =>
      inTransaction(db, async (tx) => {
        const decision = decide((await locked(tx, by.project, [user])).get(user) ?? null);
        await write(tx, by, decision);
        return decision.user;
      }),

    async inForce(nowMs) {
      const rows = await db
        .selectFrom('abuse_users as u')
        .leftJoin('abuse_policies as p', 'p.project_id', 'u.project_id')
        .select(['u.project_id', 'u.state', 'p.policy'])
        .where('u.rung', 'in', acted)
        .where('u.is_allowed', '=', false)
        .where((where) => where.or([where('u.until_ms', 'is', null), where('u.until_ms', '>', String(nowMs))]))
        .orderBy('u.user_id')
        .execute();
      const found = new Map<string, AbuseInForce>();
      for (const { project_id, state, policy } of rows) {
        const of = found.get(project_id) ?? {
          ...{ project: project_id as ProjectId, policy: policy ?? defaultAbusePolicy, users: [] },
        };
        of.users.push(state);
        found.set(project_id, of);
      }
      return [...found.values()];
    },
  };
}
