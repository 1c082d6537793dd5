import type { CancelSignal, Clock, Timer } from '../ports/index.ts';
import { nanosToMs } from '../records/index.ts';

export type Pace = {
  /** Resolves when one more call may be under way; rejects with the signal's reason. */
  enter(signal: CancelSignal): Promise<void>;
  leave(how: 'answered' | { limited: number | null }): void;
};

/** Asked again so soon where nothing says when; doubled each time, as long as nothing is answered. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;

/**
 * How many calls may be under way: as many as are wanted, fewer when others say that it is too much. Each refusal halves
 * the number and holds everything back for as long as was asked for; each answer brings it up again by one part of
 * itself (additive increase, multiplicative decrease; Chiu & Jain, Computer Networks 17 (1989) 1–14). Refusals of calls that
 * went out before the last halving say nothing new.
 */
export function createPace({ clock, timer }: { clock: Clock; timer: Timer }, most: number): Pace {
  let allowed = most;
  let active = 0;
  let pauses = 0;
  let pausedUntilMs = 0;
  let isWaking = false;
  const waiting = new Set<() => void>();
  const now = () => nanosToMs(clock.now());

  function wake(): void {
    const restMs = pausedUntilMs - now();
    if (restMs > 0) {
      if (isWaking) return;
      isWaking = true;
      timer.after(restMs, () => {
        isWaking = false;
        wake();
      });
      return;
    }
    for (const enter of waiting) {
      if (active >= Math.max(1, Math.floor(allowed))) return;
      waiting.delete(enter);
      active++;
      enter();
    }
  }

  return {
    enter: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const stop = () => {
          waiting.delete(enter);
          reject(signal.reason);
        };
        const enter = () => {
          signal.removeEventListener('abort', stop);
          resolve();
        };
        signal.addEventListener('abort', stop, { once: true });
        waiting.add(enter);
        wake();
      }),
    leave(how) {
      active--;
      if (how === 'answered') {
        pauses = 0;
        allowed = Math.min(most, allowed + 1 / allowed);
      } else {
        const isNew = now() >= pausedUntilMs;
        if (isNew) {
          allowed = Math.max(1, allowed / 2);
          pauses++;
        }
        const pauseMs = how.limited ?? Math.min(longestPauseMs, firstPauseMs * 2 ** (pauses - 1));
        pausedUntilMs = Math.max(pausedUntilMs, now() + pauseMs);
      }
      wake();
    },
  };
}
