export type LoadedList<Row> = { rows: readonly Row[]; hasMore: boolean };

/**
 * Rows of several lists as one, newest first. What is older than the oldest row of a list that goes on is held back,
 * since rows that are not loaded yet may come before it.
 */
export function newestFirst<Row extends { createdAt: string }>(lists: readonly LoadedList<Row>[]): Row[] {
  const ends = lists.flatMap(({ rows, hasMore }) => (hasMore ? (rows.at(-1)?.createdAt ?? []) : []));
  const from = ends.toSorted().at(-1) ?? '';
  return lists
    .flatMap(({ rows }) => rows)
    .filter(({ createdAt }) => createdAt >= from)
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
}
