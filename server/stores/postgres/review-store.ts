import type { LabelledItem, NewReviewItem, ReviewStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  canonicalJson,
  type Json,
  type ProjectId,
  type ReviewDraw,
  type ReviewItem,
  type ReviewLabel,
  type ReviewQueue,
  type ReviewQueueId,
  type ReviewState,
  reviewState,
  reviewTargetKey,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

type QueueRow = Selectable<Database['review_queues']>;
type ItemRow = Selectable<Database['review_items']>;
type LabelRow = Selectable<Database['review_labels']>;

const noItems: Record<ReviewState, number> = { open: 0, disputed: 0, done: 0 };

const toQueue = (row: QueueRow, items: Record<ReviewState, number>): ReviewQueue => ({
  id: row.id as ReviewQueueId,
  name: row.name,
  instructions: row.instructions,
  form: row.form,
  blind: row.blind,
  overlap: row.overlap,
  draw: row.draw,
  rule: row.rule,
  items,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

const toItem = ({ number, target, trace_id, other_trace_id, reason, probability, state }: ItemRow): ReviewItem => ({
  ...{ number, target, traceId: trace_id as TraceId | null, otherTraceId: other_trace_id as TraceId | null },
  ...{ reason, probability, state },
});

const toLabel = ({ number, rater, decides, skipped, answers, comment, seconds, at }: LabelRow): ReviewLabel => ({
  ...{ item: number, rater, decides, skipped, answers, comment, seconds, at: at.toISOString() },
});

const missing = (name: string) =>
  new WheelhouseError('not_found', `There is no review queue \`${name}\`.`, {
    hint: 'GET /api/v1/review/queues lists them.',
  });
const noItem = (name: string, number: number) =>
  new WheelhouseError('not_found', `The queue \`${name}\` has no item ${number}.`);

const find = (db: Db | Tx, project: ProjectId, name: string) =>
  db.selectFrom('review_queues').selectAll().where('project_id', '=', project).where('name', '=', name);

async function findQueue(db: Db | Tx, project: ProjectId, name: string): Promise<QueueRow> {
  const row = await find(db, project, name).executeTakeFirst();
  if (!row) throw missing(name);
  return row;
}

/** Whoever takes items, or adds some, waits for the other, so that nothing is given twice. */
async function lockQueue(tx: Tx, by: Actor, name: string): Promise<QueueRow> {
  const row = await find(tx, by.project, name).forUpdate().executeTakeFirst();
  if (!row) throw missing(name);
  return row;
}

async function counts(db: Db | Tx, queues: string[]): Promise<Map<string, Record<ReviewState, number>>> {
  const found = new Map<string, Record<ReviewState, number>>();
  if (queues.length === 0) return found;
  const rows = await db
    .selectFrom('review_items')
    .select(['queue_id', 'state', sql<number>`count(*)::integer`.as('count')])
    .where('queue_id', 'in', queues)
    .groupBy(['queue_id', 'state'])
    .execute();
  for (const { queue_id, state, count } of rows)
    found.set(queue_id, { ...(found.get(queue_id) ?? noItems), [state]: count });
  return found;
}

async function withLabels(db: Db | Tx, queue: string, items: ItemRow[]): Promise<LabelledItem[]> {
  if (items.length === 0) return [];
  const labels = await db
    .selectFrom('review_labels')
    .selectAll()
    .where('queue_id', '=', queue)
    .where(
      'number',
      'in',
      items.map(({ number }) => number),
    )
    .orderBy('at')
    .orderBy('rater')
    .execute();
  return items.map((item) => ({
    item: toItem(item),
    labels: labels.filter(({ number }) => number === item.number).map(toLabel),
  }));
}

async function lockItem(tx: Tx, queue: QueueRow, number: number): Promise<ItemRow> {
  const row = await tx
    .selectFrom('review_items')
    .selectAll()
    .where('queue_id', '=', queue.id)
    .where('number', '=', number)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw noItem(queue.name, number);
  return row;
}

/** Brings the item's state in line with its labels. */
async function settle(tx: Tx, queue: QueueRow, item: ItemRow): Promise<ReviewItem> {
  const [found] = await withLabels(tx, queue.id, [item]);
  const state = reviewState(queue, found?.labels ?? []);
  await tx
    .updateTable('review_items')
    .set({ state })
    .where('queue_id', '=', queue.id)
    .where('number', '=', item.number)
    .execute();
  return { ...toItem(item), state };
}

type Lease = { nowMs: number; leaseMs: number };

/** A lease that is renewed keeps its beginning; one that has lapsed begins anew. */
async function lease(tx: Tx, queue: string, number: number, rater: string, { nowMs, leaseMs }: Lease): Promise<void> {
  const [now, until] = [new Date(nowMs), new Date(nowMs + leaseMs)];
  await tx
    .insertInto('review_leases')
    .values({ queue_id: queue, number, rater, since: now, until })
    .onConflict((conflict) =>
      conflict.columns(['queue_id', 'number', 'rater']).doUpdateSet({
        since: sql<Date>`case when review_leases.until > ${now} then review_leases.since else ${now} end`,
        until,
      }),
    )
    .execute();
}

type Ask = { of: 'open' | 'disputed'; rater: string; now: Date };

/** What of `review_items i` somebody may have. A decision is wanted once, a label as often as the queue says. */
const isWanted = (queue: QueueRow, { of, rater, now }: Ask) => {
  const others = sql`(select count(*) from wheelhouse.review_leases o
    where o.queue_id = i.queue_id and o.number = i.number and o.rater <> ${rater} and o.until > ${now})`;
  if (of === 'disputed') return sql`${others} = 0`;
  return sql`not exists (select 1 from wheelhouse.review_labels l
      where l.queue_id = i.queue_id and l.number = i.number and l.rater = ${rater})
    and ${others} + (select count(*) from wheelhouse.review_labels l
      where l.queue_id = i.queue_id and l.number = i.number and not l.skipped) < ${queue.overlap}`;
};

/** What the rater holds already, else the first that is wanted. */
async function findTakeable(tx: Tx, queue: QueueRow, ask: Ask): Promise<ItemRow | null> {
  const held = await sql<ItemRow>`select i.* from wheelhouse.review_leases mine
    join wheelhouse.review_items i on i.queue_id = mine.queue_id and i.number = mine.number
    where mine.queue_id = ${queue.id} and mine.rater = ${ask.rater} and mine.until > ${ask.now}
      and i.state = ${ask.of} and ${isWanted(queue, ask)}
    order by i.number limit 1`.execute(tx);
  if (held.rows[0]) return held.rows[0];
  const free = await sql<ItemRow>`select i.* from wheelhouse.review_items i
    where i.queue_id = ${queue.id} and i.state = ${ask.of} and ${isWanted(queue, ask)}
    order by i.number limit 1`.execute(tx);
  return free.rows[0] ?? null;
}

/** The way a draw was made, without how far it went. */
const wayOf = ({ count: _, ...way }: ReviewDraw) => canonicalJson(way as unknown as Json);

const insertAtOnce = 500;
/** As long as other transactions, and a millisecond an item. */
const removalMs = 2_000;

async function insertItems(tx: Tx, queue: QueueRow, items: readonly NewReviewItem[]): Promise<number> {
  const known = new Set<string>();
  const keyed = [...new Map(items.map((item) => [reviewTargetKey(item.target), item])).entries()];
  for (let at = 0; at < keyed.length; at += insertAtOnce) {
    const keys = keyed.slice(at, at + insertAtOnce).map(([key]) => key);
    const rows = await tx
      .selectFrom('review_items')
      .select('target_key')
      .where('queue_id', '=', queue.id)
      .where('target_key', 'in', keys)
      .execute();
    for (const { target_key } of rows) known.add(target_key);
  }
  const fresh = keyed.filter(([key]) => !known.has(key));
  let number = queue.next_number;
  const rows = fresh.map(([key, { target, traceId, otherTraceId, reason, probability }]) => ({
    ...{ queue_id: queue.id, number: number++, target: JSON.stringify(target), target_key: key },
    ...{ trace_id: traceId, other_trace_id: otherTraceId, reason, probability },
  }));
  for (let at = 0; at < rows.length; at += insertAtOnce)
    await tx
      .insertInto('review_items')
      .values(rows.slice(at, at + insertAtOnce))
      .execute();
  await tx.updateTable('review_queues').set({ next_number: number }).where('id', '=', queue.id).execute();
  const drawn = keyed.flatMap(([key, { probability }]) =>
    known.has(key) && probability !== null ? [{ key, probability }] : [],
  );
  if (drawn.length > 0)
    await sql`update wheelhouse.review_items i set probability = d.probability
      from unnest(${drawn.map(({ key }) => key)}::text[], ${drawn.map(({ probability }) => probability)}::float8[])
        as d (key, probability)
      where i.queue_id = ${queue.id} and i.target_key = d.key`.execute(tx);
  return fresh.length;
}

function createRules(db: Db): Pick<ReviewStore, 'setRule' | 'ruled'> {
  return {
    setRule: (by, name, rule) =>
      inTransaction(db, async (tx) => {
        const { id } = await lockQueue(tx, by, name);
        const row = await tx
          .updateTable('review_queues')
          .set({ rule: rule && JSON.stringify(rule) })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'review.rule', subject: name, detail: { rule } });
        return toQueue(row, (await counts(tx, [id])).get(id) ?? noItems);
      }),

    async ruled() {
      const rows = await db.selectFrom('review_queues').selectAll().where('rule', 'is not', null).execute();
      return rows.map((row) => ({ project: row.project_id as ProjectId, queue: toQueue(row, noItems) }));
    },
  };
}

function createQueues(db: Db): Pick<ReviewStore, 'create' | 'list' | 'get' | 'remove' | 'addItems' | 'eraseOn'> {
  return {
    create: (by, { id, name, instructions, form, blind, overlap }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('review_queues')
          .values({
            ...{ id, project_id: by.project, name, instructions, form: JSON.stringify(form), blind, overlap },
            created_by: by.actor,
          })
          .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row) throw new WheelhouseError('conflict', `There is a review queue \`${name}\` already.`);
        const detail = { fields: form.map((field) => field.name), blind, overlap };
        await recordChange(tx, by, { action: 'review.create', subject: name, detail });
        return toQueue(row, noItems);
      }),

    async list(project) {
      const rows = await db
        .selectFrom('review_queues')
        .selectAll()
        .where('project_id', '=', project)
        .orderBy('name')
        .execute();
      const items = await counts(
        db,
        rows.map(({ id }) => id),
      );
      return rows.map((row) => toQueue(row, items.get(row.id) ?? noItems));
    },

    async get(project, name) {
      const row = await find(db, project, name).executeTakeFirst();
      return row ? toQueue(row, (await counts(db, [row.id])).get(row.id) ?? noItems) : null;
    },

    async remove(by, name) {
      const queue = await find(db, by.project, name).executeTakeFirst();
      if (!queue) return false;
      const remove = async (tx: Tx) => {
        const gone = await tx.deleteFrom('review_queues').where('id', '=', queue.id).executeTakeFirst();
        if (gone.numDeletedRows === 0n) return false;
        await recordChange(tx, by, { action: 'review.remove', subject: name, detail: {} });
        return true;
      };
      return inTransaction(db, remove, removalMs + queue.next_number);
    },

    addItems: (by, name, items, draw) =>
      inTransaction(db, async (tx) => {
        const queue = await lockQueue(tx, by, name);
        if (draw) {
          if (queue.draw !== null && wayOf(queue.draw) !== wayOf(draw))
            throw new WheelhouseError('conflict', `The rows of \`${name}\` were drawn in another way.`, {
              hint: 'Make another queue: what labels say of all rows hangs on one way to draw them.',
            });
          const count = Math.max(draw.count, queue.draw?.count ?? 0);
          await tx
            .updateTable('review_queues')
            .set({ draw: JSON.stringify({ ...draw, count }) })
            .where('id', '=', queue.id)
            .execute();
        }
        const added = await insertItems(tx, queue, items);
        if (added > 0) await recordChange(tx, by, { action: 'review.fill', subject: name, detail: { added } });
        return added;
      }),

    async eraseOn(project, traces) {
      await db
        .deleteFrom('review_items')
        .where(sql<boolean>`(trace_id = any(${[...traces]}::text[]) or other_trace_id = any(${[...traces]}::text[]))`)
        .where('queue_id', 'in', db.selectFrom('review_queues').select('id').where('project_id', '=', project))
        .execute();
    },
  };
}

