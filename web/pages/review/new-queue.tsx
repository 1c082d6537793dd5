import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { FieldRows } from './field-rows.tsx';
import { bodyOf, newQueue, presets, type QueueDraft } from './queue-draft.ts';

type Part = { draft: QueueDraft; set: (change: Partial<QueueDraft>) => void };

function Naming({ draft, set }: Part) {
  return (
    <>
      <Field label="Name" hint="a-z, 0-9 and . _ -">
        {(id) => (
          <input
            id={id}
            className="field mono"
            required
            placeholder="tone"
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Instructions" hint="Shown to whoever labels.">
        {(id) => (
          <textarea
            id={id}
            className="field"
            rows={2}
            placeholder="Would you send this to a customer?"
            value={draft.instructions}
            onChange={(event) => set({ instructions: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function Labelling({ draft, set }: Part) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="Labels of each item" hint="Each by somebody else; two or more show whether people agree.">
        {(id) => (
          <input
            id={id}
            type="number"
            min={1}
            max={10}
            className="field"
            required
            value={draft.overlap}
            onChange={(event) => set({ overlap: event.target.value })}
          />
        )}
      </Field>
      <Field label="Blind" hint="Blind shows no model, no score and no label of others.">
        {(id) => (
          <select
            id={id}
            className="field"
            value={draft.blind ? 'blind' : 'open'}
            onChange={(event) => set({ blind: event.target.value === 'blind' })}
          >
            <option value="blind">blind</option>
            <option value="open">all is shown</option>
          </select>
        )}
      </Field>
    </div>
  );
}

/** What people are asked, and how many of them. */
export function NewQueue({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(newQueue);
  const set = (change: Partial<QueueDraft>) => setDraft((before) => ({ ...before, ...change }));
  const create = useMutation({
    mutationFn: () => client.call('createReviewQueue', { body: bodyOf(draft) }),
    onSuccess: async ({ name }) => {
      await queryClient.invalidateQueries({ queryKey: ['review-queues'] });
      await navigate({ to: '/review/$queue', params: { queue: name }, search: { open: 'add' } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Dialog title="New queue" onClose={onClose} width={640}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Naming draft={draft} set={set} />
        <fieldset className="flex flex-wrap items-center gap-2">
          <legend className="mb-1 text-sm font-medium">People are asked</legend>
          {presets.map(({ title, fields }) => (
            <button key={title} type="button" className="btn" onClick={() => set({ fields: fields() })}>
              {title}
            </button>
          ))}
        </fieldset>
        <FieldRows fields={draft.fields} onChange={(fields) => set({ fields })} />
        <Labelling draft={draft} set={set} />
        {create.error && <ErrorText error={create.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={create.isPending}>
            Create
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
