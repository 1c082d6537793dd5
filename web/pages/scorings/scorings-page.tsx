import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CheckCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type Here, useHere } from '../../data/here.ts';
import { scoringsQuery } from '../../data/scoring-queries.ts';
import { Empty, type Way } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { ScoringLine } from './scoring-line.tsx';

const ways = ({ origin, curl }: Here): Way[] => [
  {
    title: 'From a terminal',
    text: 'A tenth of the last week, by a check and by a judge.',
    code: `wheelhouse trace score last:7d --sample 0.1 --scorers \\
  'pii,kind=judge_rubric {"model":"openai/gpt-4o-mini","rubric":"Is it kind?"}'`,
  },
  {
    title: 'Over HTTP',
    text: 'The same job, from anywhere.',
    code: `curl ${origin}/api/v1/scorings ${curl} \\
  -d '{"q": "last:7d", "sample": 0.1, "scorers": ["pii"]}'`,
  },
];

/** Jobs that score traces and sessions that are there: how far each is, what it gave, what it cost. */
export function ScoringsPage(): ReactNode {
  const { client } = useData();
  const here = useHere();
  const query = useInfiniteQuery(scoringsQuery(client));
  const scorings = query.data?.pages.flatMap(({ data }) => data) ?? [];
  const button = (
    <May call="createScoring">
      <Link to="/traces" search={{ open: 'score' }} className="btn btn-primary">
        <CheckCheck size={13} strokeWidth={1.75} aria-hidden="true" />
        Score traces …
      </Link>
    </May>
  );
  return (
    <>
      <PageHeader
        title="Scorings"
        parent={
          <Link to="/traces" className="link">
            Traces
          </Link>
        }
        actions={
          <>
            <Link to="/traces/online" className="btn">
              As it arrives
            </Link>
            {button}
          </>
        }
      />
      <QueryState query={query} what="scorings" />
      {query.isSuccess && scorings.length === 0 && (
        <Empty
          heading="No scorings yet"
          text="A scoring judges traces or sessions that are there already, so that lists, charts and rules find them by their scores."
          ways={ways(here)}
        >
          {button}
        </Empty>
      )}
      {scorings.length > 0 && (
        <ul aria-label="Scorings" className="bg-surface">
          {scorings.map((scoring) => (
            <li key={scoring.id} className="border-b border-line px-4 py-3">
              <ScoringLine scoring={scoring} />
            </li>
          ))}
        </ul>
      )}
      <ShowMore query={query} />
    </>
  );
}
