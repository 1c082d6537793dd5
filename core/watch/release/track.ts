import type { RailReading, ReleaseVerdict } from '../../records/index.ts';
import type { Arm } from '../../stats/index.ts';

/** How every rail stood at a look, in their order. */
type TrackPoint = {
  /** ISO 8601: what had arrived until then. */
  at: string;
  calls: Record<Arm, number>;
  rails: (Pick<RailReading, 'difference' | 'interval'> & {
    /** Values of the candidate. */
    count: number;
  })[];
};

/** Some of the looks, evenly by how much had been seen, and the newest. */
export type Track = {
  /** Of `calls` and values between two that are kept. */
  every: number;
  points: TrackPoint[];
};

const noTrack: Track = { every: 1, points: [] };

/** Enough for a line; with more, every other one goes. */
const mostPoints = 60;

const amount = ({ calls, rails }: TrackPoint) => calls.a + calls.b + rails.reduce((sum, { count }) => sum + count, 0);

/** With one look more; a look at which nothing was new is none. */
function withPoint({ every, points }: Track, point: TrackPoint): Track {
  const [before, last] = [points.at(-2), points.at(-1)];
  if (last !== undefined && amount(point) === amount(last)) return { every, points };
  // The newest one stands for itself until it is far enough from the one that is kept.
  const isClose = before !== undefined && last !== undefined && amount(last) - amount(before) < every;
  const next = [...(isClose ? points.slice(0, -1) : points), point];
  if (next.length <= mostPoints) return { every, points: next };
  return { every: every * 2, points: next.filter((_, i) => i % 2 === 0 || i === next.length - 1) };
}

type Remembering = { calls: Record<Arm, number>; track?: Track };

/** The same evidence, which remembers how it was judged at that time. */
export function rememberLook<Kept extends Remembering>(
  evidence: Kept,
  { rails }: Pick<ReleaseVerdict, 'rails'>,
  at: string,
): Kept {
  const point = {
    ...{ at, calls: { ...evidence.calls } },
    rails: rails.map(({ candidate: { count }, difference, interval }) => ({ count, difference, interval })),
  };
  return { ...evidence, track: withPoint(evidence.track ?? noTrack, point) };
}

/** How it stood at looks, oldest first, the newest among them. */
export const trackOf = ({ track }: Pick<Remembering, 'track'>): TrackPoint[] => track?.points ?? [];
