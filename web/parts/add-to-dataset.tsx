import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useData } from '../data/data-context.tsx';
import { exampleSource } from '../data/example-source.ts';
import { plural } from '../data/format.ts';
import { datasetsQuery } from '../data/queries.ts';
import { Dialog, DialogActions } from './dialog.tsx';
import { Field } from './field.tsx';
import { ErrorText } from './request-state.tsx';
import { useToast } from './toast.tsx';

const atOnce = 6;

/** Runs the work a few at a time, answers in order. */
async function mapFew<In, Out>(items: In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (let i = 0; i < items.length; i += atOnce)
    results.push(...(await Promise.all(items.slice(i, i + atOnce).map(work))));
  return results;
}

export type NewExample = { input: unknown; expected?: unknown; metadata?: Record<string, unknown> };

type AddToDatasetProps = {
  traceIds: string[];
  /** What to add instead of what the traces say. */
  examples?: NewExample[];
  /** The span to take instead of the trace's own; only with one trace. */
  spanId?: string | undefined;
  onClose: () => void;
  onAdded?: () => void;
};

/** Turns traces into examples of a dataset, which may be made on the way. */
export function AddToDataset({ traceIds, examples, spanId, onClose, onAdded }: AddToDatasetProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const datasets = useQuery(datasetsQuery(client));
  const [typed, setTyped] = useState<string | null>(null);
  const names = datasets.data?.map((dataset) => dataset.name) ?? [];
  const name = typed ?? names[0] ?? '';
  const isNew = name !== '' && datasets.isSuccess && !names.includes(name);

  const add = useMutation({
    mutationFn: async () => {
      const sources =
        examples !== undefined
          ? []
          : spanId
            ? traceIds.map((traceId) => ({ traceId, spanId }))
            : await mapFew(traceIds, (traceId) => exampleSource(client, traceId));
      if (isNew) await client.call('createDataset', { body: { name } });
      return client.call('addExamples', {
        params: { name },
        body: { examples: examples ?? sources.map((from) => ({ from })) },
      });
    },
    onSuccess: async ({ ids }) => {
      toast(
        <span>
          ✓ {plural(ids.length, 'example')} added to{' '}
          <Link to="/datasets/$name" params={{ name }} className="link">
            {name}
          </Link>
        </span>,
      );
      onAdded?.();
      onClose();
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ['datasets'] }),
        queryClient.invalidateQueries({ queryKey: ['dataset', name] }),
      ]);
    },
  });

  return (
    <Dialog
      title={`Add ${examples ? plural(examples.length, 'example') : plural(traceIds.length, 'trace')} to a dataset`}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Field
          label="Dataset"
          hint={
            isNew
              ? `“${name}” is new: it is created first.`
              : 'Choose one, or type a new name. Input and output of the call become input and expected answer.'
          }
        >
          {(id) => (
            <>
              <input
                id={id}
                className="field mono"
                list={`${id}-names`}
                value={name}
                autoComplete="off"
                spellCheck={false}
                required
                placeholder="support-golden"
                onChange={(event) => setTyped(event.target.value.trim())}
                onFocus={(event) => event.target.select()}
              />
              <datalist id={`${id}-names`}>
                {names.map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        {names.length > 0 && (
          <fieldset className="mt-2 flex flex-wrap gap-2">
            <legend className="sr-only">Existing datasets</legend>
            {names.slice(0, 12).map((one) => (
              <button type="button" key={one} className="btn" aria-pressed={one === name} onClick={() => setTyped(one)}>
                {one}
              </button>
            ))}
          </fieldset>
        )}
        {add.error && (
          <div className="mt-3">
            <ErrorText error={add.error} />
          </div>
        )}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={add.isPending || name === ''}>
            {add.isPending ? 'Adding …' : isNew ? 'Create and add' : 'Add'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
