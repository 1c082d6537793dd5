import type { Handlers } from '@wheelhouse/core/contract';
import type { LabelledItem, NewReviewLabel } from '@wheelhouse/core/ports';
import {
  type Actor,
  nanosToMs,
  type ProjectId,
  type ReviewItem,
  type ReviewLabel,
  type ReviewQueue,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { itemBody, queueBody, shownBody } from './bodies.ts';
import { checkAnswers } from './check-answers.ts';
import { findQueue, leaseMs, numberOf, type ReviewDeps, tellOfQueue } from './deps.ts';
import { humanScores } from './human-scores.ts';
import { readContents } from './item-contents.ts';

type Ids = 'getReviewItem' | 'takeReviewItem' | 'labelReviewItem' | 'undoReviewLabel' | 'decideReviewItem';

/** The scores follow the label, which is the truth: written again, it writes them again. */
async function follow(
  { scores, feed }: Pick<ReviewDeps, 'scores' | 'feed'>,
  project: ProjectId,
  queue: ReviewQueue,
  { item, label, before }: { item: ReviewItem; label: ReviewLabel | null; before: ReviewLabel | null },
): Promise<void> {
  tellOfQueue({ feed }, project, queue.name);
  const now = label === null ? [] : humanScores(queue, item, label);
  const gone =
    before === null ? [] : humanScores(queue, item, before).filter(({ id }) => !now.some((one) => one.id === id));
  if (now.length + gone.length === 0) return;
  if (now.length > 0) await scores.put(project, now);
  for (const { id, traceId } of gone) await scores.remove(project, id, ...(traceId === null ? [] : [traceId]));
  if (item.traceId !== null) feed.publish({ type: 'scores', project, traceIds: [item.traceId] });
}

/** Taking, labelling, skipping, taking back, deciding. */
export function createLabelHandlers(deps: ReviewDeps): Handlers<Ids> {
  const { review, clock } = deps;
  const nowMs = () => Math.floor(nanosToMs(clock.now()));

  async function find(project: ProjectId, queue: string, item: string): Promise<LabelledItem> {
    const found = await review.item(project, queue, numberOf(item));
    if (!found) throw new WheelhouseError('not_found', `The queue \`${queue}\` has no item ${item}.`);
    return found;
  }

  async function show({ project, actor }: Actor, queue: ReviewQueue, found: LabelledItem) {
    const { item } = found;
    const content = (await readContents(deps, project, [item])).get(item.number);
    return shownBody(queue, found, { rater: actor, content });
  }

  async function label(by: Actor, { queue: name, item }: { queue: string; item: string }, said: NewReviewLabel) {
    const queue = await findQueue(deps, by.project, name);
    if (!said.skipped) checkAnswers(queue.form, said.answers);
    const done = await review.label(by, name, numberOf(item), said, nowMs());
    await follow(deps, by.project, queue, done);
    return answer(by, name, item);
  }

  async function answer({ project }: Actor, name: string, item: string) {
    const [queue, found] = await Promise.all([findQueue(deps, project, name), find(project, name, item)]);
    return { queue: queueBody(queue), item: itemBody(found) };
  }

  return {
    async getReviewItem({ by, params }) {
      const queue = await findQueue(deps, by.project, params.queue);
      const item = await show(by, queue, await find(by.project, params.queue, params.item));
      return { queue: queueBody(queue), item };
    },

    async takeReviewItem({ by, params, body }) {
      const found = await review.take(by, params.queue, { of: body.of, nowMs: nowMs(), leaseMs });
      const queue = await findQueue(deps, by.project, params.queue);
      const item = found && (await show(by, queue, found));
      return { queue: queueBody(queue), item, leaseSeconds: leaseMs / 1_000 };
    },

    async labelReviewItem({ by, params, body: { skip, answers, comment } }) {
      if (skip && Object.keys(answers).length > 0)
        throw new WheelhouseError('invalid_request', 'What is skipped has no answers.', { param: 'answers' });
      return label(by, params, { decides: false, skipped: skip, answers, comment });
    },

    async undoReviewLabel({ by, params }) {
      const times = { nowMs: nowMs(), leaseMs };
      const taken = await review.unlabel(by, params.queue, numberOf(params.item), times);
      if (taken === null)
        throw new WheelhouseError('not_found', `You did not label item ${params.item} of \`${params.queue}\`.`);
      const queue = await findQueue(deps, by.project, params.queue);
      await follow(deps, by.project, queue, { item: taken.item, label: null, before: taken.label });
      return answer(by, params.queue, params.item);
    },

    async decideReviewItem({ by, params, body: { answers, comment } }) {
      const { item, labels } = await find(by.project, params.queue, params.item);
      const wasDecided = labels.some(({ decides }) => decides);
      if (item.state !== 'disputed' && !wasDecided)
        throw new WheelhouseError('conflict', `Nobody disagrees about item ${params.item}.`, {
          hint: 'Label it instead.',
        });
      return label(by, params, { decides: true, skipped: false, answers, comment });
    },
  };
}
