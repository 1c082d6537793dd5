import type { LiveFeed } from '@wheelhouse/core/ports';
import type { Evaluation, ProjectId } from '@wheelhouse/core/records';

type Shown = Pick<Evaluation, 'id' | 'done' | 'total' | 'failed' | 'costNanoUsd' | 'status'>;

/** Tells whoever watches how far an evaluation is. */
export function tell(feed: Pick<LiveFeed, 'publish'>, project: ProjectId, evaluation: Shown): void {
  const { id, done, total, failed, costNanoUsd, status } = evaluation;
  feed.publish({
    type: 'evaluations',
    project,
    id,
    done,
    total,
    failed,
    costNanoUsd: costNanoUsd === null ? null : String(costNanoUsd),
    status,
  });
}
