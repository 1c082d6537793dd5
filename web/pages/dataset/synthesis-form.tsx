import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RequestBody, ResponseBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { datasetLabelsQuery } from '../../data/dataset-queries.ts';
import { count, plural } from '../../data/format.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { RunSelect, useRunChoices } from '../../parts/run-fields.tsx';
import { RunningJob } from './job-line.tsx';

const newDraft = { model: '', instruction: '', rows: '20', split: '', tag: '', cap: '1' };
type Draft = typeof newDraft;
type Part = { draft: Draft; set: (change: Partial<Draft>) => void };

const bodyOf = ({ model, instruction, rows, split, tag, cap }: Draft): RequestBody<'synthesizeExamples'> => ({
  ...{ model, instruction: instruction.trim(), count: Number(rows), capDollars: Number(cap) },
  ...(split === '' ? {} : { split }),
  ...(tag === '' ? {} : { tag }),
});

/** Which rows are varied. */
function SourceFields({ dataset, draft, set }: Part & { dataset: string }) {
  const { client } = useData();
  const labels = useQuery(datasetLabelsQuery(client, dataset, undefined)).data;
  const splits = labels?.splits.flatMap(({ split, count: rows }) => (split === null ? [] : [{ value: split, rows }]));
  const tags = labels?.tags.map(({ tag, count: rows }) => ({ value: tag, rows }));
  const choose = (label: string, key: 'split' | 'tag', values: { value: string; rows: number }[] | undefined) => (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          className="field"
          disabled={!values || values.length === 0}
          value={draft[key]}
          onChange={(event) => set({ [key]: event.target.value })}
        >
          <option value="">any</option>
          {values?.map(({ value, rows }) => (
            <option key={value} value={value}>
              {value} · {count(rows)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-2 gap-3">
      {choose('Only of rows of the split', 'split', splits)}
      {choose('Only of rows with the tag', 'tag', tags)}
    </div>
  );
}

function Fields({ dataset, draft, set }: Part & { dataset: string }) {
  const choices = useRunChoices();
  const number = (label: string, key: 'rows' | 'cap', most: number, isWhole: boolean) => (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="number"
          min={isWhole ? 1 : 0.000001}
          max={most}
          step={isWhole ? 1 : 'any'}
          required
          className="field"
          value={draft[key]}
          onChange={(event) => set({ [key]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <>
      <Field label="Model" hint="Its price must be known, so that what it spends can be capped.">
        {(id) => <RunSelect {...choices} id={id} value={draft.model} onChange={(model) => set({ model })} />}
      </Field>
      <Field label="How variants are to differ">
        {(id) => (
          <textarea
            id={id}
            className="field"
            rows={3}
            required
            maxLength={4000}
            placeholder="As an angry customer who writes in a hurry"
            value={draft.instruction}
            onChange={(event) => set({ instruction: event.target.value })}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        {number('Rows to write', 'rows', 10_000, true)}
        {number('Cap in dollars', 'cap', 10_000, false)}
      </div>
      <SourceFields dataset={dataset} draft={draft} set={set} />
    </>
  );
}

/** Has a model write variants of rows: how, how many, for how much; then how far it is. */
export function SynthesisForm({ detail, onClose }: { detail: ResponseBody<'getDataset'>; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(newDraft);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const { name } = detail.dataset;
  const start = useMutation({
    mutationFn: () => client.call('synthesizeExamples', { params: { name }, body: bodyOf(draft) }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['dataset', name, 'jobs'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Dialog title={`Variants of rows of ${name}`} onClose={onClose} width={560}>
      {start.data ? (
        <RunningJob dataset={name} jobId={start.data.id} onClose={onClose} />
      ) : (
        <form className="flex flex-col gap-3" onSubmit={submit}>
          <Fields dataset={name} draft={draft} set={set} />
          <p className="rounded-2 bg-sunken px-3 py-2">
            At least <b className="font-semibold">{plural(Math.ceil(Number(draft.rows) / 3), 'call')}</b>, each for
            three variants of one row; it ends at <b className="mono font-semibold">${draft.cap}</b>.{' '}
            <span className="text-text-2">
              Rows that are there already do not count. New ones are tagged <span className="mono">synthetic</span>, and
              their metadata says which model wrote them of which row.
            </span>
          </p>
          {start.error && <ErrorText error={start.error} />}
          <DialogActions>
            <button type="button" className="btn" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="btn btn-primary" disabled={start.isPending}>
              {start.isPending ? 'Starting …' : 'Write them'}
            </button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  );
}
