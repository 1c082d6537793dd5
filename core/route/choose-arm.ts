import type { Alias, ReleaseSplit } from '../records/index.ts';
import { murmur } from './choose.ts';

/**
 * Whose call it is, and when. `draw`: tells this request from others; asked for at most once, where nothing else tells them
 * apart.
 */
export type ArmCaller = {
  user: string | null;
  session: string | null;
  draw(): string;
  /** Milliseconds since 1970. */
  nowMs(): number;
};

/** Which version answers by a release, and what stands for the caller in it. */
export type ArmChoice = {
  release: string;
  arm: 'incumbent' | 'candidate';
  unit: string;
  /** Of a release that only listens: the version that is asked the same afterwards; null: it is not asked this. */
  copyTo?: number | null;
};

function unitOf({ sticky }: ReleaseSplit, { user, session, draw }: Omit<ArmCaller, 'nowMs'>): string {
  if (sticky === 'request') return draw();
  return (sticky === 'user' ? (user ?? session) : session) ?? draw();
}

const shareNow = ({ share, before }: ReleaseSplit, nowMs: () => number) =>
  before !== undefined && nowMs() < before.untilMs ? before.share : share;

/**
 * The arm of a caller by an alias's release: by a hash, so that every server chooses alike, and whoever had the candidate
 * keeps it while its share grows. null: there is no release.
 */
export function chooseArm({ release }: Alias, caller: ArmCaller): ArmChoice | null {
  if (release === undefined) return null;
  // Which calls are copied has nothing to do with who calls: of each the first counts that was.
  const unit = release.isShadow ? caller.draw() : unitOf(release, caller);
  const place = (murmur(unit, murmur(release.id, 0)) + 0.5) / 2 ** 32;
  if (release.isShadow) {
    const copyTo = place < shareNow(release, caller.nowMs) ? release.candidate : null;
    return { release: release.id, arm: 'incumbent', unit, copyTo };
  }
  return { release: release.id, arm: place < shareNow(release, caller.nowMs) ? 'candidate' : 'incumbent', unit };
}