function createReading(db: Db): Pick<ReviewStore, 'items' | 'item' | 'take'> {
  return {
    async items(project, name, { limit, after, state }) {
      const { id } = await findQueue(db, project, name);
      const rows = await db
        .selectFrom('review_items')
        .selectAll()
        .where('queue_id', '=', id)
        .where('number', '>', after)
        .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'open'))
        .orderBy('number')
        .limit(limit)
        .execute();
      return withLabels(db, id, rows);
    },

    async item(project, name, number) {
      const { id } = await findQueue(db, project, name);
      const rows = await db
        .selectFrom('review_items')
        .selectAll()
        .where('queue_id', '=', id)
        .where('number', '=', number)
        .execute();
      return (await withLabels(db, id, rows))[0] ?? null;
    },

    take: (by, name, { of, ...times }) =>
      inTransaction(db, async (tx) => {
        const queue = await lockQueue(tx, by, name);
        const row = await findTakeable(tx, queue, { of, rater: by.actor, now: new Date(times.nowMs) });
        if (row === null) return null;
        await lease(tx, queue.id, row.number, by.actor, times);
        return (await withLabels(tx, queue.id, [row]))[0] ?? null;
      }),
  };
}

async function takeLabel(
  tx: Tx,
  queue: QueueRow,
  of: { number: number; rater: string; decides: boolean },
): Promise<ReviewLabel | null> {
  const row = await tx
    .deleteFrom('review_labels')
    .where('queue_id', '=', queue.id)
    .where('number', '=', of.number)
    .where('decides', '=', of.decides)
    // A decision is one, whoever made it.
    .$if(!of.decides, (query) => query.where('rater', '=', of.rater))
    .returningAll()
    .executeTakeFirst();
  return row ? toLabel(row) : null;
}

