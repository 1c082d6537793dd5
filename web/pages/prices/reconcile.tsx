import { useMutation } from '@tanstack/react-query';
import type { ReconciliationBody } from '@wheelhouse/sdk';
import { useId, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, plural, usd } from '../../data/format.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

const shownAtFirst = 40;

const signed = (nano: string) => (nano.startsWith('-') ? `−${usd(nano.slice(1))}` : usd(nano));

function Result({ result }: { result: ReconciliationBody }) {
  const [whole, setWhole] = useState(false);
  const rows = result.rows.toSorted(
    (a, b) => Math.abs(Number(b.residualNanoUsd)) - Math.abs(Number(a.residualNanoUsd)),
  );
  return (
    <>
      <p className="card p-3">
        <span className="font-semibold">
          {result.provider ?? 'The bill'}, {result.from} to {result.until}:
        </span>{' '}
        bill <span className="mono">{usd(result.billNanoUsd)}</span>, ours{' '}
        <span className="mono">{usd(result.oursNanoUsd)}</span>, difference{' '}
        <span className="mono font-semibold">{signed(result.residualNanoUsd)}</span>; {plural(result.calls, 'call')}
        {result.unpriced > 0 && `, ${count(result.unpriced)} without a price`}.
        {result.notes.map((note) => (
          <span key={note} className="block text-text-2">
            ▲ {note}
          </span>
        ))}
      </p>
      {rows.length > 0 && (
        <div className="card overflow-x-auto [&>section]:border-b-0">
          <DataTable
            label="By day and model, the largest difference first"
            heads={['Day', 'Model', 'Bill', 'Ours', 'Difference', 'Calls', 'Unpriced']}
            rows={rows.slice(0, whole ? rows.length : shownAtFirst).map((row) => ({
              key: `${row.day} ${row.model}`,
              cells: [row.day, row.model, usd(row.billNanoUsd), usd(row.oursNanoUsd), signed(row.residualNanoUsd)]
                .concat([count(row.calls), count(row.unpriced)])
                .map((text, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the columns are fixed.
                  <span key={i} className="mono whitespace-nowrap">
                    {text}
                  </span>
                )),
            }))}
          />
        </div>
      )}
      {!whole && rows.length > shownAtFirst && (
        <div>
          <button type="button" className="btn" onClick={() => setWhole(true)}>
            Show all {count(rows.length)}
          </button>
        </div>
      )}
    </>
  );
}

/** A provider's bill, as it was downloaded, beside what our figures say. */
export function Reconcile() {
  const { client } = useData();
  const id = useId();
  const compare = useMutation({
    mutationFn: async (file: File) => client.call('reconcileBill', { body: { content: await file.text() } }),
  });
  return (
    <section aria-label="Compare with a bill" className="flex flex-col gap-2">
      <div>
        <h2 className="text-lg font-semibold">Compare with a bill</h2>
        <p className="text-text-2">
          OpenAI costs or Anthropic usage and cost, JSON or CSV as downloaded, or any CSV with date, model and usd. The
          file is read and not kept.
        </p>
      </div>
      <div>
        <label htmlFor={id} className="btn cursor-pointer">
          {compare.isPending ? 'Comparing …' : 'Choose a bill'}
        </label>
        <input
          id={id}
          type="file"
          accept=".csv,.json,text/csv,application/json"
          className="sr-only"
          disabled={compare.isPending}
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file) compare.mutate(file);
            event.target.value = '';
          }}
        />
      </div>
      {compare.error && <ErrorText error={compare.error} />}
      {compare.data && <Result result={compare.data} />}
    </section>
  );
}
