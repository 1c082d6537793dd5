import { repeat } from './repeat.ts';

export type ChangePolling = {
  /** Grows with each change by any replica. */
  counter(): Promise<bigint>;
  /** Reads again what changed. */
  refresh(): Promise<unknown>;
  everyMs: number;
  onError(error: unknown): void;
};

/** Notices what other replicas change. Returns the function that ends it. */
export function pollChanges({ counter, refresh, everyMs, onError }: ChangePolling): () => Promise<void> {
  let seen: bigint | null = null;
  async function poll(): Promise<void> {
    const now = await counter();
    // Read before the refresh, so that a change during it is noticed by the next look.
    if (now !== seen) await refresh();
    seen = now;
  }
  return repeat(poll, { everyMs, onError }).stop;
}
