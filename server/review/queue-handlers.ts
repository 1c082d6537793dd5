import type { Handlers } from '@wheelhouse/core/contract';
import type { LabelledItem } from '@wheelhouse/core/ports';
import { idRandomBytes, nanosToMs, newId, offsetOf, type ProjectId } from '@wheelhouse/core/records';
import { itemBody, queueBody } from './bodies.ts';
import { findQueue, type ReviewDeps } from './deps.ts';
import { fillQueue } from './fill-queue.ts';

type Ids =
  | 'listReviewQueues'
  | 'createReviewQueue'
  | 'getReviewQueue'
  | 'removeReviewQueue'
  | 'listReviewItems'
  | 'addReviewItems';

const itemsAtOnce = 500;

/** All items, a page at a time. */
export async function* everyItem(
  { review }: Pick<ReviewDeps, 'review'>,
  project: ProjectId,
  queue: string,
): AsyncGenerator<LabelledItem> {
  for (let after = 0; ; ) {
    const page = await review.items(project, queue, { limit: itemsAtOnce, after });
    yield* page;
    const last = page.at(-1);
    if (page.length < itemsAtOnce || !last) return;
    after = last.item.number;
  }
}

/** Queues and what is in them. */
export function createQueueHandlers(deps: ReviewDeps): Handlers<Ids> {
  const { review, clock, random } = deps;
  return {
    listReviewQueues: async ({ by }) => ({ data: (await review.list(by.project)).map(queueBody) }),

    async createReviewQueue({ by, body }) {
      const id = newId('rq', nanosToMs(clock.now()), random.bytes(idRandomBytes));
      const form = body.form.map((field) => ({ ...field, label: field.label === '' ? field.name : field.label }));
      return queueBody(await review.create(by, { ...body, form, id }));
    },

    getReviewQueue: async ({ by, params }) => queueBody(await findQueue(deps, by.project, params.queue)),

    removeReviewQueue: async ({ by, params }) => ({ removed: await review.remove(by, params.queue) }),

    async listReviewItems({ by, params, query: { limit, cursor, state } }) {
      const found = await review.items(by.project, params.queue, {
        ...{ limit: limit + 1, after: offsetOf(cursor), ...(state !== undefined && { state }) },
      });
      const page = found.slice(0, limit);
      const next = found.length > limit ? String(page.at(-1)?.item.number) : null;
      return { data: page.map(itemBody), next };
    },

    async addReviewItems({ by, params, body }) {
      const queue = await findQueue(deps, by.project, params.queue);
      const filled = await fillQueue(deps, by, queue, body);
      return { queue: queueBody(await findQueue(deps, by.project, params.queue)), ...filled };
    },
  };
}
