import type { Handlers } from '@wheelhouse/core/contract';
import type { LabelledItem } from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  isOfPairs,
  nanosToMs,
  newId,
  offsetOf,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { itemBody, queueBody } from './bodies.ts';
import { findQueue, type ReviewDeps, tellOfQueue } from './deps.ts';
import { fillQueue } from './fill-queue.ts';

type Ids =
  | 'listReviewQueues'
  | 'createReviewQueue'
  | 'getReviewQueue'
  | 'removeReviewQueue'
  | 'setReviewRule'
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
      const made = await review.create(by, { ...body, form, id });
      tellOfQueue(deps, by.project, made.name);
      return queueBody(made);
    },

    getReviewQueue: async ({ by, params }) => queueBody(await findQueue(deps, by.project, params.queue)),

    async removeReviewQueue({ by, params }) {
      const removed = await review.remove(by, params.queue);
      if (removed) tellOfQueue(deps, by.project, params.queue);
      return { removed };
    },

    async setReviewRule({ by, params, body: { rule } }) {
      const queue = await findQueue(deps, by.project, params.queue);
      if (rule !== null && isOfPairs(queue))
        throw new WheelhouseError('invalid_request', `\`${queue.name}\` asks about pairs of answers.`, {
          hint: 'Traces that come by a rule are shown one at a time; make another queue for them.',
        });
      if (rule !== null) deps.readFilter(rule.q);
      const ruled = await review.setRule(by, queue.name, rule);
      tellOfQueue(deps, by.project, queue.name);
      return queueBody(ruled);
    },

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
      if (filled.added > 0) tellOfQueue(deps, by.project, queue.name);
      return { queue: queueBody(await findQueue(deps, by.project, params.queue)), ...filled };
    },
  };
}
