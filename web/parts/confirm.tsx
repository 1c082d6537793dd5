import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog, DialogActions } from './dialog.tsx';
import { ErrorText } from './request-state.tsx';
import { useToast } from './toast.tsx';

type ConfirmProps = {
  title: string;
  /** What it means, and what it does not touch. */
  children: ReactNode;
  /** On the button. */
  action: string;
  run: () => Promise<unknown>;
  /** Said when it is done. */
  done: string;
  /** First parts of the keys of what has changed then. */
  changes: readonly string[];
  onClose: () => void;
};

/** Asks once before something ends. */
export function Confirm({ title, children, action, run, done, changes, onClose }: ConfirmProps) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const act = useMutation({
    mutationFn: run,
    onSuccess: async () => {
      toast(`✓ ${done}`);
      onClose();
      await Promise.all(changes.map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
    },
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="break-words">{children}</p>
      {act.error && (
        <div className="mt-3">
          <ErrorText error={act.error} />
        </div>
      )}
      <DialogActions>
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="btn btn-danger" disabled={act.isPending} onClick={() => act.mutate()}>
          {action}
        </button>
      </DialogActions>
    </Dialog>
  );
}
