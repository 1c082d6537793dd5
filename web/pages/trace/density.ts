import type { TreeRow } from './span-tree.ts';
import type { TimeScale } from './time-scale.ts';

/** How many innermost spans run in each stretch of the trace, and where one of all spans failed. */
export type Density = { running: number[]; failed: boolean[] };

export function densityOf(rows: TreeRow[], scale: TimeScale, buckets: number): Density {
  const change = new Array<number>(buckets + 1).fill(0);
  const failed = new Array<boolean>(buckets).fill(false);
  const bucketOf = (ns: number) => Math.max(0, Math.min(buckets - 1, Math.floor(scale.at(ns) * buckets)));
  for (const row of rows) {
    if (row.span === null) continue;
    const first = bucketOf(row.startNs);
    const last = bucketOf(row.startNs + (row.lengthNs ?? scale.lengthNs));
    if (row.span.status === 'error') failed[last] = true;
    if (row.below > 0) continue;
    change[first] = (change[first] ?? 0) + 1;
    change[last + 1] = (change[last + 1] ?? 0) - 1;
  }
  let now = 0;
  const running = change.slice(0, buckets).map((by) => {
    now += by;
    return now;
  });
  return { running, failed };
}
