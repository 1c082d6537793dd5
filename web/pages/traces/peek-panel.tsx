import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { TraceBody, TraceSummaryBody } from '@wheelhouse/sdk';
import { Maximize2, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { between, count, exactTime, plural, startTime, usd } from '../../data/format.ts';
import { traceQuery } from '../../data/queries.ts';
import { KindIcon } from '../../parts/kind-icon.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { SpanPanel } from '../trace/span-panel.tsx';
import { buildSpanTree, firstOfInterest } from '../trace/span-tree.ts';
import { toggleValue } from './edit-filter.ts';

/** Of a trace with more spans than this only the page of its own is the place to read it. */
const most = 2000;
const shown = 24;

/** Its first spans, and below the one that is looked at. */
function Spans({ body }: { body: TraceBody }) {
  const [whole, setWhole] = useState(false);
  const { rows } = useMemo(() => buildSpanTree(body.spans), [body.spans]);
  const [chosen, setChosen] = useState<string | null>(null);
  const at = chosen ?? firstOfInterest(rows);
  const span = rows.find((row) => row.id === at)?.span;
  const seen = rows.filter((row) => row.span).slice(0, whole ? 200 : shown);
  return (
    <>
      {rows.length > 1 && (
        <ul aria-label="Spans" className="border-b border-line py-1">
          {seen.map((row) => (
            <li key={row.id}>
              <button
                type="button"
                aria-pressed={row.id === at}
                className="flex min-h-6 w-full items-center gap-1.5 px-3 text-left hover:bg-sunken aria-pressed:bg-accent-bg"
                style={{ paddingLeft: 12 + Math.min(row.depth, 8) * 12 }}
                onClick={() => setChosen(row.id)}
              >
                {row.span && <KindIcon kind={row.span.kind} />}
                <span className={`min-w-0 truncate ${row.span?.status === 'error' ? 'text-bad' : ''}`}>
                  {row.span?.name}
                </span>
                {row.span?.status === 'error' && <span className="flex-none text-xs text-bad">✕ error</span>}
                <span className="mono ml-auto flex-none text-xs text-text-2">
                  {row.span?.endNs ? between(row.span.startNs, row.span.endNs) : 'running'}
                </span>
              </button>
            </li>
          ))}
          {rows.length > seen.length && !whole && (
            <li>
              <button type="button" className="link min-h-6 px-3 text-sm" onClick={() => setWhole(true)}>
                {count(Math.min(rows.length, 200) - seen.length)} more spans
              </button>
            </li>
          )}
        </ul>
      )}
      {span && <SpanPanel key={span.spanId} span={span} scores={body.scores} />}
    </>
  );
}

function Body({ traceId, spans }: { traceId: string; spans: number }) {
  const { client } = useData();
  const query = useQuery({ ...traceQuery(client, traceId), enabled: spans <= most });
  if (spans > most)
    return <p className="p-4 text-text-2">{plural(spans, 'span')}: open the trace to read it, it is made for that.</p>;
  if (query.data) return <Spans body={query.data} />;
  if (query.error) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading what="the trace" />;
}

type PeekPanelProps = { traceId: string; trace: TraceSummaryBody | undefined; onClose: () => void };

/** A trace beside the list. */
export function PeekPanel({ traceId, trace: listed, onClose }: PeekPanelProps) {
  const { client } = useData();
  // A link may lead to a trace that the list has not come to.
  const read = useQuery({ ...traceQuery(client, traceId), enabled: listed === undefined });
  const trace = listed ?? read.data?.trace;
  return (
    <aside
      aria-label="Peek"
      className="flex w-[440px] flex-none flex-col overflow-hidden border-l border-line bg-bg max-md:absolute max-md:inset-0 max-md:z-20 max-md:w-full xl:w-[480px]"
    >
      <div className="flex flex-none items-center gap-2 border-b border-line px-3 py-2">
        {trace &&
          (trace.status === 'error' ? <Pill tone="bad">✕ error</Pill> : <Pill tone="good">✓ {trace.status}</Pill>)}
        <h2 className="min-w-0 truncate font-semibold">{trace?.name ?? traceId.slice(0, 8)}</h2>
        <span className="ml-auto flex flex-none gap-1">
          <Link
            to="/traces/$traceId"
            params={{ traceId }}
            preload={false}
            className="btn"
            title="Open the whole trace (Enter)"
          >
            <Maximize2 size={13} strokeWidth={1.75} aria-hidden="true" />
            Open <kbd>↵</kbd>
          </Link>
          <button type="button" className="btn btn-icon btn-quiet" aria-label="Close the peek" onClick={onClose}>
            <X size={14} strokeWidth={1.75} />
          </button>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section aria-label="The trace" tabIndex={0} className="min-h-0 flex-1 overflow-auto -outline-offset-2">
        {trace && <Facts trace={trace} />}
        <Body key={traceId} traceId={traceId} spans={trace?.spanCount ?? 0} />
      </section>
    </aside>
  );
}

function Facts({ trace }: { trace: TraceSummaryBody }) {
  return (
    <p className="flex flex-wrap gap-x-3 border-b border-line px-3 py-1.5 text-text-2">
      <span className="mono" title={exactTime(trace.startNs)}>
        {startTime(trace.startNs)}
      </span>
      <span className="mono">{trace.endNs === null ? 'running' : between(trace.startNs, trace.endNs)}</span>
      <span className="mono">{usd(trace.costNanoUsd)}</span>
      {trace.inputTokens + trace.outputTokens > 0 && (
        <span className="mono">
          {count(trace.inputTokens)} → {count(trace.outputTokens)} tokens
        </span>
      )}
      <span>{plural(trace.spanCount, 'span')}</span>
      {trace.sessionId !== null && (
        <Link to="/sessions/$sessionId" params={{ sessionId: trace.sessionId }} className="link max-w-40 truncate">
          session {trace.sessionId}
        </Link>
      )}
      {trace.userId !== null && (
        <Link to="/traces" search={{ q: toggleValue('', 'user', trace.userId) }} className="link max-w-40 truncate">
          user {trace.userId}
        </Link>
      )}
    </p>
  );
}
