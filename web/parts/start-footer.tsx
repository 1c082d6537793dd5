import type { ReactNode } from 'react';
import { DialogActions } from './dialog.tsx';
import { ErrorText } from './request-state.tsx';

type StartFooterProps = {
  /** What it would come to. */
  estimate: ReactNode;
  start: { error: Error | null; isPending: boolean };
  isReady: boolean;
  label?: string;
  onClose: () => void;
};

/** The end of a long form that starts a job; it stays in sight while the form scrolls. */
export function StartFooter({ estimate, start, isReady, label = 'Start', onClose }: StartFooterProps) {
  return (
    <div className="sticky -bottom-4 z-10 -mx-4 -mb-4 border-t border-line bg-raised p-4">
      {estimate}
      {start.error && <ErrorText error={start.error} />}
      <DialogActions>
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="btn btn-primary" disabled={start.isPending || !isReady}>
          {start.isPending ? 'Starting …' : label}
        </button>
      </DialogActions>
    </div>
  );
}
