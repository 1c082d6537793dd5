import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { type RefObject, useEffect, useMemo, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { spanQuery } from '../../data/queries.ts';
import { jsonText } from '../../data/safe-json.ts';
import { findSpans, nextAmong } from './find-spans.ts';
import type { SpanTree } from './span-tree.ts';

const settleMs = 200;
/** Of a trace this small everything is loaded when the reader begins to look for something. */
const loadAllUpTo = 50;

const texts = new WeakMap<object, string>();

/** What was said in a span, in lower case; made once, since it may be long. */
function textOf(detail: object): string {
  const known = texts.get(detail);
  if (known !== undefined) return known;
  const text = jsonText(detail).toLowerCase();
  texts.set(detail, text);
  return text;
}

/** Where the words are, as far as it is loaded; undefined looks for nothing. */
export function useFind(tree: SpanTree, options: { traceId: string; text: string | undefined }): number[] {
  const { traceId, text } = options;
  const { client } = useData();
  const queryClient = useQueryClient();
  const looking = text !== undefined;
  const loading = useIsFetching({ queryKey: ['trace', traceId, 'span'] });
  useEffect(() => {
    if (!looking || tree.rows.length > loadAllUpTo) return;
    for (const { span } of tree.rows)
      if (span)
        void queryClient.prefetchQuery({
          ...spanQuery(client, traceId, span.spanId),
          staleTime: Number.POSITIVE_INFINITY,
        });
  }, [looking, tree, traceId, client, queryClient]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has been loaded since can be found, too.
  return useMemo(() => {
    if (text === undefined) return [];
    const loaded = new Map(
      queryClient
        .getQueriesData<object>({ queryKey: ['trace', traceId, 'span'] })
        .flatMap(([key, detail]) => (detail ? [[String(key[3]), textOf(detail)] as const] : [])),
    );
    return findSpans(tree.rows, text, (spanId) => loaded.get(spanId));
  }, [tree, text, traceId, queryClient, loading]);
}

type FindBarProps = {
  box: RefObject<HTMLInputElement | null>;
  text: string;
  found: number[];
  at: number;
  onText: (text: string | undefined) => void;
  onShow: (index: number) => void;
};

/** Finds inside the trace, because the browser's own search sees only the rows in sight. */
export function FindBar({ box, text, found, at, onText, onShow }: FindBarProps) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onText(typed), settleMs);
    return () => clearTimeout(timer);
  }, [typed, text, onText]);
  const go = (step: 1 | -1) => {
    const next = nextAmong(found, at, step);
    if (next !== undefined) onShow(next);
  };
  const place = found.indexOf(at) + 1;
  const summary = found.length === 0 ? 'nothing' : `${place > 0 ? `${count(place)} of ` : ''}${count(found.length)}`;
  return (
    <search className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1">
      <input
        ref={box}
        // biome-ignore lint/a11y/noAutofocus: it appears because the reader asked to type into it.
        autoFocus
        type="text"
        aria-label="Find in this trace"
        placeholder="Find in names, errors and loaded text"
        className="field min-w-32 flex-1"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') onText(undefined);
          else return;
          event.preventDefault();
        }}
      />
      <span role="status" className="mono px-2 text-text-2">
        {typed.trim() === '' ? '' : summary}
      </span>
      <button type="button" className="btn btn-quiet btn-icon" aria-label="Previous match" onClick={() => go(-1)}>
        <ChevronUp size={14} strokeWidth={1.75} />
      </button>
      <button type="button" className="btn btn-quiet btn-icon" aria-label="Next match" onClick={() => go(1)}>
        <ChevronDown size={14} strokeWidth={1.75} />
      </button>
      <button
        type="button"
        className="btn btn-quiet btn-icon"
        aria-label="Close find"
        onClick={() => onText(undefined)}
      >
        <X size={14} strokeWidth={1.75} />
      </button>
    </search>
  );
}