function createLabelling(db: Db): Pick<ReviewStore, 'label' | 'unlabel'> {
  return {
    label: (by, name, number, { decides, skipped, answers, comment }, nowMs) =>
      inTransaction(db, async (tx) => {
        const queue = await findQueue(tx, by.project, name);
        const item = await lockItem(tx, queue, number);
        const at = new Date(nowMs);
        const held = await tx
          .deleteFrom('review_leases')
          .where('queue_id', '=', queue.id)
          .where('number', '=', number)
          .where('rater', '=', by.actor)
          .returning(['since', 'until'])
          .executeTakeFirst();
        const seconds = held && held.until >= at ? (nowMs - held.since.getTime()) / 1_000 : null;
        const before = await takeLabel(tx, queue, { number, rater: by.actor, decides });
        const row = await tx
          .insertInto('review_labels')
          .values({
            ...{ queue_id: queue.id, number, rater: by.actor, decides, skipped, comment, at },
            answers: JSON.stringify(answers),
            // Who looks at a label again is asked for its answers, not for the time once more.
            seconds: seconds ?? before?.seconds ?? null,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return { item: await settle(tx, queue, item), label: toLabel(row), before };
      }),

    unlabel: (by, name, number, times) =>
      inTransaction(db, async (tx) => {
        const queue = await findQueue(tx, by.project, name);
        const item = await lockItem(tx, queue, number);
        const label = await takeLabel(tx, queue, { number, rater: by.actor, decides: false });
        if (label === null) return null;
        await lease(tx, queue.id, number, by.actor, times);
        return { item: await settle(tx, queue, item), label };
      }),
  };
}

/** Queues, what is in them, and what was said of it. */
export const createReviewStore = (db: Db): ReviewStore => ({
  ...createQueues(db),
  ...createRules(db),
  ...createReading(db),
  ...createLabelling(db),
});
