import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RepricingBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, plural, usd } from '../../data/format.ts';
import { repricingsQuery } from '../../data/settings-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Field } from '../../parts/field.tsx';
import { May } from '../../parts/may.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

const tones = { queued: 'mute', running: 'accent', completed: 'good', cancelled: 'warn', failed: 'bad' } as const;
const dayMs = 86_400_000;
const dayText = (ms: number) => new Date(ms).toISOString().slice(0, 10);

function Jobs({ jobs }: { jobs: RepricingBody[] }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const cancel = useMutation({
    mutationFn: (repricingId: string) => client.call('cancelRepricing', { params: { repricingId } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['repricings'] }),
    onError: (error) => toast(`✕ ${error.message}`),
  });
  return (
    <div className="card overflow-x-auto [&>section]:border-b-0">
      <DataTable
        label="Re-pricings"
        heads={['Period', 'Of', 'State', 'Calls', 'Changed', 'Before', 'After', 'Change']}
        right={[3, 4, 5, 6]}
        rows={jobs.map((job) => ({
          key: job.id,
          cells: [
            <span key="period" className="whitespace-nowrap">
              {dateTime(job.from)} – {dateTime(job.until)}
            </span>,
            <span key="of" className="mono">
              {[job.provider, job.model].filter(Boolean).join('/') || 'all'}
            </span>,
            <span key="state" title={job.error ?? undefined}>
              <Pill tone={tones[job.status]}>{job.status}</Pill>
            </span>,
            <span key="done" className="mono whitespace-nowrap">
              {count(job.done)} of {count(job.total)}
            </span>,
            <span key="changed" className="mono">
              {count(job.changed)}
            </span>,
            <span key="before" className="mono">
              {usd(job.beforeNanoUsd)}
            </span>,
            <span key="after" className="mono">
              {usd(job.afterNanoUsd)}
            </span>,
            job.status === 'queued' || job.status === 'running' ? (
              <May key="stop" call="cancelRepricing">
                <button type="button" className="btn !min-h-6" onClick={() => cancel.mutate(job.id)}>
                  Stop
                </button>
              </May>
            ) : (
              ''
            ),
          ],
        }))}
      />
    </div>
  );
}

type DateFieldProps = { label: string; value: string; onChange: (value: string) => void };

function DateField({ label, value, onChange }: DateFieldProps) {
  return (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="date"
          className="field !w-auto"
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** Prices the calls of a time again; what they cost before stays readable. */
export function Repricing() {
  const { client } = useData();
  const queryClient = useQueryClient();
  const jobs = useQuery(repricingsQuery(client));
  const [from, setFrom] = useState(() => dayText(Date.now() - 7 * dayMs));
  const [until, setUntil] = useState(() => dayText(Date.now() + dayMs));
  const body = { from, until };
  const estimate = useMutation({ mutationFn: () => client.call('estimateRepricing', { body }) });
  const start = useMutation({
    mutationFn: () => client.call('createRepricing', { body }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['repricings'] }),
  });
  const found = estimate.data;
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    estimate.reset();
  };
  return (
    <section aria-label="Price again" className="flex flex-col gap-2">
      <div>
        <h2 className="text-lg font-semibold">Price again</h2>
        <p className="text-text-2">
          Gives the calls of a time the prices that hold now. Each keeps every figure it has had.
        </p>
      </div>
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          estimate.mutate();
        }}
      >
        <DateField label="From" value={from} onChange={change(setFrom)} />
        <DateField label="Until, not included" value={until} onChange={change(setUntil)} />
        <button type="submit" className="btn" disabled={estimate.isPending}>
          {estimate.isPending ? 'Estimating …' : 'Estimate'}
        </button>
      </form>
      {estimate.error && <ErrorText error={estimate.error} />}
      {found && (
        <div className="card flex flex-wrap items-center gap-x-4 gap-y-2 p-3">
          <p className="mr-auto">
            {plural(found.calls, 'call')}
            {found.unpriced > 0 && `, ${count(found.unpriced)} without a price`}; they cost{' '}
            <span className="mono">{usd(found.beforeNanoUsd)}</span> now.
            {found.sampled > 0 &&
              ` Of ${plural(found.sampled, 'call')} tried, ${count(found.sampleChanged)} would change: ${usd(found.sampleBeforeNanoUsd)} → ${usd(found.sampleAfterNanoUsd)}.`}
          </p>
          <May call="createRepricing">
            <button
              type="button"
              className="btn btn-primary"
              disabled={start.isPending || found.calls === 0}
              onClick={() => start.mutate()}
            >
              Price {plural(found.calls, 'call')} again
            </button>
          </May>
        </div>
      )}
      {start.error && <ErrorText error={start.error} />}
      {jobs.data && jobs.data.length > 0 && <Jobs jobs={jobs.data} />}
    </section>
  );
}
