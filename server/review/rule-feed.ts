import type { FilterFeed, StandingFilter } from '@wheelhouse/core/ports';
import type { ReviewQueue } from '@wheelhouse/core/records';
import { type ReviewDeps, tellOfQueue } from './deps.ts';
import { onTrace } from './fill-queue.ts';

type Standing = StandingFilter & { queue: ReviewQueue };

/** Feeds queues by their rules: traces that fit and show an input become items, each once. */
export const createReviewFeed = (deps: Pick<ReviewDeps, 'review' | 'traceRows' | 'feed'>): FilterFeed<Standing> => ({
  async all() {
    const ruled = await deps.review.ruled();
    return ruled.flatMap(({ project, queue }) =>
      queue.rule === null ? [] : [{ project, id: queue.id, ...queue.rule, queue }],
    );
  },

  changes: ({ type }) => type === 'review',

  async feed({ project, queue }, traces) {
    const shown = await deps.traceRows(project, traces);
    if (shown.length === 0) return;
    const by = { project, actor: `rule of ${queue.name}` };
    const items = shown.map(({ traceId }) => onTrace(traceId));
    // The queue may have been removed meanwhile.
    if ((await deps.review.get(project, queue.name)) === null) return;
    if ((await deps.review.addItems(by, queue.name, items)) > 0) tellOfQueue(deps, project, queue.name);
  },
});
