import { createContext, type ReactNode, use, useCallback, useRef, useState } from 'react';

const ToastContext = createContext<((message: ReactNode) => void) | null>(null);

const shownMs = 5000;

/** One short sentence at a time, read out politely: what just happened. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState<ReactNode>(null);
  const timer = useRef<number>(undefined);
  const show = useCallback((next: ReactNode) => {
    clearTimeout(timer.current);
    setMessage(next);
    timer.current = window.setTimeout(() => setMessage(null), shownMs);
  }, []);
  return (
    <ToastContext value={show}>
      {children}
      <div role="status" className="pointer-events-none fixed inset-x-0 bottom-10 z-50 flex justify-center px-4">
        {message !== null && (
          <div className="pointer-events-auto rounded-2 border border-line bg-raised px-3 py-2 shadow-[var(--shadow)]">
            {message}
          </div>
        )}
      </div>
    </ToastContext>
  );
}

export function useToast(): (message: ReactNode) => void {
  const show = use(ToastContext);
  if (show === null) throw new Error('A toast was shown outside ToastProvider.');
  return show;
}
