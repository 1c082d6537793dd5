import { shareOf } from '@wheelhouse/core/dataset';
import type { Clock, FilterFeed, LiveFeed, StandingFilter, TraceQueries } from '@wheelhouse/core/ports';
import { selects } from '@wheelhouse/core/query';
import type { Nanos, ProjectId, TraceId } from '@wheelhouse/core/records';
import { readFilter } from './read-filter.ts';

type Deps = {
  queries: Pick<TraceQueries, 'searched'>;
  feed: LiveFeed;
  clock: Clock;
  log: { error(details: object, message: string): void };
};

export type StandingFilters = {
  /** Hands over the traces that have been quiet for a while. */
  flush(): Promise<void>;
  stop(): void;
};

/** Spans of one trace come one after another; when none came for so long, it is whole. */
const quietNs: Nanos = 5_000_000_000n;
const filtersLastNs: Nanos = 5_000_000_000n;
const mostWaiting = 20_000;
const everyMs = 1_000;

/**
 * Holds traces against filters as they come. Nothing is promised of traces that come while no server runs; whoever wants
 * those asks with the same filter.
 */
export function startStandingFilters<F extends StandingFilter>(deps: Deps, target: FilterFeed<F>): StandingFilters {
  const { feed, clock } = deps;
  const waiting = new Map<TraceId, { project: ProjectId; at: Nanos }>();
  let known: { filters: F[]; at: Nanos } | null = null;
  let isBusy = false;

  async function readFilters(): Promise<F[]> {
    if (known === null || clock.now() - known.at > filtersLastNs)
      known = { filters: await target.all(), at: clock.now() };
    return known.filters;
  }

  const unsubscribe = feed.subscribe((event) => {
    if (target.changes(event)) known = null;
    if (event.type !== 'traces') return;
    const isIdle = known?.filters.every(({ project }) => project !== event.project);
    const isFresh = known !== null && clock.now() - known.at <= filtersLastNs;
    if ((isIdle && isFresh) || waiting.size >= mostWaiting) return;
    for (const id of event.traceIds) waiting.set(id, { project: event.project, at: clock.now() });
  });

  async function feedProject(project: ProjectId, filters: F[], ids: TraceId[]): Promise<void> {
    const traces = await deps.queries.searched(project, ids);
    for (const one of filters) {
      const filter = readFilter(one.q);
      const isSampled = (id: TraceId) => one.sample >= 1 || shareOf(`${one.id} ${id}`) < one.sample;
      const fits = traces.filter((trace) => selects(trace, filter, clock.now()) && isSampled(trace.traceId));
      if (fits.length > 0)
        await target.feed(
          one,
          fits.map(({ traceId }) => traceId),
        );
    }
  }

  async function flush(): Promise<void> {
    const quiet = [...waiting].filter(([, { at }]) => clock.now() - at >= quietNs);
    if (quiet.length === 0) return;
    for (const [id] of quiet) waiting.delete(id);
    const filters = await readFilters();
    for (const project of new Set(filters.map((one) => one.project))) {
      const ids = quiet.filter(([, one]) => one.project === project).map(([id]) => id);
      const own = filters.filter((one) => one.project === project);
      if (ids.length > 0) await feedProject(project, own, ids);
    }
  }

  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    flush()
      .catch((err: unknown) => deps.log.error({ err }, 'standing filters could not be followed for some traces'))
      .finally(() => {
        isBusy = false;
      });
  }, everyMs);
  timer.unref();

  return {
    flush,
    stop() {
      unsubscribe();
      clearInterval(timer);
    },
  };
}
