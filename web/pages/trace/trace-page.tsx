import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { TraceBody } from '@wheelhouse/sdk';
import { ListTree, MessagesSquare } from 'lucide-react';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { traceQuery } from '../../data/queries.ts';
import { AddToDataset } from '../../parts/add-to-dataset.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { Conversation } from './conversation.tsx';
import { SpanPanel } from './span-panel.tsx';
import { buildSpanTree, firstOfInterest, visibleRows } from './span-tree.ts';
import { TraceHeader } from './trace-header.tsx';
import { Waterfall } from './waterfall.tsx';

const route = getRouteApi('/traces/$traceId');

type View = 'waterfall' | 'conversation';

const views = [
  { view: 'waterfall', label: 'Waterfall', icon: ListTree },
  { view: 'conversation', label: 'Conversation', icon: MessagesSquare },
] as const;

function Views({ view, onView }: { view: View; onView: (view: View) => void }) {
  return (
    <fieldset className="flex flex-none gap-1 border-b border-line px-2 py-1">
      <legend className="sr-only">View</legend>
      {views.map(({ view: one, label, icon: Icon }) => (
        <button
          key={one}
          type="button"
          className={`btn !min-h-6 ${one === view ? '!border-line-strong' : 'btn-quiet'}`}
          aria-current={one === view ? 'true' : undefined}
          onClick={() => onView(one)}
        >
          <Icon size={12} strokeWidth={1.75} aria-hidden="true" />
          {label}
        </button>
      ))}
    </fieldset>
  );
}

/** What is folded, what is selected, and how keys move through it. */
function useSpanReader(body: TraceBody) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const tree = useMemo(() => buildSpanTree(body.spans), [body.spans]);
  const visible = useMemo(() => visibleRows(tree.rows, folded), [tree, folded]);
  const selected = search.span ?? firstOfInterest(tree.rows);
  const at = tree.rows.findIndex((row) => row.id === selected);
  const row = tree.rows[at];
  const traceId = body.trace.traceId;

  const go = useCallback(
    (next: { span?: string; view?: View }) =>
      void navigate({
        to: '/traces/$traceId',
        params: { traceId },
        search: (before) => ({ ...before, ...next }),
        replace: true,
      }),
    [navigate, traceId],
  );
  const select = useCallback((span: string) => go({ span }), [go]);
  const fold = useCallback(
    (id: string) =>
      setFolded((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );
  const move = (step: number) => {
    let place = visible.indexOf(at) + step;
    // A parent that was not reported has nothing to show.
    while (tree.rows[visible[place] ?? -1]?.span === null) place += step;
    const next = tree.rows[visible[place] ?? -1];
    if (next) select(next.id);
  };
  const out = () => {
    if (!row) return;
    const parent = tree.rows[row.parent];
    if (row.below > 0 && !folded.has(row.id)) fold(row.id);
    else if (parent?.span) select(parent.id);
  };
  const into = () => {
    if (row && folded.has(row.id)) fold(row.id);
    else if (row && row.below > 0) move(1);
  };
  const nextError = () => {
    const after = [...tree.rows.slice(at + 1), ...tree.rows.slice(0, at + 1)];
    const failed = after.find((one) => one.span?.status === 'error');
    if (!failed) return false;
    setFolded(new Set());
    select(failed.id);
    return true;
  };
  return { tree, visible, folded, selected, span: row?.span ?? null, go, select, fold, move, out, into, nextError };
}

function TraceReader({ body }: { body: TraceBody }) {
  const search = route.useSearch();
  const view = search.view ?? 'waterfall';
  const toast = useToast();
  const [adding, setAdding] = useState(false);
  const reader = useSpanReader(body);
  const { tree, span } = reader;
  const { traceId } = body.trace;
  // A call that the reader picked out of an agent's trace is what they mean, not the agent.
  const chosen = search.span && span?.kind === 'generation' ? span.spanId : undefined;
  const copyLink = async () => {
    await navigator.clipboard.writeText(location.href);
    toast('Link copied.');
  };
  useShortcuts('Trace', [
    { keys: 'j', label: 'next span', hint: true, run: () => reader.move(1) },
    { keys: 'k', label: 'previous span', hint: true, run: () => reader.move(-1) },
    { keys: 'ArrowDown', label: 'next span', run: () => reader.move(1) },
    { keys: 'ArrowUp', label: 'previous span', run: () => reader.move(-1) },
    { keys: 'ArrowLeft', label: 'fold, or go to the parent', run: reader.out },
    { keys: 'ArrowRight', label: 'unfold', run: reader.into },
    {
      keys: 'Shift+E',
      label: 'next error',
      hint: body.trace.errorCount > 0,
      run: () => {
        if (!reader.nextError()) toast('No span of this trace failed.');
      },
    },
    { keys: '1', label: 'waterfall', run: () => reader.go({ view: 'waterfall' }) },
    { keys: '2', label: 'conversation', hint: true, run: () => reader.go({ view: 'conversation' }) },
    { keys: 'a', label: 'add to dataset', hint: true, run: () => setAdding(true) },
    { keys: 'y', label: 'copy link', hint: true, run: () => void copyLink() },
  ]);
  return (
    <>
      <TraceHeader body={body} onAdd={() => setAdding(true)} />
      <Views view={view} onView={(next) => reader.go({ view: next })} />
      {view === 'conversation' ? (
        <Conversation tree={tree} onOpen={(id) => reader.go({ span: id, view: 'waterfall' })} />
      ) : (
        <div className="flex min-h-0 flex-1 max-lg:flex-none max-lg:flex-col lg:flex-row">
          <section
            aria-label="Waterfall"
            className="flex min-h-0 min-w-0 flex-col border-line max-lg:h-[46vh] max-lg:border-b lg:flex-[1.5] lg:border-r"
          >
            <Waterfall
              tree={tree}
              visible={reader.visible}
              folded={reader.folded}
              selected={reader.selected}
              onSelect={reader.select}
              onFold={reader.fold}
            />
          </section>
          <section
            aria-label="Selected span"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
            tabIndex={0}
            className="min-w-0 bg-bg -outline-offset-2 lg:flex-1 lg:overflow-auto"
          >
            {span ? (
              <SpanPanel key={span.spanId} span={span} scores={body.scores} />
            ) : (
              <p className="p-4 text-text-3">Select a span to see what went in and what came out.</p>
            )}
          </section>
        </div>
      )}
      {adding && <AddToDataset traceIds={[traceId]} spanId={chosen} onClose={() => setAdding(false)} />}
    </>
  );
}

export function TracePage(): ReactNode {
  const { traceId } = route.useParams();
  const { client } = useData();
  const query = useQuery(traceQuery(client, traceId));
  if (query.data) return <TraceReader key={traceId} body={query.data} />;
  if (query.error) return <PageError error={query.error} what="This trace" onRetry={() => void query.refetch()} />;
  return <Loading what="the trace" />;
}
