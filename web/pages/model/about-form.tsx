import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ModelDetailBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

/** What stands between commas, each once. */
const tagsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  ),
];

/** What a model is for, who answers for it, and the tags it is found by. */
export function AboutForm({ model, onClose }: { model: ModelDetailBody['model']; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { name } = model;
  // What others change meanwhile stays theirs: only what differs from this is sent.
  const [before] = useState({
    description: model.description,
    tags: model.tags.join(', '),
    owner: model.owner ?? '',
  });
  const [after, setAfter] = useState(before);
  const set = (change: Partial<typeof before>) => setAfter({ ...after, ...change });
  const save = useMutation({
    mutationFn: () =>
      client.call('changeModel', {
        params: { name },
        body: {
          ...(after.description === before.description ? {} : { description: after.description.trim() }),
          ...(after.tags === before.tags ? {} : { tags: tagsIn(after.tags) }),
          ...(after.owner === before.owner ? {} : { owner: after.owner.trim() || null }),
        },
      }),
    onSuccess: async () => {
      await Promise.all(
        [['model', name], ['models'], ['model-pages']].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
      );
      toast(`✓ ${name} is described anew`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const same = (['description', 'tags', 'owner'] as const).every((part) => after[part] === before[part]);
  return (
    <Dialog title={`About ${name}`} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Description" hint="What it is for. Models are searched by it.">
          {(id) => (
            <textarea
              id={id}
              className="field"
              rows={3}
              maxLength={2000}
              value={after.description}
              onChange={(event) => set({ description: event.target.value })}
            />
          )}
        </Field>
        <Field label="Tags" hint="With commas between.">
          {(id) => (
            <input
              id={id}
              className="field"
              value={after.tags}
              onChange={(event) => set({ tags: event.target.value })}
            />
          )}
        </Field>
        <Field label="Owner" hint="Whom to ask, by address or name. Left empty: nobody.">
          {(id) => (
            <input
              id={id}
              className="field"
              maxLength={200}
              value={after.owner}
              onChange={(event) => set({ owner: event.target.value })}
            />
          )}
        </Field>
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={same || save.isPending}>
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
