import type { ResponseBody } from '@wheelhouse/core/contract';
import type { LabelledItem } from '@wheelhouse/core/ports';
import { disputedFields, type ReviewQueue } from '@wheelhouse/core/records';
import type { ItemContent } from './item-contents.ts';

type Shown = NonNullable<ResponseBody<'takeReviewItem'>['item']>;

/** Without the seed, by which the next rows could be known. */
export function queueBody(queue: ReviewQueue): ResponseBody<'getReviewQueue'> {
  const { draw, ...rest } = queue;
  if (draw === null) return { ...rest, draw };
  const { seed: _, ...shown } = draw;
  return { ...rest, draw: shown };
}

export const itemBody = ({ item, labels }: LabelledItem): ResponseBody<'listReviewItems'>['data'][number] => ({
  ...item,
  labels,
});

/** To decide one has to see what there is to decide between. */
export function shownBody(
  queue: ReviewQueue,
  { item, labels }: LabelledItem,
  { rater, content }: { rater: string; content: ItemContent | undefined },
): Shown {
  const isBlind = queue.blind;
  const given = labels.filter(({ decides, skipped }) => !decides && !skipped);
  const seesAll = !isBlind || item.state === 'disputed';
  const other = content?.other ?? null;
  return {
    number: item.number,
    state: item.state,
    input: content?.input ?? null,
    output: content?.output ?? null,
    other: other && { output: other.output, model: isBlind ? null : other.model },
    expected: content?.expected ?? null,
    metadata: content?.metadata ?? {},
    gone: content === undefined,
    target: isBlind ? null : item.target,
    model: isBlind ? null : (content?.model ?? null),
    reason: isBlind ? null : item.reason,
    disputed: item.state === 'disputed' ? disputedFields(queue.form, given) : [],
    labels: seesAll ? labels : labels.filter((label) => label.rater === rater),
  };
}
