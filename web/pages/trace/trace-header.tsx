import { Link } from '@tanstack/react-router';
import { inputTokens, outputTokens } from '@wheelhouse/core/records';
import type { TraceBody } from '@wheelhouse/sdk';
import { Database } from 'lucide-react';
import { between, count, exactTime, plural, usd } from '../../data/format.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Thumbs } from './scores.tsx';

function StatusPill({ trace }: { trace: TraceBody['trace'] }) {
  if (trace.endNs === null) return <Pill tone="accent">… running</Pill>;
  if (trace.status === 'error') return <Pill tone="bad">✕ error</Pill>;
  return <Pill tone="good">✓ ok</Pill>;
}

function tokensOf({ trace, spans }: TraceBody): string {
  const used = spans.some((span) => span.usage);
  const input = trace.inputTokens || spans.reduce((sum, span) => sum + (span.usage ? inputTokens(span.usage) : 0), 0);
  const output =
    trace.outputTokens || spans.reduce((sum, span) => sum + (span.usage ? outputTokens(span.usage) : 0), 0);
  return used ? `${count(input)} → ${count(output)} tokens` : 'no tokens';
}

/** Name, status, three numbers, and what to do with the trace. */
export function TraceHeader({ body, onAdd }: { body: TraceBody; onAdd: () => void }) {
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
          <Thumbs traceId={trace.traceId} />
          <button type="button" className="btn btn-primary" onClick={onAdd}>
            <Database size={13} strokeWidth={1.75} aria-hidden="true" />
            Add to dataset <kbd>a</kbd>
          </button>
        </>
      }
    >
      <span className="mono flex items-center text-text-3" title={`${trace.traceId}, ${exactTime(trace.startNs)}`}>
        {trace.traceId.slice(0, 8)}
        <CopyButton text={trace.traceId} label="Copy the trace id" />
      </span>
      <StatusPill trace={trace} />
      {trace.endNs !== null && <span className="mono text-text-2">{between(trace.startNs, trace.endNs)}</span>}
      <span className="mono text-text-2" title={trace.costNanoUsd === null ? 'No price is known' : undefined}>
        {usd(trace.costNanoUsd)}
      </span>
      <span className="mono text-text-2">{tokensOf(body)}</span>
      <span className="text-text-2">
        {plural(spans.length, 'span')}
        {trace.errorCount > 0 && <span className="text-bad"> · {plural(trace.errorCount, 'error')}</span>}
      </span>
    </PageHeader>
  );
}
