import type { AttemptFailure } from './plan.ts';

/** A key that is not taken at the moment. */
export type KeyState = {
  kind: 'rateLimited' | 'auth' | 'quota';
  /** Of the latest refusal. */
  sinceMs: number;
  untilMs: number;
  /** How long it is left alone where the vendor does not say; the next refusal doubles it. */
  forMs: number;
  reason: string;
};

const cooling = { firstMs: 1_000, longestMs: 60_000 };
const refused = { firstMs: 60_000, longestMs: 600_000 };

/** The key's state after it was refused once more, by a call that began at `startMs`. */
export function refuseKey(
  before: KeyState | undefined,
  failure: AttemptFailure,
  { startMs, nowMs }: { startMs: number; nowMs: number },
): KeyState {
  const kind = failure.kind === 'auth' || failure.kind === 'quota' ? failure.kind : 'rateLimited';
  const { firstMs, longestMs } = kind === 'rateLimited' ? cooling : refused;
  const asked = kind === 'rateLimited' ? failure.retryAfterMs : null;
  const reason = failure.message;
  if (before?.kind !== kind)
    return { kind, sinceMs: nowMs, untilMs: nowMs + (asked ?? firstMs), forMs: firstMs, reason };
  // Calls that ran at the same time are refused together: that is one refusal.
  const again = startMs >= before.sinceMs;
  const forMs = again ? Math.min(before.forMs * 2, longestMs) : before.forMs;
  const untilMs = again ? nowMs + (asked ?? forMs) : Math.max(before.untilMs, nowMs + (asked ?? 0));
  return { kind, sinceMs: again ? nowMs : before.sinceMs, untilMs, forMs, reason };
}

export const isRefused = (state: KeyState | undefined): boolean => state !== undefined && state.kind !== 'rateLimited';

/** 0: usable; otherwise when it is. */
export const usableAt = (state: KeyState | undefined, nowMs: number): number =>
  state === undefined || state.untilMs <= nowMs ? 0 : state.untilMs;
