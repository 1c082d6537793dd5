import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RequestBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../data/data-context.tsx';
import { plural } from '../data/format.ts';
import { isOfPairs, reviewQueuesQuery } from '../data/review-queries.ts';
import { Dialog, DialogActions } from './dialog.tsx';
import { Field } from './field.tsx';
import { ErrorText } from './request-state.tsx';
import { useToast } from './toast.tsx';

type AddToReviewProps = {
  /** `trace`, `conversation` */
  what: string;
  items: Extract<RequestBody<'addReviewItems'>, { from: 'traces' | 'spans' | 'sessions' }>;
  onClose: () => void;
  onAdded?: () => void;
};

/** Lets people look at something that was found. */
export function AddToReview({ what, items, onClose, onAdded }: AddToReviewProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const queues = useQuery(reviewQueuesQuery(client)).data?.filter((queue) => !isOfPairs(queue));
  const [chosen, setChosen] = useState<string | null>(null);
  const name = chosen ?? queues?.[0]?.name ?? '';
  const add = useMutation({
    mutationFn: () => client.call('addReviewItems', { params: { queue: name }, body: items }),
    onSuccess: async ({ added, present }) => {
      toast(
        <span>
          ✓ {plural(added, what)} added to{' '}
          <Link to="/review/$queue" params={{ queue: name }} className="link">
            {name}
          </Link>
          {present > 0 && `, ${present} there already`}
        </span>,
      );
      onAdded?.();
      onClose();
      for (const key of [['review-queues'], ['review-queue', name]])
        await queryClient.invalidateQueries({ queryKey: key });
    },
  });
  return (
    <Dialog title="Add to a review queue" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        {queues?.length === 0 ? (
          <p>
            There is no queue for this yet.{' '}
            <Link to="/review" search={{ open: 'new' }} className="link underline">
              Make one
            </Link>
            , and come back.
          </p>
        ) : (
          <Field label="Queue" hint="What is in it already is not added again.">
            {(id) => (
              <select id={id} className="field" value={name} onChange={(event) => setChosen(event.target.value)}>
                {queues?.map((queue) => (
                  <option key={queue.id}>{queue.name}</option>
                ))}
              </select>
            )}
          </Field>
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
            Add
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
