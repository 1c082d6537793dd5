import { type Actor, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

/** Tables of long work that a job does part by part: what was asked, how far it is, how it ended. */
type TaskTable = 'repricings' | 'renormalizations' | 'exports' | 'dataset_jobs' | 'scorings';
type Row<Table extends TaskTable> = Selectable<Database[Table]>;

export type TaskRows<Task, Progress> = {
  get(project: ProjectId, id: string): Promise<Task | null>;
  /** Newest first, below `before` (an id) when given. */
  list(project: ProjectId, page: { limit: number; before?: string }): Promise<Task[]>;
  /** false when it has ended. */
  advance(id: string, progress: Progress): Promise<boolean>;
  /** One that has ended stays as it ended. */
  finish(id: string, status: 'completed' | 'failed' | 'cancelled', error?: string): Promise<void>;
  /** One that has ended is given as it is; null when there is none. */
  cancel(by: Actor, id: string): Promise<Task | null>;
};

/** What the stores of long work have in common. */
export function createTaskRows<Table extends TaskTable, Task, Progress>(
  db: Db,
  given: {
    table: Table;
    /** In the audit, before `.cancel`. */
    noun: string;
    toTask(row: Row<Table>): Task;
    printProgress(progress: Progress): string;
  },
): TaskRows<Task, Progress> {
  const { noun, printProgress } = given;
  // The columns that are named here are the same in each of the tables.
  const table: TaskTable = given.table;
  const toTask = (row: unknown): Task => given.toTask(row as Row<Table>);
  const unfinished = (from: Db, id: string) =>
    from.updateTable(table).where('id', '=', id).where('finished_at', 'is', null);
  const read = (from: Db, project: ProjectId, id: string) =>
    from.selectFrom(table).selectAll().where('project_id', '=', project).where('id', '=', id).executeTakeFirst();
  return {
    async get(project, id) {
      const row = await read(db, project, id);
      return row ? toTask(row) : null;
    },

    async list(project, { limit, before }) {
      const rows = await db
        .selectFrom(table)
        .selectAll()
        .where('project_id', '=', project)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toTask);
    },

    async advance(id, progress) {
      const row = await unfinished(db, id)
        .set({ status: 'running', progress: printProgress(progress) })
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async finish(id, status, error) {
      await unfinished(db, id)
        .set({ status, error: error ?? null, finished_at: sql<Date>`now()` })
        .execute();
    },

    cancel: (by, id) =>
      inTransaction(db, async (tx) => {
        const cancelled = await unfinished(tx, id)
          .where('project_id', '=', by.project)
          .set({ status: 'cancelled', finished_at: sql<Date>`now()` })
          .returningAll()
          .executeTakeFirst();
        if (cancelled) await recordChange(tx, by, { action: `${noun}.cancel`, subject: id, detail: {} });
        const row = cancelled ?? (await read(tx, by.project, id));
        return row ? toTask(row) : null;
      }),
  };
}

/** @throws WheelhouseError `not_found` */
export function found<Task>(task: Task | null, sentence: string): Task {
  if (task === null) throw new WheelhouseError('not_found', sentence);
  return task;
}
