import { useQuery } from '@tanstack/react-query';
import type { SpanBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { bucketNames } from '../../data/bucket-names.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime, usd } from '../../data/format.ts';
import { spanCostsQuery } from '../../data/queries.ts';
import { ErrorText } from '../../parts/request-state.tsx';

/** What a call was priced at before, once it has been priced again. */
function Earlier({ span }: { span: SpanBody }) {
  const { client } = useData();
  const query = useQuery(spanCostsQuery(client, span.traceId, span.spanId));
  if (query.error) return <ErrorText error={query.error} />;
  const [, ...earlier] = query.data ?? [];
  return earlier.map((cost) => (
    <div key={cost.revision} className="flex flex-wrap gap-x-3 text-text-2">
      <span>
        {cost.revision === 0 ? 'as it came' : `re-pricing ${cost.revision}`}, {dateTime(cost.writtenAt)}
      </span>
      <span className="mono line-through">{usd(cost.totalNanoUsd)}</span>
      <span className="mono break-all">{cost.priceId}</span>
    </div>
  ));
}

/** What each part of a call cost, by which price, and what it was priced at before. */
export function CostParts({ span }: { span: SpanBody }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="border-b border-line px-3 py-1" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-6 text-xs leading-6 font-medium text-text-3">
        Cost by part · {span.cost?.priceId}
      </summary>
      {Object.entries(span.cost?.byBucket ?? {}).map(([bucket, nano]) => (
        <div key={bucket} className="flex justify-between gap-3">
          <span>{bucketNames[bucket as keyof typeof bucketNames]}</span>
          <span className="mono">{usd(nano)}</span>
        </div>
      ))}
      {open && <Earlier span={span} />}
    </details>
  );
}
