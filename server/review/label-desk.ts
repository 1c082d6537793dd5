import type { LabelDesk } from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  nanosToMs,
  newId,
  type ReviewField,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type ReviewDeps, tellOfQueue } from './deps.ts';
import { fieldOf, pointsOfLabels } from './judge-correction.ts';
import { everyItem } from './queue-handlers.ts';

const question: ReviewField = {
  ...{ kind: 'boolean', name: 'right', label: 'Is the answer as it should be?', required: true },
};

/** Queues for whoever checks scorers by what people say of some traces. */
export function createLabelDesk(deps: Pick<ReviewDeps, 'review' | 'feed' | 'clock' | 'random'>): LabelDesk {
  const { review, clock, random } = deps;
  return {
    async read(project, name, asked) {
      const queue = await review.get(project, name);
      if (!queue) return null;
      const field = fieldOf(queue, asked);
      const queued = new Set<TraceId>();
      const said = new Map<TraceId, number>();
      for await (const { item, labels } of everyItem(deps, project, name)) {
        if (item.target.kind !== 'trace') continue;
        queued.add(item.target.traceId);
        const points = pointsOfLabels(field, labels);
        if (points !== null) said.set(item.target.traceId, points);
      }
      return { field: field.name, queued, said };
    },

    async add(by, { name, instructions }, items) {
      if ((await review.get(by.project, name)) === null) {
        const id = newId('rq', nanosToMs(clock.now()), random.bytes(idRandomBytes));
        await review
          .create(by, { id, name, instructions, form: [question], blind: true, overlap: 1 })
          .catch((error: unknown) => {
            // Somebody else made it meanwhile.
            if (!(error instanceof WheelhouseError && error.code === 'conflict')) throw error;
          });
      }
      const added = await review.addItems(
        by,
        name,
        items.map(({ traceId, reason, probability }) => ({
          target: { kind: 'trace', traceId },
          ...{ traceId, otherTraceId: null, reason, probability },
        })),
      );
      if (added > 0) tellOfQueue(deps, by.project, name);
      return added;
    },
  };
}
