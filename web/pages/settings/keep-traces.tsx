import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ResponseBody } from '@wheelhouse/sdk';
import { type FormEvent, useId, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural } from '../../data/format.ts';
import { retentionQuery } from '../../data/queries.ts';
import { ErrorText, Loading, RequestError } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

type Retention = ResponseBody<'getRetention'>;
type How = 'server' | 'forever' | 'days';

const daysText = (days: Retention['serverDays']) => (days === 'forever' ? 'for ever' : plural(days, 'day'));
const howOf = ({ own, keepDays }: Retention): How => (!own ? 'server' : keepDays === 'forever' ? 'forever' : 'days');

function Form({ retention, fixed }: { retention: Retention; fixed: boolean }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const howId = useId();
  const daysId = useId();
  const [how, setHow] = useState(howOf(retention));
  const [days, setDays] = useState(String(retention.keepDays === 'forever' ? 30 : retention.keepDays));
  const keepDays = how === 'server' ? null : how === 'forever' ? how : Number(days);
  const save = useMutation({
    mutationFn: () => client.call('setRetention', { body: { keepDays } }),
    onSuccess: (saved) => {
      queryClient.setQueryData(retentionQuery(client).queryKey, saved);
      toast(`✓ Traces are kept ${daysText(saved.keepDays)}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="card flex flex-col gap-2 p-3" onSubmit={submit}>
      <div className="flex flex-wrap items-center gap-2">
        <label htmlFor={howId} className="w-40 text-text-2">
          Traces are kept
        </label>
        <select
          id={howId}
          className="field !w-auto"
          disabled={fixed}
          value={how}
          onChange={(event) => setHow(event.target.value as How)}
        >
          <option value="server">as the server says: {daysText(retention.serverDays)}</option>
          <option value="forever">for ever</option>
          <option value="days">for a number of days</option>
        </select>
        {how === 'days' && (
          <>
            <label htmlFor={daysId} className="sr-only">
              Days
            </label>
            <input
              id={daysId}
              type="number"
              className="field !w-24"
              min={1}
              max={36_500}
              required
              disabled={fixed}
              value={days}
              onChange={(event) => setDays(event.target.value)}
            />
            <span className="text-text-2">days</span>
          </>
        )}
        {!fixed && (
          <button type="submit" className="btn" disabled={save.isPending}>
            Save
          </button>
        )}
      </div>
      <p className="text-text-3">
        {fixed
          ? 'An admin of the project may change it.'
          : 'Whole traces that are older are removed for good, once an hour. Examples of datasets stay.'}
      </p>
      {save.error && <ErrorText error={save.error} />}
    </form>
  );
}

/** How long the project keeps its traces. `fixed`: whoever looks may not change it. */
export function KeepTraces({ fixed }: { fixed: boolean }) {
  const { client } = useData();
  const query = useQuery(retentionQuery(client));
  if (query.isPending) return <Loading what="how long traces are kept" />;
  if (!query.data) return query.error && <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  return <Form key={JSON.stringify(query.data)} retention={query.data} fixed={fixed} />;
}
