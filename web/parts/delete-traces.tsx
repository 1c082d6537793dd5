import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { DeletionBody } from '@wheelhouse/sdk';
import { useData } from '../data/data-context.tsx';
import { plural } from '../data/format.ts';
import { dropTraces } from '../data/live-cache.ts';
import { Dialog, DialogActions } from './dialog.tsx';
import { ErrorText } from './request-state.tsx';
import { useToast } from './toast.tsx';

export type Subject = { traces: string[] } | { session: string } | { user: string };

const lookAgainMs = 400;

const titleOf = (subject: Subject) =>
  'traces' in subject
    ? `Delete ${plural(subject.traces.length, 'trace')}?`
    : 'session' in subject
      ? 'Delete this session?'
      : 'Delete all of this user?';

type DeleteTracesProps = { subject: Subject; onClose: () => void; onDeleted?: () => void };

/** Asks once, then deletes for good and waits until it is done. */
export function DeleteTraces({ subject, onClose, onDeleted }: DeleteTracesProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: async () => {
      const asked =
        'traces' in subject
          ? await Promise.all(subject.traces.map((traceId) => client.call('deleteTrace', { params: { traceId } })))
          : [await client.call('createDeletion', { body: subject })];
      let open: DeletionBody[] = asked;
      let removed = 0;
      while (open.length > 0) {
        const failed = open.find((one) => one.status === 'failed');
        if (failed) throw new Error(failed.error ?? 'The deletion failed.');
        removed += open.reduce((sum, one) => sum + (one.status === 'completed' ? (one.traces ?? 0) : 0), 0);
        open = open.filter((one) => one.status === 'queued');
        if (open.length === 0) break;
        await new Promise((done) => setTimeout(done, lookAgainMs));
        open = await Promise.all(open.map(({ id }) => client.call('getDeletion', { params: { deletionId: id } })));
      }
      return removed;
    },
    onSuccess: (removed) => {
      toast(`✓ ${plural(removed, 'trace')} deleted`);
      if ('traces' in subject) dropTraces(queryClient, subject.traces);
      onDeleted?.();
      onClose();
      for (const queryKey of [['traces'], ['sessions'], ['users'], ['facets'], ['series']])
        void queryClient.invalidateQueries({ queryKey });
    },
  });
  return (
    <Dialog title={titleOf(subject)} onClose={onClose}>
      <p>
        Spans, what was said in them, and scores are removed for good; so are texts that nothing else refers to.
        Examples of datasets that were made of them lose their content, in frozen versions too; their places stay.
      </p>
      {'session' in subject && <p className="mono mt-2 break-all text-text-2">{subject.session}</p>}
      {'user' in subject && <p className="mono mt-2 break-all text-text-2">{subject.user}</p>}
      {remove.error && (
        <div className="mt-3">
          <ErrorText error={remove.error} />
        </div>
      )}
      <DialogActions>
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="btn btn-danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {remove.isPending ? 'Deleting …' : 'Delete for good'}
        </button>
      </DialogActions>
    </Dialog>
  );
}
