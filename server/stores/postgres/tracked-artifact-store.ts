import type { TrackingStore } from '@wheelhouse/core/ports';
import type { TrackedArtifact } from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';

const toArtifact = ({ path, blob, bytes }: Selectable<Database['tracked_artifacts']>): TrackedArtifact => ({
  ...{ path, blob, bytes: Number(bytes) },
});

/** `0` is what follows `/` in the order of bytes, in which paths are kept. */
const below = (folder: string) => ({ from: `${folder}/`, to: `${folder}0` });

type Artifacts = Pick<
  TrackingStore,
  'putArtifact' | 'artifact' | 'artifactsUnder' | 'listArtifacts' | 'removeArtifacts'
>;

/** Which files there are; what is in them is in blobs. */
export const createTrackedArtifacts = (db: Db): Artifacts => ({
  putArtifact: (by, { path, blob, bytes }) =>
    inTransaction(db, async (tx) => {
      const before = await tx
        .selectFrom('tracked_artifacts')
        .selectAll()
        .where('project_id', '=', by.project)
        .where('path', '=', path)
        .forUpdate()
        .executeTakeFirst();
      await tx
        .insertInto('tracked_artifacts')
        .values({ project_id: by.project, path, blob, bytes })
        .onConflict((conflict) => conflict.columns(['project_id', 'path']).doUpdateSet({ blob, bytes }))
        .execute();
      return before ? toArtifact(before) : null;
    }),

  async artifact(project, path) {
    const row = await db
      .selectFrom('tracked_artifacts')
      .selectAll()
      .where('project_id', '=', project)
      .where('path', '=', path)
      .executeTakeFirst();
    return row ? toArtifact(row) : null;
  },

  async artifactsUnder(project, folder, limit) {
    const { from, to } = below(folder);
    const rows = await db
      .selectFrom('tracked_artifacts')
      .selectAll()
      .where('project_id', '=', project)
      .where((where) =>
        where.or([where('path', '=', folder), where.and([where('path', '>', from), where('path', '<', to)])]),
      )
      .orderBy('path')
      .limit(limit)
      .execute();
    return rows.map(toArtifact);
  },

  async listArtifacts(project, folder) {
    const { from, to } = below(folder);
    const rest = sql`substr(path, ${[...from].length + 1}::integer)`;
    const { rows } = await sql<{ name: string; bytes: string | null }>`
      select split_part(${rest}, '/', 1) as name,
        max(case when position('/' in ${rest}) = 0 then bytes end) as bytes
      from wheelhouse.tracked_artifacts
      where project_id = ${project} and path > ${from} and path < ${to}
      group by 1 order by 1`.execute(db);
    return rows.map(({ name, bytes }) => ({ name, bytes: bytes === null ? null : Number(bytes) }));
  },

  async removeArtifacts(by, paths) {
    await db
      .deleteFrom('tracked_artifacts')
      .where('project_id', '=', by.project)
      .where(sql<boolean>`path = any(${paths}::text[])`)
      .execute();
  },
});
