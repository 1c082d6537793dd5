import type { RailReading, ReleaseObservation, ReleaseRail } from '../../records/index.ts';

const within = (value: number) => Math.min(1, Math.max(0, value));
const goodWhen = (good: boolean) => (good ? 1 : 0);

/** What an observation says of a rail, in [0, 1], more is better; null: nothing. */
export function railValue(rail: ReleaseRail, seen: ReleaseObservation): number | null {
  if (seen.kind === 'pair') return null;
  if (seen.kind === 'score') {
    if (rail.kind !== 'quality' || rail.score !== seen.name || !Number.isFinite(seen.value)) return null;
    return within((seen.value - rail.low) / (rail.high - rail.low));
  }
  switch (rail.kind) {
    case 'quality':
      return null;
    case 'latency':
      // How long a failure takes says nothing of answers; that it failed is another rail's.
      return seen.failed || seen.latencyNs === null ? null : goodWhen(seen.latencyNs <= BigInt(rail.slowNs));
    case 'cost':
      return seen.failed || seen.costNanoUsd === null
        ? null
        : 1 - within(Number(seen.costNanoUsd) / Number(rail.capNanoUsd));
    case 'errors':
      return goodWhen(!seen.failed);
    case 'refusals':
      return seen.failed ? null : goodWhen(!seen.refused);
  }
}

/** How a value of a rail is said: as `from + per · value`. */
type Scale = Pick<RailReading, 'unit' | 'better'> & { from: number; per: number };

/** In the words of what is watched, of which less may be better. */
export function railScale(rail: ReleaseRail): Scale {
  if (rail.kind === 'quality') {
    const { low, high } = rail;
    return { unit: low === 0 && high === 1 ? 'share' : 'score', better: 'higher', from: low, per: high - low };
  }
  const per = rail.kind === 'cost' ? Number(rail.capNanoUsd) : 1;
  return { unit: rail.kind === 'cost' ? 'nano_usd' : 'share', better: 'lower', from: per, per: -per };
}
