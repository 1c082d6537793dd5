import type { Actor, JsonObject } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import type { Tx } from './database.ts';

export type Change = { action: string; subject: string; detail: JsonObject };

/** Replicas notice that something changed; all that is needed where nobody asks later who did it. */
export async function countChange(tx: Tx): Promise<void> {
  await tx.updateTable('change_counter').set({ value: sql`value + 1` }).execute();
}

/** The last step of every change: its audit row, and the counter by which replicas notice that something changed. */
export async function recordChange(tx: Tx, by: Actor, change: Change): Promise<void> {
  await tx
    .insertInto('audit')
    .values({
      project_id: by.project,
      actor: by.actor,
      action: change.action,
      subject: change.subject,
      detail: JSON.stringify(change.detail),
    })
    .execute();
  await countChange(tx);
}
