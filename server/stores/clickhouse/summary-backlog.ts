import type { ProjectId, TraceId } from '@wheelhouse/core/records';

/** Ids travel in a URL, which takes a megabyte. */
const tracesAtOnce = 5_000;

/** A trace whose summary is older than its spans, and since when. */
export type Dirty = { project: ProjectId; trace: TraceId; sinceMs: number };

const keyOf = (project: ProjectId, trace: TraceId) => `${trace}${project}`;

/** What must not be forgotten until it is done. */
export function createBacklog() {
  const dirty = new Map<string, Dirty>();
  const working = new Map<string, Dirty>();
  const writing = new Set<{ sinceMs: number; done: Promise<unknown> }>();
  return {
    writing,
    size: () => dirty.size,
    mark(one: Dirty): void {
      const key = keyOf(one.project, one.trace);
      dirty.set(key, { ...one, sinceMs: Math.min(one.sinceMs, dirty.get(key)?.sinceMs ?? one.sinceMs) });
    },
    has: (project: ProjectId, trace: TraceId) => dirty.has(keyOf(project, trace)) || working.has(keyOf(project, trace)),
    /** The longest waiting of one project, or those named. */
    take(ids?: { project: ProjectId; traces: readonly TraceId[] }): Dirty[] {
      const [first] = dirty.values();
      const taken: Dirty[] = [];
      const wanted = ids ? ids.traces.map((trace) => dirty.get(keyOf(ids.project, trace))) : dirty.values();
      for (const one of wanted) {
        if (!one || (!ids && one.project !== first?.project)) continue;
        taken.push(one);
        if (taken.length === tracesAtOnce) break;
      }
      for (const one of taken) {
        dirty.delete(keyOf(one.project, one.trace));
        working.set(keyOf(one.project, one.trace), one);
      }
      return taken;
    },
    done(taken: readonly Dirty[]): void {
      for (const one of taken) working.delete(keyOf(one.project, one.trace));
    },
    /** Everything that came before has its summary. */
    settledUntilMs(): number {
      let least = Date.now();
      for (const one of [...dirty.values(), ...working.values(), ...writing]) least = Math.min(least, one.sinceMs);
      return least;
    },
  };
}
