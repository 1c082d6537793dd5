import type { Actor, JsonObject, ReleaseEvent, ReleaseState } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Tx } from './database.ts';

export type ReleaseRow = Selectable<Database['releases']>;

export const addReleaseEvent = (
  tx: Tx,
  id: string,
  { actor, kind, detail }: { actor: string; kind: ReleaseEvent['kind']; detail: JsonObject },
) =>
  tx
    .insertInto('release_events')
    .values({ release_id: id, actor, kind, detail: JSON.stringify(detail) })
    .execute();

/** Ends it in a transaction that has its model locked. */
export async function endReleaseIn(
  tx: Tx,
  by: Pick<Actor, 'actor'>,
  { id, as, reason }: { id: string; as: Exclude<ReleaseState, 'running'>; reason: string },
): Promise<void> {
  await tx
    .updateTable('releases')
    .set({
      ...{ state: as, ended_by: by.actor, ended_at: sql<Date>`now()`, reason },
      ...{ revision: sql<number>`revision + 1`, share: as === 'promoted' ? 1 : 0 },
    })
    .where('id', '=', id)
    .execute();
  await addReleaseEvent(tx, id, { actor: by.actor, kind: as, detail: { reason } });
}

/** Whoever moves an alias by hand wants it there: a release of it that runs is over. */
export async function stopReleaseOf(tx: Tx, by: Actor, model: string, alias: string): Promise<void> {
  const running = await tx
    .selectFrom('releases')
    .select('id')
    .where('model_id', '=', model)
    .where('alias', '=', alias)
    .where('state', '=', 'running')
    .executeTakeFirst();
  if (running) await endReleaseIn(tx, by, { id: running.id, as: 'stopped', reason: 'The alias was moved.' });
}
