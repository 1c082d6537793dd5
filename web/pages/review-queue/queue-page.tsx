import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReviewQueueBody } from '@wheelhouse/sdk';
import { Keyboard, Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, plural } from '../../data/format.ts';
import { isOfPairs, reviewQueueQuery } from '../../data/review-queries.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { ProgressBar } from '../../parts/review-progress.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { AddItems } from './add-items.tsx';
import { AgreementSection, RatersSection } from './agreement.tsx';
import { ExamplesForm } from './examples-form.tsx';
import { ExportMenu } from './export-menu.tsx';
import { ItemsTab } from './items-tab.tsx';
import { JudgeSection } from './judge-section.tsx';
import { PreferenceSection } from './preference-section.tsx';
import { RuleForm, RuleSection } from './rule.tsx';
import { Section } from './section.tsx';

const route = getRouteApi('/review/$queue');

type Open = 'add' | 'rule' | 'examples';

function Actions({ queue, onRemove }: { queue: ReviewQueueBody; onRemove: () => void }) {
  const search = route.useSearch();
  const params = { queue: queue.name };
  const to = (open: Open) => ({ to: '/review/$queue' as const, params, search: { ...search, open } });
  return (
    <>
      <May call="removeReviewQueue">
        <button type="button" className="btn btn-icon" aria-label="Delete this queue" title="Delete" onClick={onRemove}>
          <Trash2 size={13} strokeWidth={1.75} />
        </button>
      </May>
      <ExportMenu queue={queue.name} />
      {queue.form.some(({ kind }) => kind === 'correction') && (
        <May call="addReviewedExamples">
          <Link {...to('examples')} className="btn">
            Corrections to a dataset …
          </Link>
        </May>
      )}
      <May call="addReviewItems">
        <Link {...to('add')} className="btn">
          <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
          Add items …
        </Link>
      </May>
      {queue.items.disputed > 0 && (
        <May call="decideReviewItem">
          <Link to="/review/$queue/label" params={params} search={{ of: 'disputed' }} className="btn">
            ▲ Decide {count(queue.items.disputed)}
          </Link>
        </May>
      )}
      <May call="takeReviewItem">
        <Link to="/review/$queue/label" params={params} className="btn btn-primary">
          <Keyboard size={13} strokeWidth={1.75} aria-hidden="true" />
          Label <kbd>l</kbd>
        </Link>
      </May>
    </>
  );
}

const tabs = [
  { tab: undefined, label: 'What people say' },
  { tab: 'items' as const, label: 'Items' },
];

function Tabs({ queue }: { queue: ReviewQueueBody }) {
  const search = route.useSearch();
  return (
    <nav
      aria-label="Parts of the queue"
      className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1"
    >
      {tabs.map(({ tab, label }) => (
        <Link
          key={label}
          to="/review/$queue"
          params={{ queue: queue.name }}
          search={tab === undefined ? {} : { tab }}
          className={`btn !min-h-6 ${search.tab === tab ? '!border-line-strong' : 'btn-quiet'}`}
          aria-current={search.tab === tab ? 'page' : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

const answeredWith = (field: ReviewQueueBody['form'][number]): string => {
  switch (field.kind) {
    case 'choice':
      return field.options.map(({ value, points }) => (points === null ? value : `${value} (${points})`)).join(', ');
    case 'number':
      return `${field.low} to ${field.high}`;
    case 'boolean':
      return 'yes or no';
    case 'preference':
      return 'left, the same, right';
    default:
      return field.kind === 'text' ? 'a text' : 'what it should have been';
  }
};

/** What people are asked. */
function FormSection({ queue }: { queue: ReviewQueueBody }) {
  return (
    <Section title="Asked">
      {queue.instructions !== '' && <p className="said mb-2 whitespace-pre-wrap text-text-2">{queue.instructions}</p>}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {queue.form.map((field) => (
          <div key={field.name} className="contents">
            <dt className="mono leading-5">
              {field.name}
              {!field.required && '?'}
            </dt>
            <dd className="said min-w-0">
              {field.label !== field.name && `${field.label} `}
              <span className="text-text-3">{answeredWith(field)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function Queue({ queue }: { queue: ReviewQueueBody }) {
  const { client } = useData();
  const navigate = useNavigate();
  const search = route.useSearch();
  const [removing, setRemoving] = useState(false);
  const params = { queue: queue.name };
  const label = () => void navigate({ to: '/review/$queue/label', params });
  const open = (what: Open) => void navigate({ to: '/review/$queue', params, search: { ...search, open: what } });
  const { open: _, evaluation: __, ...closed } = search;
  const close = () => void navigate({ to: '/review/$queue', params, search: closed, replace: true });
  useShortcuts('Review', [
    { needs: 'takeReviewItem', keys: 'l', label: 'label', hint: true, run: label },
    { needs: 'addReviewItems', keys: 'a', label: 'add items', hint: true, run: () => open('add') },
    ...(queue.items.disputed === 0
      ? []
      : [
          {
            ...{ needs: 'decideReviewItem' as const, keys: 'd', label: 'decide what is disputed', hint: true },
            run: () => void navigate({ to: '/review/$queue/label', params, search: { of: 'disputed' } }),
          },
        ]),
  ]);
  return (
    <>
      <PageHeader
        title={queue.name}
        parent={
          <Link to="/review" className="link">
            Review
          </Link>
        }
        actions={<Actions queue={queue} onRemove={() => setRemoving(true)} />}
      >
        <ProgressBar queue={queue} />
        <span className="text-text-2">
          {plural(queue.overlap, 'label')} each{queue.blind ? ', blind' : ''}
        </span>
        {queue.items.disputed > 0 && <Pill tone="warn">▲ {count(queue.items.disputed)} disputed</Pill>}
      </PageHeader>
      <Tabs queue={queue} />
      {search.tab === 'items' ? (
        <ItemsTab queue={queue} />
      ) : (
        <div className="mx-auto flex w-full max-w-[1080px] flex-col gap-6 p-4 pb-12">
          {queue.draw !== null && <JudgeSection queue={queue} draw={queue.draw} />}
          {isOfPairs(queue) && <PreferenceSection queue={queue} />}
          <AgreementSection queue={queue} />
          <RatersSection queue={queue} />
          <FormSection queue={queue} />
          {!isOfPairs(queue) && <RuleSection queue={queue} onChange={() => open('rule')} />}
        </div>
      )}
      {search.open === 'add' && <AddItems queue={queue} evaluation={search.evaluation} onClose={close} />}
      {search.open === 'rule' && <RuleForm queue={queue} onClose={close} />}
      {search.open === 'examples' && <ExamplesForm queue={queue} onClose={close} />}
      {removing && (
        <Confirm
          title={`Delete ${queue.name}`}
          action="Delete"
          done="The queue is deleted."
          changes={['review-queues']}
          run={async () => {
            await client.call('removeReviewQueue', { params });
            await navigate({ to: '/review' });
          }}
          onClose={() => setRemoving(false)}
        >
          Its items and labels go with it, for good. Scores that labels left on traces stay.
        </Confirm>
      )}
    </>
  );
}

export function QueuePage(): ReactNode {
  const { queue } = route.useParams();
  const { client } = useData();
  const query = useQuery(reviewQueueQuery(client, queue));
  if (query.data) return <Queue key={queue} queue={query.data} />;
  if (!query.error) return <Loading what="the queue" />;
  return <PageError error={query.error} what="This queue" onRetry={() => void query.refetch()} />;
}
