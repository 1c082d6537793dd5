import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { SessionDetailBody } from '@wheelhouse/sdk';
import { CheckCheck, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { between, count, exactTime, plural, startTime, usd } from '../../data/format.ts';
import { sessionQuery } from '../../data/trace-queries.ts';
import { AddToReview } from '../../parts/add-to-review.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { DeleteTraces } from '../../parts/delete-traces.tsx';
import { May } from '../../parts/may.tsx';
import { ContentView, MessageView } from '../../parts/messages.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { ScoreMark } from '../../parts/score-mark.tsx';

const route = getRouteApi('/sessions/$sessionId');

type TurnBody = SessionDetailBody['turns'][number];

/** One side of a turn: bubbles for messages, JSON for what is none. */
function Said({ content, title }: { content: TurnBody['input']; title: string }) {
  if (content === null) return null;
  if (content.type === 'json')
    return (
      <div className="max-w-[min(720px,95%)] rounded-3 border border-line bg-surface">
        <ContentView content={content} title={title} />
      </div>
    );
  return content.messages.map((message, i) => {
    const mine = message.role === 'user';
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: recorded messages never move.
      <div key={i} className={`flex ${mine ? 'justify-end' : ''}`}>
        <div
          className={`max-w-[min(640px,92%)] min-w-0 rounded-3 px-3 py-2 ${mine ? 'bg-accent-bg' : title === 'output' ? 'border border-line bg-surface' : 'bg-sunken'}`}
        >
          <MessageView message={message} />
        </div>
      </div>
    );
  });
}

function Turn({ turn }: { turn: TurnBody }) {
  const { trace, input, output } = turn;
  const silent = input === null && output === null;
  return (
    <li className="flex flex-col gap-2">
      <Said content={input} title="input" />
      <Said content={output} title="output" />
      {silent && <p className="text-text-3">Nothing was recorded of what was said.</p>}
      {trace.status === 'error' && (
        <p className="said rounded-2 bg-bad-bg px-3 py-2 text-bad">✕ {trace.statusMessage ?? 'This turn failed.'}</p>
      )}
      <p className="flex flex-wrap items-center gap-x-3 text-sm text-text-3">
        <Link
          to="/traces/$traceId"
          params={{ traceId: trace.traceId }}
          preload={false}
          className="link max-w-60 truncate"
          title="Open its trace"
        >
          {trace.name}
        </Link>
        <span className="mono" title={exactTime(trace.startNs)}>
          {startTime(trace.startNs)}
        </span>
        <span className="mono">{trace.endNs === null ? 'running' : between(trace.startNs, trace.endNs)}</span>
        <span className="mono">{usd(trace.costNanoUsd)}</span>
        {trace.scores.map((score) => (
          <span key={score.name} className="inline-flex gap-1">
            {score.name} <ScoreMark name={score.name} value={score.value} />
          </span>
        ))}
      </p>
    </li>
  );
}

/** What a person lived through: the traces of a session as one conversation, each a step away. */
export function SessionPage(): ReactNode {
  const { sessionId } = route.useParams();
  const { client } = useData();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'review' | 'delete' | null>(null);
  const query = useInfiniteQuery(sessionQuery(client, sessionId));
  if (query.error && !query.data)
    return <PageError error={query.error} what="This session" onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading what="the session" />;
  const [first] = query.data.pages;
  const session = first?.session;
  const turns = query.data.pages.flatMap((page) => page.turns);
  return (
    <>
      <PageHeader
        title={`Session ${sessionId}`}
        parent={
          <Link to="/traces" search={{ group: 'session' }} className="link">
            Sessions
          </Link>
        }
        actions={
          <>
            <May call="addReviewItems">
              <button type="button" className="btn" onClick={() => setOpen('review')}>
                <CheckCheck size={13} strokeWidth={1.75} aria-hidden="true" />
                Review …
              </button>
            </May>
            <May call="createDeletion">
              <button type="button" className="btn" onClick={() => setOpen('delete')}>
                <Trash2 size={13} strokeWidth={1.75} aria-hidden="true" />
                Delete
              </button>
            </May>
          </>
        }
      >
        <CopyButton text={sessionId} label="Copy the session id" />
        {session && session.errors > 0 && <Pill tone="bad">✕ {plural(session.errors, 'error')}</Pill>}
        {session && (
          <>
            <span className="mono text-text-2">{usd(session.costNanoUsd)}</span>
            <span className="mono text-text-2">
              {count(session.inputTokens)} → {count(session.outputTokens)} tokens
            </span>
            <span className="text-text-2">{plural(session.traces, 'trace')}</span>
            {session.users.length > 0 && (
              <span className="max-w-60 truncate text-text-2">{session.users.join(', ')}</span>
            )}
          </>
        )}
      </PageHeader>
      <section
        aria-label="Conversation"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto -outline-offset-2"
      >
        <ol className="mx-auto flex w-full max-w-[800px] flex-col gap-6 p-4">
          {turns.map((turn) => (
            <Turn key={turn.trace.traceId} turn={turn} />
          ))}
        </ol>
        {query.hasNextPage && (
          <div className="mx-auto w-full max-w-[800px] px-4 pb-6">
            <button
              type="button"
              className="btn"
              disabled={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {query.isFetchingNextPage ? 'Loading …' : 'Show later turns'}
            </button>
          </div>
        )}
      </section>
      {open === 'review' && (
        <AddToReview
          what="conversation"
          items={{ from: 'sessions', sessionIds: [sessionId] }}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'delete' && (
        <DeleteTraces
          subject={{ session: sessionId }}
          onClose={() => setOpen(null)}
          onDeleted={() => void navigate({ to: '/traces', search: { group: 'session' } })}
        />
      )}
    </>
  );
}
