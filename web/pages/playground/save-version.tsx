import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import type { Variant } from '../../data/playground-link.ts';
import { publishVersion } from '../../data/publish-version.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

type SaveVersionProps = {
  variant: Variant;
  onClose: () => void;
  onSaved: (saved: Variant) => void;
};

/** Makes the next version of what was tried, or a model of its own. */
export function SaveVersion({ variant, onClose, onSaved }: SaveVersionProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [name, setName] = useState(variant.name ?? '');
  const [message, setMessage] = useState('');
  const save = useMutation({
    mutationFn: () =>
      publishVersion(client, name, { definition: variant.definition, message, madeFrom: variant.madeFrom }),
    onSuccess: async (number) => {
      onSaved({ ...variant, name, version: number, madeFrom: [`version:${name}@${number}`] });
      await Promise.all(
        [['models'], ['model-pages'], ['model', name], ['callable-models']].map((queryKey) =>
          queryClient.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title="Save as a version" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Model" hint="The next version of it; a name that is new makes a model.">
          {(id) => (
            <input
              id={id}
              className="field mono"
              required
              spellCheck={false}
              placeholder="support-bot"
              value={name}
              onChange={(event) => setName(event.target.value.trim())}
            />
          )}
        </Field>
        <Field label="Why this version" hint="One line for whoever reads the history.">
          {(id) => (
            <input id={id} className="field" value={message} onChange={(event) => setMessage(event.target.value)} />
          )}
        </Field>
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={save.isPending || name === ''}>
            {save.isPending ? 'Saving …' : 'Save'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
