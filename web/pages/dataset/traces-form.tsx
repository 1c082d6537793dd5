import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { ShareField } from '../../parts/share-field.tsx';
import { useToast } from '../../parts/toast.tsx';
import { RunningJob } from './job-line.tsx';
import { tagsOf } from './label-fields.tsx';

const newDraft = { q: '', share: '100', tags: '', expected: true, coming: true, there: false, most: '10000' };
type Draft = typeof newDraft;
type Part = { draft: Draft; set: (change: Partial<Draft>) => void };

function FilterFields({ draft, set }: Part) {
  return (
    <>
      <Field
        label="Filter"
        hint={
          <>
            As in Traces; empty takes all.{' '}
            <Link
              to="/traces"
              search={draft.q.trim() === '' ? {} : { q: draft.q.trim() }}
              target="_blank"
              className="link underline"
            >
              See what fits
            </Link>
          </>
        }
      >
        {(id) => (
          <input
            id={id}
            className="field mono"
            spellCheck={false}
            maxLength={4000}
            placeholder="score.feedback:false model:gpt*"
            value={draft.q}
            onChange={(event) => set({ q: event.target.value })}
          />
        )}
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <ShareField hint="Chosen by the trace’s id." value={draft.share} onChange={(share) => set({ share })} />
        <Field label="Tags" hint="Of the rows; with commas between them.">
          {(id) => (
            <input
              id={id}
              className="field"
              value={draft.tags}
              onChange={(event) => set({ tags: event.target.value })}
            />
          )}
        </Field>
      </div>
    </>
  );
}

function WhichTraces({ draft, set }: Part) {
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-sm font-medium">Which traces</legend>
      <label className="flex min-h-6 items-center gap-2">
        <input type="checkbox" checked={draft.coming} onChange={(event) => set({ coming: event.target.checked })} />
        New ones as they come, by a rule
      </label>
      <label className="flex min-h-6 items-center gap-2">
        <input type="checkbox" checked={draft.there} onChange={(event) => set({ there: event.target.checked })} />
        Those that are there already
      </label>
      {draft.there && (
        <div className="ml-6 max-w-40">
          <Field label="At most">
            {(id) => (
              <input
                id={id}
                type="number"
                min={1}
                max={1_000_000}
                required
                className="field"
                value={draft.most}
                onChange={(event) => set({ most: event.target.value })}
              />
            )}
          </Field>
        </div>
      )}
    </fieldset>
  );
}

/** Makes rows of traces that fit a filter: of new ones by a rule, of those that are there by a job. */
export function TracesForm({ dataset, onClose }: { dataset: string; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(newDraft);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const params = { name: dataset };
  const save = useMutation({
    mutationFn: async () => {
      const { q, share, tags, expected, coming, there, most } = draft;
      const asked = { q: q.trim(), sample: Number(share) / 100, tags: tagsOf(tags), expected };
      // First what may be done again: content that is there already does not come twice, a rule would.
      const job = there ? await client.call('addTraces', { params, body: { ...asked, most: Number(most) } }) : null;
      if (coming) await client.call('createDatasetRule', { params, body: asked });
      return job;
    },
    onSuccess: async (job) => {
      if (draft.coming) toast('✓ Traces that fit become rows from now on.');
      await queryClient.invalidateQueries({ queryKey: ['dataset', dataset] });
      if (job === null) onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={`Rows of ${dataset} from traces`} onClose={onClose} width={560}>
      {save.data ? (
        <RunningJob dataset={dataset} jobId={save.data.id} onClose={onClose} />
      ) : (
        <form className="flex flex-col gap-3" onSubmit={submit}>
          <FilterFields draft={draft} set={set} />
          <label className="flex min-h-6 items-center gap-2">
            <input
              type="checkbox"
              checked={draft.expected}
              onChange={(event) => set({ expected: event.target.checked })}
            />
            The answer becomes what is expected
          </label>
          <WhichTraces draft={draft} set={set} />
          {save.error && <ErrorText error={save.error} />}
          <DialogActions>
            <button type="button" className="btn" onClick={onClose}>
              Cancel
            </button>
            <button
              type="submit"
              className="btn btn-primary"
              disabled={save.isPending || !(draft.coming || draft.there)}
            >
              {draft.coming ? 'Make the rule' : 'Take them'}
            </button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  );
}
