import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReviewQueueBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { useMe } from '../../data/access-queries.ts';
import { count, plural } from '../../data/format.ts';
import { roughTime } from '../../data/rough-time.ts';
import { Markdown } from '../../parts/markdown.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { ProgressBar } from '../../parts/review-progress.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { Labeller } from './labeller.tsx';
import { type Labelling, useLabelling } from './use-labelling.ts';

const route = getRouteApi('/review/$queue/label');

/** How long it will take, once that can be said. */
function Pace({ queue, labelling: { msEach, decides } }: { queue: ReviewQueueBody; labelling: Labelling }) {
  const left = decides ? queue.items.disputed : queue.items.open;
  if (msEach === null || left === 0) return <span className="text-text-2">{count(left)} left</span>;
  return (
    <span className="text-text-2">
      {count(left)} left · {Math.max(1, Math.round(msEach / 1000))} s each · about {roughTime(left * msEach)}
    </span>
  );
}

/** What may be done when nothing is left. */
function NothingLeft({ queue, labelling }: { queue: ReviewQueueBody; labelling: Labelling }) {
  const { name, items } = queue;
  const isEmpty = items.open + items.disputed + items.done === 0;
  return (
    <div className="card flex flex-col items-start gap-3 p-6">
      <h2 className="text-xl font-semibold">{isEmpty ? 'Nothing is in this queue yet' : 'Nothing is left for you'}</h2>
      <p className="text-text-2">
        {labelling.labelled > 0 && `${plural(labelling.labelled, 'label')} given. `}
        {items.open > 0 && `${plural(items.open, 'item')} wait for others, or were skipped by you. `}
        What comes in is shown here by itself.
      </p>
      <div className="flex flex-wrap gap-2">
        <Link to="/review/$queue" params={{ queue: name }} search={isEmpty ? { open: 'add' } : {}} className="btn">
          {isEmpty ? 'Add items' : 'See what came of it'}
        </Link>
        {!labelling.decides && items.disputed > 0 && (
          <Link
            to="/review/$queue/label"
            params={{ queue: name }}
            search={{ of: 'disputed' }}
            className="btn btn-primary"
          >
            Decide {plural(items.disputed, 'disputed item')}
          </Link>
        )}
      </div>
    </div>
  );
}

function Labels({ name }: { name: string }) {
  const labelling = useLabelling(name);
  const me = useMe();
  const { queue, item, error, undo, back, forward, decides } = labelling;
  useShortcuts('Review', [
    ...(undo ? [{ keys: 'u', label: 'take the last label back', hint: true, run: undo }] : []),
    ...(back ? [{ keys: 'k', label: 'item before', run: back }] : []),
    ...(forward ? [{ keys: 'j', label: 'item after', run: forward }] : []),
  ]);
  if (queue === undefined)
    return error ? (
      <PageError error={error} what="This queue" onRetry={() => location.reload()} />
    ) : (
      <Loading what="the queue" />
    );
  return (
    <>
      <PageHeader
        title={`${decides ? 'Deciding' : 'Labelling'} ${name}`}
        heading={
          <>
            <Link to="/review/$queue" params={{ queue: name }}>
              {name}
            </Link>{' '}
            {decides && <span className="text-text-3">decide</span>}
          </>
        }
        parent={
          <Link to="/review" className="link">
            Review
          </Link>
        }
      >
        <ProgressBar queue={queue} />
        <Pace queue={queue} labelling={labelling} />
      </PageHeader>
      <p role="status" className="sr-only">
        {item ? `Item ${item.number}, ${item.state}` : 'Nothing is left'}
      </p>
      <div
        className={`mx-auto flex w-full flex-1 flex-col gap-3 p-4 ${item?.other ? 'max-w-[1080px]' : 'max-w-[832px]'}`}
      >
        {queue.instructions !== '' && (
          <div className="text-text-2">
            <Markdown text={queue.instructions} />
          </div>
        )}
        {item && <Labeller key={labelling.turn} labelling={labelling} queue={queue} item={item} me={me?.actor} />}
        {item === undefined && !error && <Loading what="the item" />}
        {item === null && <NothingLeft queue={queue} labelling={labelling} />}
        {item === undefined && error && <PageError error={error} what="This item" onRetry={() => location.reload()} />}
        <NeedsRole of="labelReviewItem" what="Labelling" />
      </div>
    </>
  );
}

/** One item after another, and what people are asked of it. */
export function LabelPage(): ReactNode {
  const { queue } = route.useParams();
  const { of } = route.useSearch();
  return <Labels key={`${queue} ${of ?? ''}`} name={queue} />;
}
