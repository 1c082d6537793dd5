import type { ProjectId, TraceId } from '@wheelhouse/core/records';

/** Ids travel in a URL, which takes a megabyte. */
const tracesAtOnce = 5_000;

/** A trace whose summary is older than its spans, and since when. */
export type Dirty = { project: ProjectId; trace: TraceId; sinceMs: number };

/** By project and then by trace, because this is done for each call and a key made of both would cost more than all else. */
class DirtySet {
  readonly #projects = new Map<ProjectId, Map<TraceId, Dirty>>();
  size = 0;

  get(project: ProjectId, trace: TraceId): Dirty | undefined {
    return this.#projects.get(project)?.get(trace);
  }

  set(one: Dirty): void {
    let traces = this.#projects.get(one.project);
    if (traces === undefined) {
      traces = new Map();
      this.#projects.set(one.project, traces);
    }
    const before = traces.size;
    traces.set(one.trace, one);
    this.size += traces.size - before;
  }

  delete({ project, trace }: Dirty): void {
    const traces = this.#projects.get(project);
    if (traces?.delete(trace) !== true) return;
    this.size -= 1;
    if (traces.size === 0) this.#projects.delete(project);
  }

  /** Up to so many of one project; the next time it is another's turn. */
  some(most: number): Dirty[] {
    const [first] = this.#projects;
    if (first === undefined) return [];
    const [project, traces] = first;
    this.#projects.delete(project);
    this.#projects.set(project, traces);
    const found: Dirty[] = [];
    for (const one of traces.values()) {
      found.push(one);
      if (found.length === most) break;
    }
    return found;
  }

  *all(): Generator<Dirty> {
    for (const traces of this.#projects.values()) yield* traces.values();
  }
}

/** What must not be forgotten until it is done. */
export function createBacklog() {
  const dirty = new DirtySet();
  const working = new DirtySet();
  const writing = new Set<{ sinceMs: number; done: Promise<unknown> }>();
  return {
    writing,
    size: () => dirty.size,
    mark(one: Dirty): void {
      const before = dirty.get(one.project, one.trace);
      if (before === undefined) dirty.set(one);
      else if (one.sinceMs < before.sinceMs) dirty.set(one);
    },
    has: (project: ProjectId, trace: TraceId) =>
      dirty.get(project, trace) !== undefined || working.get(project, trace) !== undefined,
    /** The longest waiting of one project, each in its turn, or those named. */
    take(ids?: { project: ProjectId; traces: readonly TraceId[] }): Dirty[] {
      const taken = ids
        ? ids.traces.flatMap((trace) => dirty.get(ids.project, trace) ?? []).slice(0, tracesAtOnce)
        : dirty.some(tracesAtOnce);
      for (const one of taken) {
        dirty.delete(one);
        working.set(one);
      }
      return taken;
    },
    done(taken: readonly Dirty[]): void {
      for (const one of taken) working.delete(one);
    },
    /** Everything that came before has its summary. */
    settledUntilMs(): number {
      let least = Date.now();
      for (const some of [dirty.all(), working.all(), writing])
        for (const { sinceMs } of some) least = Math.min(least, sinceMs);
      return least;
    },
  };
}
