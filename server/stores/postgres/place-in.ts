import { type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { Db } from './database.ts';

type Listed =
  | 'alias_requests'
  | 'comments'
  | 'files'
  | 'batches'
  | 'deletions'
  | 'evaluations'
  | 'optimizations'
  | 'releases';

/**
 * Where a row stands in its list, which goes on from there.
 * @param ask.param the part of the request that named the row
 * @throws WheelhouseError `invalid_request`
 */
export async function placeIn(
  db: Db,
  table: Listed,
  ask: { project: ProjectId; id: string; param: 'after' | 'cursor' },
): Promise<string> {
  const { project, id, param } = ask;
  const row = await db
    .selectFrom(table)
    .select('seq')
    .where('project_id', '=', project)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row) return row.seq;
  throw new WheelhouseError('invalid_request', `\`${id.slice(0, 80)}\` is no place in the list.`, { param });
}
