import type { LiveFeed } from '@wheelhouse/core/ports';
import type { OptimizationProgress, OptimizationState, ProjectId } from '@wheelhouse/core/records';

/** Tells whoever watches how far an optimization is. */
export function tell(
  feed: Pick<LiveFeed, 'publish'>,
  project: ProjectId,
  { id, state, progress }: { id: string; state: OptimizationState; progress: OptimizationProgress },
): void {
  const { startId, bestId, scores, spend } = progress;
  const scoreOf = (one: string | null) => (one === null ? null : (scores[one]?.score?.value ?? null));
  const { calls, costNanoUsd } = spend;
  feed.publish({
    ...{ type: 'optimizations', project, id, state, calls, costNanoUsd },
    ...{ start: scoreOf(startId), best: scoreOf(bestId) },
  });
}
