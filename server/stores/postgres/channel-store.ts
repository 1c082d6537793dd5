import type { ChannelState, ChannelStore, HeldMessages, SealedChannel } from '@wheelhouse/core/ports';
import { type Channel, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { toAlert } from './monitor-store.ts';
import { recordChange } from './record-change.ts';

const toChannel = (row: Selectable<Database['channels']>): Channel => ({
  ...{ name: row.name, kind: row.kind, host: row.host, createdBy: row.created_by },
  createdAt: row.created_at.toISOString(),
});
const toSealed = (row: Selectable<Database['channels']>): SealedChannel => ({ ...toChannel(row), sealed: row.sealed });

async function stateOf(db: Db, project: ProjectId, name: string | null): Promise<ChannelState[]> {
  const rows = await db
    .selectFrom('channels')
    .selectAll()
    .where('project_id', '=', project)
    .$if(name !== null, (query) => query.where('name', '=', name ?? ''))
    .orderBy('name')
    .execute();
  const counts = await db
    .selectFrom('alert_messages')
    .select([
      'channel',
      sql<string>`count(*) filter (where status = 'waiting')`.as('waiting'),
      sql<string>`count(*) filter (where status = 'failed')`.as('failed'),
      sql<string | null>`(array_agg(error order by created_at desc, id desc) filter (where error is not null))[1]`.as(
        'last_error',
      ),
    ])
    .where('project_id', '=', project)
    .where((where) => where.or([where('status', '<>', 'delivered'), where('error', 'is not', null)]))
    .groupBy('channel')
    .execute();
  return rows.map((row) => {
    const own = counts.find(({ channel }) => channel === row.name);
    const { waiting = 0, failed = 0, last_error: lastError = null } = own ?? {};
    return { ...toChannel(row), waiting: Number(waiting), failed: Number(failed), lastError };
  });
}

/** Pauses are an hour at most: what was put off for longer was put off by a clock that was wrong. */
const longestPauseMs = 3_900_000;
const isDue = (nowMs: number) => sql<boolean>`(m.due_ms <= ${nowMs} or m.due_ms > ${nowMs + longestPauseMs})`;

/** What waits behind a batch that is tried again stays behind it, so that an end is never told before its beginning. */
export const isDueMessage = (nowMs: number) => sql<boolean>`m.status = 'waiting' and ${isDue(nowMs)}
  and (m.batch is not null or not exists (
    select 1 from wheelhouse.alert_messages b
    where b.project_id = m.project_id and b.channel = m.channel and b.status = 'waiting' and b.batch is not null))`;

async function claimMessages(
  tx: Tx,
  nowMs: number,
  { holdMs, limit }: { holdMs: number; limit: number },
): Promise<HeldMessages | null> {
  const first = await tx
    .selectFrom('alert_messages as m')
    .selectAll('m')
    .where(isDueMessage(nowMs))
    .orderBy('m.due_ms')
    .orderBy('m.created_at')
    .orderBy('m.id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (!first) return null;
  const batch = first.batch ?? first.id;
  const ids =
    first.batch === null
      ? await tx
          .selectFrom('alert_messages as m')
          .select('m.id')
          .where('m.project_id', '=', first.project_id)
          .where('m.channel', '=', first.channel)
          .where('m.status', '=', 'waiting')
          .where('m.batch', 'is', null)
          .where(isDue(nowMs))
          .orderBy('m.created_at')
          .orderBy('m.id')
          .limit(limit)
          .forUpdate()
          .execute()
      : await tx.selectFrom('alert_messages').select('id').where('batch', '=', batch).execute();
  const rows = await tx
    .updateTable('alert_messages')
    .set({ batch, attempts: sql<number>`attempts + 1`, due_ms: nowMs + holdMs })
    .where(
      'id',
      'in',
      ids.map(({ id }) => id),
    )
    .where('status', '=', 'waiting')
    .returningAll()
    .execute();
  const alerts = await tx
    .selectFrom('alerts')
    .selectAll()
    .where(
      'id',
      'in',
      rows.map((row) => row.alert_id),
    )
    .execute();
  const channel = await tx
    .selectFrom('channels')
    .selectAll()
    .where('project_id', '=', first.project_id)
    .where('name', '=', first.channel)
    .executeTakeFirst();
  const place = ({ created_at, id }: (typeof rows)[number]) => `${created_at.toISOString()} ${id}`;
  return {
    ...{ project: first.project_id as ProjectId, channel: channel ? toSealed(channel) : null, batch },
    attempt: first.attempts + 1,
    messages: rows
      .sort((a, b) => (place(a) < place(b) ? -1 : 1))
      .flatMap(({ id, event, alert_id }) => {
        const alert = alerts.find((one) => one.id === alert_id);
        return alert ? [{ id, event, alert: toAlert(alert) }] : [];
      }),
  };
}

export function createChannelStore(db: Db): ChannelStore {
  return {
    set: (by, { name, kind, host, sealed }) =>
      inTransaction(db, async (tx) => {
        const fields = { kind, host, sealed: Buffer.from(sealed) };
        await tx
          .insertInto('channels')
          .values({ project_id: by.project, name, created_by: by.actor, ...fields })
          .onConflict((conflict) => conflict.columns(['project_id', 'name']).doUpdateSet(fields))
          .execute();
        await recordChange(tx, by, { action: 'channel.set', subject: name, detail: { kind, host } });
        const [state] = await stateOf(tx, by.project, name);
        if (!state) throw new WheelhouseError('internal', `The channel ${name} was not kept.`);
        return state;
      }),

    async get(project, name) {
      const row = await db
        .selectFrom('channels')
        .selectAll()
        .where('project_id', '=', project)
        .where('name', '=', name)
        .executeTakeFirst();
      return row ? toSealed(row) : null;
    },

    list: (project) => stateOf(db, project, null),

    remove: (by, name) =>
      inTransaction(db, async (tx) => {
        const monitors = await tx.selectFrom('monitors').selectAll().where('project_id', '=', by.project).execute();
        const user = monitors.find(({ definition }) => definition.channels.includes(name));
        if (user)
          throw new WheelhouseError('conflict', `The monitor ${user.name} tells the channel ${name}.`, {
            hint: 'Take the channel out of its monitors first.',
          });
        const row = await tx
          .deleteFrom('channels')
          .where('project_id', '=', by.project)
          .where('name', '=', name)
          .returning(['kind', 'host'])
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, { action: 'channel.remove', subject: name, detail: { before: row, after: null } });
        return true;
      }),

    claim: (nowMs, options) => inTransaction(db, (tx) => claimMessages(tx, nowMs, options)),

    async delivered(batch, { error, nowMs }) {
      await db
        .updateTable('alert_messages')
        .set({ status: 'delivered', error, ended_at: new Date(nowMs) })
        .where('batch', '=', batch)
        .where('status', '=', 'waiting')
        .execute();
    },

    async failed(batch, { error, dueMs, nowMs }) {
      await db
        .updateTable('alert_messages')
        .set(dueMs === null ? { status: 'failed', error, ended_at: new Date(nowMs) } : { error, due_ms: dueMs })
        .where('batch', '=', batch)
        .where('status', '=', 'waiting')
        .execute();
    },
  };
}
