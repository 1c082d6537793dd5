import { type Kysely, sql } from 'kysely';

/** Filters that feed queues; the trace of the answer on the right of a pair, so that it is forgotten with either. */
const statements = [
  'alter table wheelhouse.review_queues add column rule json',
  'alter table wheelhouse.review_items add column other_trace_id text',
  `create index review_items_other_trace on wheelhouse.review_items (other_trace_id)
    where other_trace_id is not null`,
];

export const reviewMore = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
