export type BreakerSettings = {
  /** Attempts within the window before the share of failures means anything. */
  minAttempts: number;
  /** From this share of failures on, the target takes no calls. */
  failureShare: number;
  windowMs: number;
  /** How long it is left alone at first; each probe that fails doubles it, up to the longest. */
  openMs: number;
  longestOpenMs: number;
};

export const defaultBreaker: BreakerSettings = {
  minAttempts: 10,
  failureShare: 0.5,
  windowMs: 30_000,
  openMs: 1_000,
  longestOpenMs: 30_000,
};

/**
 * One target's circuit: closed, or open until a time after which one probe at a time may pass. Outcomes are counted in
 * two halves of the window, so that what is judged is never older than the window.
 */
export type Breaker = {
  open: boolean;
  openForMs: number;
  reopenAtMs: number;
  /** A probe runs, and is believed lost after this time; 0: none runs. */
  probeUntilMs: number;
  halfStartMs: number;
  good: number;
  bad: number;
  goodBefore: number;
  badBefore: number;
};

export const newBreaker = (): Breaker => ({
  open: false,
  openForMs: 0,
  reopenAtMs: 0,
  probeUntilMs: 0,
  halfStartMs: 0,
  good: 0,
  bad: 0,
  goodBefore: 0,
  badBefore: 0,
});

function turn(b: Breaker, settings: BreakerSettings, nowMs: number): void {
  const halfMs = settings.windowMs / 2;
  if (nowMs < b.halfStartMs + halfMs) return;
  const startMs = nowMs - (nowMs % halfMs);
  const recent = startMs === b.halfStartMs + halfMs;
  b.goodBefore = recent ? b.good : 0;
  b.badBefore = recent ? b.bad : 0;
  b.good = 0;
  b.bad = 0;
  b.halfStartMs = startMs;
}

/** Attempts that ended within the window, and how many of them badly. */
export function outcomes(b: Breaker, settings: BreakerSettings, nowMs: number): { attempts: number; bad: number } {
  turn(b, settings, nowMs);
  const bad = b.bad + b.badBefore;
  return { attempts: b.good + b.goodBefore + bad, bad };
}

/** Whether a call may go to the target now. */
export function lets(b: Breaker, nowMs: number): boolean {
  return !b.open || (nowMs >= b.reopenAtMs && nowMs >= b.probeUntilMs);
}

/** Counts an attempt that ended; says whether the circuit opened by it. */
export function count(b: Breaker, well: boolean, settings: BreakerSettings, nowMs: number): boolean {
  turn(b, settings, nowMs);
  if (well) {
    b.good += 1;
    return false;
  }
  b.bad += 1;
  if (b.open) return false;
  const bad = b.bad + b.badBefore;
  const attempts = b.good + b.goodBefore + bad;
  if (attempts < settings.minAttempts || bad < attempts * settings.failureShare) return false;
  b.open = true;
  b.openForMs = settings.openMs;
  b.reopenAtMs = nowMs + b.openForMs;
  b.probeUntilMs = 0;
  return true;
}

/** The verdict of a probe: well closes the circuit and forgets, badly leaves it open for twice as long. */
export function judge(b: Breaker, well: boolean, settings: BreakerSettings, nowMs: number): void {
  if (well) {
    Object.assign(b, newBreaker(), { halfStartMs: b.halfStartMs });
    return;
  }
  b.probeUntilMs = 0;
  b.openForMs = Math.min(b.openForMs * 2, settings.longestOpenMs);
  b.reopenAtMs = nowMs + b.openForMs;
}
