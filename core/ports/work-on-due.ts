import { wholeMs } from '../records/index.ts';
import type { CancelSignal, Clock } from './world.ts';

type DueWork<Due> = {
  clock: Clock;
  /** Some of what is due at that time and nobody holds, held by the caller from now on. */
  claim(nowMs: number): Promise<Due[]>;
  /** Looks at one, and records what it found. */
  work(due: Due): Promise<unknown>;
  /** Told of work that was cut off; the others are gone on with. What it throws ends it all. */
  failed(due: Due, error: unknown): unknown;
};

/**
 * Does what is due in a store that servers share by holds, one after another, until nothing more is, and for half a hold at
 * most: what waited so long behind others is left to whoever finds its hold over, so that no two servers look at it at once.
 * What becomes due meanwhile waits for the next time.
 */
export async function workOnDue<Due extends { heldUntilMs: number }>(
  { clock, claim, work, failed }: DueWork<Due>,
  stopping: CancelSignal,
): Promise<void> {
  const startMs = wholeMs(clock.now());
  while (!stopping.aborted) {
    const claimed = await claim(startMs);
    if (claimed.length === 0) return;
    for (const due of claimed) {
      if (stopping.aborted || wholeMs(clock.now()) > (startMs + due.heldUntilMs) / 2) return;
      try {
        await work(due);
      } catch (error) {
        await failed(due, error);
      }
    }
  }
}
