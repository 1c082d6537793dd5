import type { CancelSignal } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';

const firstPauseMs = 50;
const longestPauseMs = 1_000;

function pause(ms: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

const isAway = (error: unknown) => error instanceof WheelhouseError && error.code === 'store_unavailable';

/** Tries again while the store is away, until the signal is aborted; then it rejects with the signal's reason. */
async function whileAway<T>(action: () => Promise<T>, signal: CancelSignal): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await action();
    } catch (error) {
      if (!isAway(error)) throw error;
      await pause(Math.min(firstPauseMs * 2 ** failures, longestPauseMs), signal);
    }
  }
}

/**
 * The same store, whose methods wait while it is away, so that a database that restarts costs a run no answer. An
 * action that was done without our hearing of it is done twice: for stores that bear that.
 */
export function patient<Store extends object>(store: Store, signal: CancelSignal): Store {
  const members = Object.entries(store).map(([name, member]) => [
    name,
    typeof member === 'function' ? (...args: unknown[]) => whileAway(async () => member(...args), signal) : member,
  ]);
  return Object.fromEntries(members);
}
