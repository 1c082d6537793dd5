import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReviewQueueBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural } from '../../data/format.ts';
import { datasetsQuery } from '../../data/queries.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

/** Corrected answers become what is expected of their inputs. */
export function ExamplesForm({ queue, onClose }: { queue: ReviewQueueBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const datasets = useQuery(datasetsQuery(client));
  const names = datasets.data?.map(({ name }) => name) ?? [];
  const [typed, setTyped] = useState<string | null>(null);
  const [tag, setTag] = useState('reviewed');
  const dataset = typed ?? names[0] ?? '';
  const isNew = dataset !== '' && datasets.isSuccess && !names.includes(dataset);
  const add = useMutation({
    mutationFn: async () => {
      if (isNew) await client.call('createDataset', { body: { name: dataset } });
      const tags = tag.trim() === '' ? [] : [tag.trim()];
      return client.call('addReviewedExamples', { params: { queue: queue.name }, body: { dataset, tags } });
    },
    onSuccess: async () => {
      for (const key of [['datasets'], ['dataset', dataset]]) await queryClient.invalidateQueries({ queryKey: key });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog title="Corrections to a dataset" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field
          label="Dataset"
          hint={
            isNew
              ? `“${dataset}” is new: it is created first.`
              : 'Choose one, or type a new name. What is in it already is not added again.'
          }
        >
          {(id) => (
            <>
              <input
                id={id}
                className="field mono"
                list={`${id}-names`}
                required
                autoComplete="off"
                spellCheck={false}
                placeholder="support-golden"
                value={dataset}
                onChange={(event) => setTyped(event.target.value.trim())}
                onFocus={(event) => event.target.select()}
              />
              <datalist id={`${id}-names`}>
                {names.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field label="Tag">
          {(id) => (
            <input
              id={id}
              className="field"
              maxLength={100}
              value={tag}
              onChange={(event) => setTag(event.target.value)}
            />
          )}
        </Field>
        {add.error && <ErrorText error={add.error} />}
        {add.data && (
          <div role="status">
            <p>
              ✓ {plural(add.data.added, 'example')} added to{' '}
              <Link to="/datasets/$name" params={{ name: dataset }} className="link underline">
                {dataset}
              </Link>
              , of {plural(add.data.corrected, 'correction')}.
            </p>
            {add.data.refused.map(({ item, error }) => (
              <p key={item} className="text-bad">
                ✕ item {item}: {error}
              </p>
            ))}
          </div>
        )}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            {add.data ? 'Close' : 'Cancel'}
          </button>
          <button type="submit" className="btn btn-primary" disabled={add.isPending || dataset === ''}>
            {isNew ? 'Create and add' : 'Add'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
