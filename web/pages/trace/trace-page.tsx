import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { TraceBody } from '@wheelhouse/sdk';
import { ListTree, MessagesSquare, ScrollText, Search, Workflow, ZoomOut } from 'lucide-react';
import { type ReactNode, type RefObject, useMemo, useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { duration } from '../../data/format.ts';
import { traceQuery } from '../../data/queries.ts';
import { AddToDataset } from '../../parts/add-to-dataset.tsx';
import { AddToReview } from '../../parts/add-to-review.tsx';
import { CommentsFold } from '../../parts/comments-fold.tsx';
import { DeleteTraces } from '../../parts/delete-traces.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { type Shortcut, useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useNow } from '../../parts/use-now.ts';
import { AddScore } from './add-score.tsx';
import { Conversation } from './conversation.tsx';
import { FindBar, useFind } from './find-bar.tsx';
import { GraphView } from './graph-view.tsx';
import { LogView } from './log-view.tsx';
import { SpanPanel } from './span-panel.tsx';
import type { SpanTree, TreeRow } from './span-tree.ts';
import { createTimeScale, fitRow, idleStretches, lengthOf, zoomBy } from './time-scale.ts';
import { TraceHeader } from './trace-header.tsx';
import { type SpanReader, type TraceView, useSpanReader } from './use-span-reader.ts';
import { useZoom } from './use-zoom.ts';
import { Waterfall } from './waterfall.tsx';

const route = getRouteApi('/traces/$traceId');

const views = [
  { view: 'waterfall', label: 'Waterfall', icon: ListTree },
  { view: 'conversation', label: 'Conversation', icon: MessagesSquare },
  { view: 'graph', label: 'Graph', icon: Workflow },
  { view: 'log', label: 'Log', icon: ScrollText },
] as const;

/** Below this share, cutting idle time would win nothing. */
const leastIdle = 0.2;
const zoomFactor = 0.6;

const timeText = (ns: number) => duration(String(Math.round(ns)));

/** The time axis: how long, which part is in sight, and whether idle time is cut. */
function useTime(tree: SpanTree, { search, go }: SpanReader) {
  const now = useNow(tree.running);
  const nowNs = tree.running ? Number(now - tree.startNs) : 0;
  const lengthNs = Math.max(tree.lengthNs, nowNs);
  const idle = useMemo(() => (tree.running ? [] : idleStretches(tree.rows, lengthNs)), [tree, lengthNs]);
  const share = lengthOf(idle) / lengthNs;
  const cut = search.gaps === 'short';
  const scale = useMemo(() => createTimeScale(lengthNs, cut ? idle : []), [lengthNs, cut, idle]);
  const zoom = useZoom(lengthNs, { zoom: search.zoom, onZoom: (next) => go({ zoom: next }) });
  return { nowNs, scale, zoom, idleShare: share >= leastIdle || cut ? share : null };
}

type Time = ReturnType<typeof useTime>;

function TimeFacts({ time, reader }: { time: Time; reader: SpanReader }) {
  const { scale, zoom, idleShare } = time;
  const cut = reader.search.gaps === 'short';
  return (
    <>
      {idleShare !== null && (
        <span className="text-text-2" title="The share of its time in which no innermost span runs">
          <span className="mono">{timeText(scale.lengthNs)}</span>, {Math.round(idleShare * 100)} % idle
        </span>
      )}
      {idleShare !== null && (
        <button
          type="button"
          className="btn !min-h-6"
          aria-pressed={cut}
          onClick={() => reader.go({ gaps: cut ? undefined : 'short' })}
        >
          {cut ? 'Gaps compressed' : 'Compress gaps'}
        </button>
      )}
      {zoom.zoomed && (
        <button type="button" className="btn !min-h-6" title="Show the whole trace" onClick={() => zoom.set(null)}>
          <ZoomOut size={12} strokeWidth={1.75} aria-hidden="true" />
          <span className="mono">
            {timeText(zoom.range.from)} – {timeText(zoom.range.to)}
          </span>
        </button>
      )}
    </>
  );
}

function Toolbar({ view, reader, time }: { view: TraceView; reader: SpanReader; time: Time }) {
  return (
    <div className="flex flex-none flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-2 py-1">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">View</legend>
        {views.map(({ view: one, label, icon: Icon }) => (
          <button
            key={one}
            type="button"
            className={`btn !min-h-6 ${one === view ? '!border-line-strong' : 'btn-quiet'}`}
            aria-current={one === view ? 'true' : undefined}
            onClick={() => reader.go({ view: one })}
          >
            <Icon size={12} strokeWidth={1.75} aria-hidden="true" />
            {label}
          </button>
        ))}
      </fieldset>
      {(view === 'waterfall' || view === 'log') && (
        <div className="ml-auto flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
          {view === 'waterfall' && <TimeFacts time={time} reader={reader} />}
          <button type="button" className="btn btn-quiet !min-h-6" onClick={() => reader.go({ find: '' })}>
            <Search size={12} strokeWidth={1.75} aria-hidden="true" />
            Find <kbd>f</kbd>
          </button>
        </div>
      )}
    </div>
  );
}

type KeyOptions = {
  reader: SpanReader;
  time: Time;
  errors: number;
  onFind: () => void;
  onScore: () => void;
  onReview: () => void;
  onAdd: () => void;
  onDelete: () => void;
  /** Of a call of a model. */
  onTry: (() => void) | null;
};

function useTraceKeys({ reader, time, errors, onFind, onScore, onReview, onAdd, onDelete, onTry }: KeyOptions) {
  const toast = useToast();
  const { zoom, scale } = time;
  const { row } = reader;
  const zoomTo = () => {
    if (zoom.zoomed) zoom.set(null);
    else if (row?.span) zoom.set(fitRow(row, scale.lengthNs));
  };
  const zoomAtSpan = (factor: number) => {
    const around = row ? row.startNs + (row.lengthNs ?? 0) / 2 : (zoom.range.from + zoom.range.to) / 2;
    zoom.set(zoomBy(zoom.range, { around, factor, lengthNs: scale.lengthNs }));
  };
  const findError = () => {
    if (!reader.nextError()) toast('No span of this trace failed.');
  };
  const keys: Shortcut[] = [
    { keys: 'j', label: 'next span', hint: true, run: () => reader.move(1) },
    { keys: 'k', label: 'previous span', hint: true, run: () => reader.move(-1) },
    { keys: 'ArrowDown', label: 'next span', run: () => reader.move(1) },
    { keys: 'ArrowUp', label: 'previous span', run: () => reader.move(-1) },
    { keys: 'ArrowLeft', label: 'fold, or go to the parent', run: reader.out },
    { keys: 'ArrowRight', label: 'unfold', run: reader.into },
    { keys: 'Shift+ArrowLeft', label: 'fold all', run: reader.foldAll },
    { keys: 'Shift+ArrowRight', label: 'unfold all', run: reader.unfoldAll },
    { keys: 'Shift+E', label: 'next error', hint: errors > 0, run: findError },
    { keys: 'f', label: 'find in this trace', hint: true, run: onFind },
    { keys: 'z', label: 'zoom to the span, and back', hint: true, run: zoomTo },
    { keys: '+', label: 'zoom in', run: () => zoomAtSpan(zoomFactor) },
    { keys: '-', label: 'zoom out', run: () => zoomAtSpan(1 / zoomFactor) },
    ...views.map(({ view }, i) => ({
      keys: String(i + 1),
      label: view,
      hint: view === 'conversation',
      run: () => reader.go({ view }),
    })),
    ...(onTry
      ? [{ needs: 'readDraft' as const, keys: 'v', label: 'try in the playground', hint: true, run: onTry }]
      : []),
    { needs: 'createScore', keys: 's', label: 'add a score', run: onScore },
    { needs: 'addReviewItems', keys: 'r', label: 'add to a review queue', run: onReview },
    { needs: 'createDeletion', keys: 'Delete', label: 'delete this trace', run: onDelete },
    { needs: 'addExamples', keys: 'a', label: 'add to dataset', hint: true, run: onAdd },
  ];
  useShortcuts('Trace', keys);
}

function NoSpan({ reader }: { reader: SpanReader }) {
  const { span } = reader.search;
  if (span === undefined || reader.row)
    return <p className="p-4 text-text-3">Select a span to see what went in and what came out.</p>;
  return (
    <p className="p-4 break-words">
      ▲ The span <span className="mono">{span}</span> that this link names is not in this trace. If the trace is still
      arriving, it may come.
    </p>
  );
}

const paneNames = { waterfall: 'Waterfall', graph: 'Agent graph', log: 'Log' };

type PanesProps = {
  view: keyof typeof paneNames;
  body: TraceBody;
  reader: SpanReader;
  time: Time;
  box: RefObject<HTMLInputElement | null>;
  onScore: () => void;
};

/** All spans on the left, as the view shows them; the selected one on the right. */
function Panes({ view, body, reader, time, box, onScore }: PanesProps) {
  const { tree, span, search, go, selected } = reader;
  const found = useFind(tree, { traceId: body.trace.traceId, text: search.find });
  const places = useMemo(() => new Set(found), [found]);
  const fit = (row: TreeRow) => time.zoom.set(fitRow(row, time.scale.lengthNs));
  return (
    <div className="flex min-h-0 flex-1 max-lg:flex-none max-lg:flex-col lg:flex-row">
      <section
        aria-label={paneNames[view]}
        className="flex min-h-0 min-w-0 flex-col border-line max-lg:h-[46vh] max-lg:border-b lg:flex-[1.5] lg:border-r"
      >
        {search.find !== undefined && view !== 'graph' && (
          <FindBar
            box={box}
            text={search.find}
            found={found}
            at={reader.at}
            onText={(find) => go({ find })}
            onShow={reader.show}
          />
        )}
        {view === 'graph' && <GraphView tree={tree} selected={selected} onSelect={reader.select} />}
        {view === 'log' && (
          <LogView tree={tree} order={reader.visible} selected={selected} found={places} onSelect={reader.select} />
        )}
        {view === 'waterfall' && (
          <Waterfall
            tree={tree}
            visible={reader.visible}
            folded={reader.folded}
            selected={selected}
            found={places}
            scale={time.scale}
            zoom={time.zoom}
            nowNs={time.nowNs}
            onSelect={reader.select}
            onFold={reader.fold}
            onFit={fit}
          />
        )}
      </section>
      <section
        aria-label="Selected span"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="min-w-0 bg-bg -outline-offset-2 lg:flex-1 lg:overflow-auto"
      >
        {span ? (
          <SpanPanel key={span.spanId} span={span} scores={body.scores} onScore={onScore}>
            <div className="border-b border-line">
              <CommentsFold on={`span:${span.traceId}/${span.spanId}`} />
            </div>
          </SpanPanel>
        ) : (
          <NoSpan reader={reader} />
        )}
      </section>
    </div>
  );
}

function TraceReader({ body }: { body: TraceBody }) {
  const [open, setOpen] = useState<'dataset' | 'score' | 'review' | 'delete' | null>(null);
  const close = () => setOpen(null);
  const navigate = useNavigate();
  const box = useRef<HTMLInputElement>(null);
  const reader = useSpanReader(body);
  const time = useTime(reader.tree, reader);
  const { tree, span, search, go } = reader;
  const view = search.view ?? 'waterfall';
  // A call that the reader picked out of an agent's trace is what they mean, not the agent.
  const chosen = search.span && span?.kind === 'generation' ? span.spanId : undefined;
  const openFind = () => {
    go({ view: view === 'log' ? 'log' : 'waterfall', find: search.find ?? '' });
    box.current?.select();
  };
  const add = () => setOpen('dataset');
  const score = () => setOpen('score');
  const review = () => setOpen('review');
  useTraceKeys({
    reader,
    time,
    errors: body.trace.errorCount,
    onFind: openFind,
    onScore: score,
    onReview: review,
    onAdd: add,
    onDelete: () => setOpen('delete'),
    onTry:
      span?.kind === 'generation'
        ? () => void navigate({ to: '/playground', search: { from: `span:${span.traceId}/${span.spanId}` } })
        : null,
  });
  return (
    <>
      <TraceHeader body={body} onScore={score} onReview={review} onAdd={add} />
      <Toolbar view={view} reader={reader} time={time} />
      {view === 'conversation' ? (
        <Conversation tree={tree} traceId={body.trace.traceId} onOpen={(id) => go({ span: id, view: 'waterfall' })} />
      ) : (
        <Panes view={view} body={body} reader={reader} time={time} box={box} onScore={score} />
      )}
      {open === 'dataset' && <AddToDataset traceIds={[body.trace.traceId]} spanId={chosen} onClose={close} />}
      {open === 'delete' && (
        <DeleteTraces
          subject={{ traces: [body.trace.traceId] }}
          onClose={close}
          onDeleted={() => void navigate({ to: '/traces' })}
        />
      )}
      {open === 'review' && (
        <AddToReview
          what={chosen === undefined ? 'trace' : 'span'}
          items={
            chosen === undefined
              ? { from: 'traces', traceIds: [body.trace.traceId] }
              : { from: 'spans', spans: [{ traceId: body.trace.traceId, spanId: chosen }] }
          }
          onClose={close}
        />
      )}
      {open === 'score' && <AddScore body={body} span={span} onClose={close} />}
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
