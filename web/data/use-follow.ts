import { useEffect, useRef } from 'react';
import { useData } from './data-context.tsx';

/** Reads again what traces are counted in, some time after new ones came, and not more often than that. */
export function useFollow(read: () => unknown, afterMs: number): void {
  const { live } = useData();
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    let timer: number | undefined;
    const stop = live.onMessages((messages) => {
      if (timer !== undefined || !messages.some((message) => message.type === 'traces')) return;
      timer = window.setTimeout(() => {
        timer = undefined;
        latest.current();
      }, afterMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [live, afterMs]);
}
