import type { ReactNode } from 'react';
import { Dialog, DialogActions } from './dialog.tsx';
import { ErrorText } from './request-state.tsx';

/** Asks before long work goes on that was stopped: what is said of it and may be changed are its children. */
export function ResumeDialog({
  children,
  error,
  isReady,
  onClose,
  onResume,
}: {
  children: ReactNode;
  error: Error | null;
  /** Whether it may be asked for now. */
  isReady: boolean;
  onClose: () => void;
  onResume: () => void;
}) {
  return (
    <Dialog title="Resume" onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) onResume();
        }}
      >
        {children}
        {error && <ErrorText error={error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={!isReady}>
            Resume
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
