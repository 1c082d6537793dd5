import type { ReviewQueueBody } from '@wheelhouse/sdk';
import { count } from '../data/format.ts';

/** How much of a queue is done, and how much of it disputed. */
export function ProgressBar({ queue: { name, items } }: { queue: Pick<ReviewQueueBody, 'name' | 'items'> }) {
  const total = items.open + items.disputed + items.done;
  const share = (part: number) => `${total === 0 ? 0 : (part / total) * 100}%`;
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span
        role="progressbar"
        aria-label={`Items of ${name} that are done`}
        aria-valuenow={items.done}
        aria-valuemin={0}
        aria-valuemax={total}
        className="flex h-2 w-28 flex-none overflow-hidden rounded-1 bg-line"
      >
        <span className="h-full bg-good" style={{ width: share(items.done) }} />
        <span className="h-full bg-warn" style={{ width: share(items.disputed) }} />
      </span>
      <span className="mono whitespace-nowrap text-text-2">
        {count(items.done)}/{count(total)}
      </span>
    </span>
  );
}
