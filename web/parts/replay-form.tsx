import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RequestBody, ResponseBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../data/data-context.tsx';
import { plural, usd } from '../data/format.ts';
import { replayEstimateQuery } from '../data/replay-queries.ts';
import { roughTime } from '../data/rough-time.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { ErrorText } from './request-state.tsx';
import { StartFooter } from './start-footer.tsx';
import { useSettled } from './use-settled.ts';

type Draft = { last: string; repetitions: string; cap: string };

/** Whole and within bounds; null: it is not. */
function numberIn(text: string, most: number): number | null {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= most ? value : null;
}

function bodyOf(place: { model: string; alias: string; candidate: number }, draft: Draft) {
  const [last, repetitions] = [numberIn(draft.last, 500), numberIn(draft.repetitions, 10)];
  const cap = draft.cap.trim();
  if (last === null || repetitions === null || !/^(\d{1,9}(\.\d{1,9})?)?$/.test(cap)) return null;
  return { ...place, last, repetitions, ...(cap === '' ? {} : { cap }) } satisfies RequestBody<'startReplay'>;
}

function Estimate({ plan }: { plan: ResponseBody<'estimateReplay'> }) {
  const { inputs, calls, costNanoUsd, seconds, without, breaking, candidate } = plan;
  return (
    <div role="status" className="flex flex-col gap-1 rounded-2 bg-sunken px-3 py-2">
      <p>
        <b className="font-semibold">{plural(inputs, 'different input')}</b>, {plural(calls, 'call')},{' '}
        {costNanoUsd === null ? 'at a cost that is not known' : `about ${usd(costNanoUsd)}`}
        {seconds !== null && `, about ${roughTime(seconds * 1000)}`}.
      </p>
      {without.length > 0 && (
        <p className="text-sm text-text-2">Left out: {plural(without.length, 'trace')} that show no input.</p>
      )}
      {breaking.length > 0 && (
        <p className="text-sm text-bad">
          ✕ Callers may fail with v{candidate}: {breaking.join('; ')}
        </p>
      )}
    </div>
  );
}

type ReplayFormProps = { model: string; alias: string; candidate: number; onClose: () => void };

/** Asks how many of the last inputs are asked again, says what that costs, and starts it; its page shows the rest. */
export function ReplayForm({ onClose, ...place }: ReplayFormProps) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<Draft>({ last: '50', repetitions: '2', cap: '' });
  const body = bodyOf(place, draft);
  const asked = useSettled(body);
  const plan = useQuery({
    ...replayEstimateQuery(client, asked ?? { ...place }),
    enabled: asked !== null,
  });
  const start = useMutation({
    mutationFn: (all: NonNullable<typeof body>) => client.call('startReplay', { body: all }),
    onSuccess: async ({ id: replayId }) => {
      onClose();
      await navigate({ to: '/releases/replays/$replayId', params: { replayId } });
      await queryClient.invalidateQueries({ queryKey: ['evaluations'] });
    },
  });
  const number = (label: string, key: 'last' | 'repetitions', { most, hint }: { most: number; hint: string }) => (
    <Field label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          type="number"
          required
          min={1}
          max={most}
          step={1}
          className="field mono"
          value={draft[key]}
          onChange={(event) => setDraft({ ...draft, [key]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <Dialog title={`Replay ${place.model}@${place.alias} with v${place.candidate}`} onClose={onClose} width={640}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) start.mutate(body);
        }}
      >
        <p className="text-text-2">
          What {place.model}@{place.alias} was asked last is asked again, of its version and of v{place.candidate}.
          Callers notice nothing. Tools of chains and programs are called again as well, and do what they do.
        </p>
        <div className="grid gap-3 sm:grid-cols-3">
          {number('Last inputs', 'last', { most: 500, hint: 'The newest that differ.' })}
          {number('Times each is asked', 'repetitions', {
            most: 10,
            hint: 'Twice or more tells how stable a version is.',
          })}
          <Field label="Stop at, in dollars" hint="Empty: no limit.">
            {(id) => (
              <input
                id={id}
                className="field mono"
                inputMode="decimal"
                autoComplete="off"
                value={draft.cap}
                onChange={(event) => setDraft({ ...draft, cap: event.target.value })}
              />
            )}
          </Field>
        </div>
        <StartFooter
          estimate={
            plan.error ? (
              <ErrorText error={plan.error} />
            ) : plan.data ? (
              <Estimate plan={plan.data} />
            ) : (
              <p className="text-text-3">Looking for what it was asked …</p>
            )
          }
          start={start}
          isReady={body !== null && plan.data !== undefined && plan.error === null}
          label="Start the replay"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
