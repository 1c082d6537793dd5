import { changedFields } from '@wheelhouse/core/dataset';
import type { DatasetStore } from '@wheelhouse/core/ports';
import type { Example, ExampleMember, MemberDifference, ProjectId } from '@wheelhouse/core/records';
import { placeOf } from './place.ts';

type Deps = {
  datasets: Pick<DatasetStore, 'differences'>;
  withContents(read: () => Promise<ExampleMember[]>): Promise<Example[]>;
};

type Ask = {
  project: ProjectId;
  name: string;
  from: number | null;
  to: number | null;
  limit: number;
  cursor: string | undefined;
};

type Shown = Omit<MemberDifference, 'before' | 'after'> & {
  fields: string[];
  before: Example | null;
  after: Example | null;
};

/** A page of what is different between two versions, with contents and the fields that changed. */
export async function differencesOf(deps: Deps, ask: Ask): Promise<{ data: Shown[]; next: string | null }> {
  const { project, name, from, to, limit, cursor } = ask;
  const page = { from, to, limit: limit + 1, after: placeOf(cursor) };
  const found = await deps.datasets.differences(project, name, page);
  const shown = found.slice(0, limit);
  const members = shown.flatMap(({ before, after }) => [before, after].filter((one) => one !== null));
  const rows = await deps.withContents(async () => members);
  const rowOf = new Map(members.map((member, i) => [member, rows[i] ?? null]));
  const data = shown.map(({ id, kind, before, after }) => {
    const [then, now] = [before && (rowOf.get(before) ?? null), after && (rowOf.get(after) ?? null)];
    return { id, kind, before: then, after: now, fields: then && now ? changedFields(then, now) : [] };
  });
  return { data, next: found.length > limit ? String(shown.at(-1)?.place ?? '') : null };
}
