import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type Here, useHere } from '../../data/here.ts';
import { onlineQuery } from '../../data/online-queries.ts';
import { Empty, type Way } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { OnlineLine } from './online-line.tsx';

const OnlineForm = lazy(async () => ({ default: (await import('./online-form.tsx')).OnlineForm }));
const OnlineCheck = lazy(async () => ({ default: (await import('./online-check.tsx')).OnlineCheck }));
const Backfill = lazy(async () => ({ default: (await import('./backfill.tsx')).Backfill }));

const route = getRouteApi('/traces/online');

const ways = ({ origin, curl }: Here): Way[] => [
  {
    title: 'From a terminal',
    text: 'A tenth of the traffic, by a check and by a judge, for two dollars a day at most.',
    code: `wheelhouse online new kindness model:support-bot --sample 0.1 --budget 2 \\
  --scorers 'pii,kind=judge_rubric {"model":"openai/gpt-4o-mini","rubric":"Is it kind?"}'`,
  },
  {
    title: 'Over HTTP',
    text: 'Scores say which of them gave them; releases and monitors find them by their names.',
    code: `curl -X PUT ${origin}/api/v1/online-evaluations/pii ${curl} \\
  -d '{"q": "model:support-bot", "scorers": ["pii"]}'`,
  },
  {
    title: 'Without a scorer',
    text: 'Whether users asked the same again soon after: the scores regenerated, rephrased and settled.',
    code: 'wheelhouse online new asked-again --of follow_ups',
  },
];

/** What scores traffic as it arrives: the state of each, what it did today, and what it cost. */
export function OnlinePage(): ReactNode {
  const { client } = useData();
  const here = useHere();
  const navigate = useNavigate();
  const { open, name } = route.useSearch();
  const query = useInfiniteQuery(onlineQuery(client));
  const all = query.data?.pages.flatMap(({ data }) => data) ?? [];
  const chosen = all.find((one) => one.name === name);
  const go = (search: { open?: 'new' | 'edit' | 'check' | 'backfill'; name?: string }) =>
    void navigate({ to: '/traces/online', search, replace: search.open === undefined });
  const close = () => go({});
  const start = () => go({ open: 'new' });
  useShortcuts('Online evaluations', [
    { needs: 'setOnlineEvaluation', keys: 'n', label: 'new online evaluation', hint: true, run: start },
  ]);
  const button = (
    <May call="setOnlineEvaluation">
      <button type="button" className="btn btn-primary" onClick={start}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New online evaluation
      </button>
    </May>
  );
  return (
    <>
      <PageHeader
        title="Online evaluations"
        parent={
          <Link to="/traces" className="link">
            Traces
          </Link>
        }
        actions={button}
      />
      <QueryState query={query} what="online evaluations" />
      {query.isSuccess && all.length === 0 && (
        <Empty
          heading="No online evaluations yet"
          text="An online evaluation scores traffic as it arrives, by checks and judges, within a budget. Releases, monitors and lists find what it gave."
          ways={ways(here)}
        >
          {button}
        </Empty>
      )}
      {all.length > 0 && (
        <ul aria-label="Online evaluations" className="bg-surface">
          {all.map((online) => (
            <li key={online.id} className="border-b border-line px-4 py-3">
              <OnlineLine online={online} onOpen={(what) => go({ open: what, name: online.name })} />
            </li>
          ))}
        </ul>
      )}
      <ShowMore query={query} />
      <Suspense fallback={null}>
        {open === 'new' && <OnlineForm online={null} onClose={close} />}
        {open === 'edit' && chosen && <OnlineForm online={chosen} onClose={close} />}
        {open === 'check' && chosen && <OnlineCheck online={chosen} onClose={close} />}
        {open === 'backfill' && chosen && <Backfill online={chosen} onClose={close} />}
      </Suspense>
    </>
  );
}
