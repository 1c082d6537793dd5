import type { NanoUsd, Usage, UsageBucket } from '@wheelhouse/core/records';

/** What all the calls of a run took. */
export function createTally() {
  let cost: NanoUsd | null = null;
  const counts: Usage['counts'] = {};
  let source: Usage['source'] | null = null;
  return {
    add(taken: { costNanoUsd: NanoUsd | null; usage: Usage | null }): void {
      if (taken.costNanoUsd !== null) cost = (cost ?? 0n) + taken.costNanoUsd;
      if (taken.usage === null) return;
      for (const [bucket, count] of Object.entries(taken.usage.counts) as [UsageBucket, number][])
        counts[bucket] = (counts[bucket] ?? 0) + count;
      source = source === null || source === taken.usage.source ? taken.usage.source : 'estimated';
    },
    read: (): { costNanoUsd: NanoUsd | null; usage: Usage | null } => ({
      costNanoUsd: cost,
      usage: source === null ? null : { counts, source },
    }),
  };
}

export type Tally = ReturnType<typeof createTally>;
