/** Tries that may fail one after another, and how long one of them counts. */
const perAccount = 10;
const perAddress = 50;
const windowMs = 15 * 60_000;
/** Names come from outside; beyond so many, those of the longest ago are forgotten. */
const most = 10_000;

export type Attempts = {
  /** Milliseconds until another try is taken; 0: now. It counts as failed until `succeeded` says otherwise. */
  begin(account: string, address: string, nowMs: number): number;
  succeeded(account: string, address: string): void;
};

/**
 * Slows guessing down, by account and by address; both count failures of the last quarter of an hour. An account is what
 * was typed, whether there is one or not, so that being slowed down tells nothing.
 */
export function createAttempts(): Attempts {
  const failures = new Map<string, number[]>();

  function recent(name: string, nowMs: number): number[] {
    return (failures.get(name) ?? []).filter((at) => at > nowMs - windowMs);
  }
  function waitOf(name: string, limit: number, nowMs: number): number {
    const times = recent(name, nowMs);
    const oldest = times.at(-limit);
    return oldest === undefined ? 0 : oldest + windowMs - nowMs;
  }
  function note(name: string, nowMs: number): void {
    const times = [...recent(name, nowMs), nowMs];
    failures.delete(name);
    failures.set(name, times);
    for (const first of failures.keys()) {
      if (failures.size <= most) break;
      failures.delete(first);
    }
  }

  return {
    begin(account, address, nowMs) {
      const wait = Math.max(
        waitOf(`account ${account}`, perAccount, nowMs),
        waitOf(`address ${address}`, perAddress, nowMs),
      );
      if (wait > 0) return wait;
      note(`account ${account}`, nowMs);
      note(`address ${address}`, nowMs);
      return 0;
    },
    succeeded(account, address) {
      failures.delete(`account ${account}`);
      failures.get(`address ${address}`)?.pop();
    },
  };
}
