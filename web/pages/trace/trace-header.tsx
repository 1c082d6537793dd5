import { Link } from '@tanstack/react-router';
import { inputTokens, outputTokens } from '@wheelhouse/core/records';
import type { TraceBody } from '@wheelhouse/sdk';
import { CheckCheck, Database, Gauge } from 'lucide-react';
import { between, count, exactTime, plural, usd } from '../../data/format.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Thumbs } from './scores.tsx';

function StatusPill({ trace }: { trace: TraceBody['trace'] }) {
  if (trace.endNs === null) return <Pill tone="accent">… running</Pill>;
  if (trace.status === 'error') return <Pill tone="bad">✕ error</Pill>;
  return <Pill tone="good">✓ ok</Pill>;
}

/** What the models of the trace took; nothing where none was called. */
function Spent({ body: { trace, spans } }: { body: TraceBody }) {
  const used = spans.flatMap((span) => (span.usage ? [span.usage] : []));
  if (used.length === 0 && trace.costNanoUsd === null) return null;
  const input = trace.inputTokens || used.reduce((sum, usage) => sum + inputTokens(usage), 0);
  const output = trace.outputTokens || used.reduce((sum, usage) => sum + outputTokens(usage), 0);
  return (
    <>
      <span className="mono text-text-2" title={trace.costNanoUsd === null ? 'No price is known' : undefined}>
        {usd(trace.costNanoUsd)}
        {trace.unpricedCalls > 0 && trace.costNanoUsd !== null && '+?'}
      </span>
      {used.length > 0 && (
        <span className="mono text-text-2">
          {count(input)} → {count(output)} tokens
        </span>
      )}
    </>
  );
}

type TraceHeaderProps = { body: TraceBody; onScore: () => void; onReview: () => void; onAdd: () => void };

/** Name, status, three numbers, and what to do with the trace. */
export function TraceHeader({ body, onScore, onReview, onAdd }: TraceHeaderProps) {
  const { trace, spans } = body;
  return (
    <PageHeader
      title={trace.name}
      parent={
        <Link to="/traces" className="link">
          Traces
        </Link>
      }
      actions={
        <>
          <May call="createScore">
            <Thumbs traceId={trace.traceId} />
          </May>
          <May call="createScore">
            <button type="button" className="btn" onClick={onScore}>
              <Gauge size={13} strokeWidth={1.75} aria-hidden="true" />
              Score <kbd>s</kbd>
            </button>
          </May>
          <May call="addReviewItems">
            <button
              type="button"
              className="btn btn-icon"
              aria-label="Review …"
              title="Add to a review queue (r)"
              onClick={onReview}
            >
              <CheckCheck size={13} strokeWidth={1.75} aria-hidden="true" />
            </button>
          </May>
          <May call="addExamples">
            <button type="button" className="btn btn-primary" onClick={onAdd}>
              <Database size={13} strokeWidth={1.75} aria-hidden="true" />
              Add to dataset <kbd>a</kbd>
            </button>
          </May>
        </>
      }
    >
      <span className="mono flex items-center text-text-3" title={`${trace.traceId}, ${exactTime(trace.startNs)}`}>
        {trace.traceId.slice(0, 8)}
        <CopyButton text={trace.traceId} label="Copy the trace id" />
      </span>
      <StatusPill trace={trace} />
      {trace.endNs !== null && <span className="mono text-text-2">{between(trace.startNs, trace.endNs)}</span>}
      <Spent body={body} />
      <span className="text-text-2">
        {plural(spans.length, 'span')}
        {trace.errorCount > 0 && <span className="text-bad"> · {plural(trace.errorCount, 'error')}</span>}
      </span>
    </PageHeader>
  );
}
