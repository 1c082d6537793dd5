import type { DatasetStore } from '@wheelhouse/core/ports';
import type { ExampleId, MemberDifference } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import type { Db } from './database.ts';
import { findVersion, isIn, type MemberRow, memberColumns, toMember } from './dataset-rows.ts';

type DifferentRow = {
  example_id: string;
  place: string;
  before: (Omit<MemberRow, 'erased_at'> & { erased_at: string | null }) | null;
  after: (Omit<MemberRow, 'erased_at'> & { erased_at: string | null }) | null;
};

type Between = { from: number | null; to: number | null };

/** Rows that one of the two has and the other has not, each example once. */
function different(datasetId: string, { from, to }: Between) {
  const [inFrom, inTo] = [isIn(from), isIn(to)];
  const earliest = Math.min(from ?? Number.MAX_SAFE_INTEGER, to ?? Number.MAX_SAFE_INTEGER);
  const since = earliest === Number.MAX_SAFE_INTEGER ? 0 : earliest;
  const only = (inside: typeof inFrom, outside: typeof inFrom) => sql`
    select ${memberColumns} from wheelhouse.dataset_examples e
    where e.dataset_id = ${datasetId} and (e.added_in > ${since} or e.removed_in > ${since})
      and ${inside} and not ${outside}`;
  return sql`(${only(inFrom, inTo)}) b full join (${only(inTo, inFrom)}) a on a.example_id = b.example_id`;
}

function toDifference(row: DifferentRow): MemberDifference & { place: number } {
  const member = (side: DifferentRow['before']) =>
    side === null ? null : toMember({ ...side, erased_at: side.erased_at === null ? null : new Date(side.erased_at) });
  const [before, after] = [member(row.before), member(row.after)];
  const kind = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return { id: row.example_id as ExampleId, kind, before, after, place: Number(row.place) };
}

/** What is different between two versions of a dataset: read from the intervals in which its rows are valid. */
export function createDatasetDifferences(db: Db): Pick<DatasetStore, 'differences' | 'countDifferences'> {
  async function check(project: Parameters<DatasetStore['get']>[0], name: string, { from, to }: Between) {
    const { id } = await findVersion(db, project, { name, version: from });
    await findVersion(db, project, { name, version: to });
    return id;
  }
  return {
    async differences(project, name, { limit, after, ...between }) {
      const id = await check(project, name, between);
      const { rows } = await sql<DifferentRow>`
        select coalesce(a.example_id, b.example_id) as example_id, coalesce(a.position, b.position) as place,
          to_json(b) as before, to_json(a) as after
        from ${different(id, between)}
        where coalesce(a.position, b.position) > ${after ?? -1}
        order by coalesce(a.position, b.position) limit ${limit}`.execute(db);
      return rows.map(toDifference);
    },

    async countDifferences(project, name, between) {
      const id = await check(project, name, between);
      const { rows } = await sql<{ added: string; removed: string; changed: string }>`
        select count(*) filter (where b.example_id is null) as added,
          count(*) filter (where a.example_id is null) as removed,
          count(*) filter (where a.example_id is not null and b.example_id is not null) as changed
        from ${different(id, between)}`.execute(db);
      const { added, removed, changed } = rows[0] ?? { added: 0, removed: 0, changed: 0 };
      return { added: Number(added), removed: Number(removed), changed: Number(changed) };
    },
  };
}
