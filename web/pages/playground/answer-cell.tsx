import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Database } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, usd } from '../../data/format.ts';
import { jsonIn } from '../../data/json-diff.ts';
import { costOfTraceQuery } from '../../data/registry-queries.ts';
import { JsonTree } from '../../parts/json-tree.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import type { Cell } from './use-runs.ts';

/** Needed with the first answer, and not before. */
const Markdown = lazy(async () => ({ default: (await import('../../parts/markdown.tsx')).Markdown }));

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

function Said({ cell }: { cell: Cell }) {
  const json = cell.status === 'running' ? undefined : jsonIn(cell.text);
  return (
    <>
      {json !== undefined && <JsonTree value={json} />}
      {json === undefined && cell.text !== '' && (
        <Suspense fallback={<p className="whitespace-pre-wrap">{cell.text}</p>}>
          <Markdown text={cell.text} />
        </Suspense>
      )}
      {cell.toolCalls.map((call, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: calls of one answer never move.
        <div key={i} className="my-1 rounded-2 border border-line bg-sunken p-2">
          <div className="mono font-semibold">{call.name}</div>
          <JsonTree value={parsed(call.arguments)} />
        </div>
      ))}
      {cell.status === 'done' && cell.text === '' && cell.toolCalls.length === 0 && (
        <p className="text-text-3">(empty answer)</p>
      )}
    </>
  );
}

const took = (ms: number) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`);

/** What it took; the cost is known once its trace is whole. */
function Taken({ cell }: { cell: Cell }) {
  const { client } = useData();
  const { traceId, tokens, ms } = cell;
  const cost = useQuery({ ...costOfTraceQuery(client, traceId ?? ''), enabled: traceId !== null });
  return (
    <span className="mono flex flex-wrap gap-x-3 text-text-2">
      {tokens && (
        <span>
          {count(tokens.input)} → {count(tokens.output)} tok
        </span>
      )}
      {traceId !== null && <span title="Cost">{cost.isSuccess ? usd(cost.data) : '…'}</span>}
      {ms !== null && <span title="Time to the whole answer">{took(ms)}</span>}
    </span>
  );
}

type AnswerCellProps = { label: string; cell: Cell | undefined; onAdd: (cell: Cell) => void };

/** What one variant answered to one input. */
export function AnswerCell({ label, cell, onAdd }: AnswerCellProps) {
  return (
    <section aria-label={label} aria-busy={cell?.status === 'running'} className="card flex min-h-24 min-w-0 flex-col">
      <div className="min-w-0 flex-1 p-3">
        {cell === undefined && <p className="text-text-3">No answer yet.</p>}
        {cell && <Said cell={cell} />}
        {cell?.status === 'running' && cell.text === '' && <p className="text-text-3">Answering …</p>}
        {cell?.status === 'stopped' && <p className="text-text-3">■ Stopped.</p>}
        {cell?.status === 'failed' && <ErrorText error={cell.error} />}
      </div>
      {cell && cell.status !== 'running' && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-3 py-1 text-sm">
          <Taken cell={cell} />
          <span className="ml-auto flex items-center gap-2">
            {cell.status === 'done' && (
              <May call="addExamples">
                <button type="button" className="btn btn-quiet !min-h-6" onClick={() => onAdd(cell)}>
                  <Database size={12} strokeWidth={1.75} aria-hidden="true" />
                  Add to dataset
                </button>
              </May>
            )}
            {cell.traceId && (
              <Link to="/traces/$traceId" params={{ traceId: cell.traceId }} className="link leading-6">
                Trace
              </Link>
            )}
          </span>
        </div>
      )}
    </section>
  );
}
