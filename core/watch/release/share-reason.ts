import type { Release, ReleaseVerdict } from '../../records/index.ts';
import type { ShareDecision } from './allocate.ts';
import type { Evidence } from './evidence.ts';

/** Every time that a share which moves was decided, oldest first; nothing of one that stays or has steps. */
export const shareDecisions = ({ allocated }: Evidence): ShareDecision[] => allocated?.decisions ?? [];

/** At so many of the candidate's calls, users or sessions a share that moves is decided again; null: it does not. */
export const decidedNext = ({ allocated }: Evidence): number | null => allocated?.next ?? null;

const counted = (calls: number, sticky: Release['sticky']) => `${calls} ${sticky}${calls === 1 ? '' : 's'}`;
const percent = (share: number) => `${Math.round(share * 1_000) / 10} %`;

/** Why a share is what it is now, in a sentence. */
export function reasonOfShare(
  { candidate, sticky, shadow }: Pick<Release, 'candidate' | 'sticky' | 'shadow'>,
  evidence: Evidence,
  { sentence }: Pick<ReleaseVerdict, 'sentence'>,
): string {
  if (shadow !== null) return sentence;
  const last = shareDecisions(evidence).at(-1);
  const after = `After ${counted(last?.calls ?? evidence.calls.b, sticky)} of version ${candidate}`;
  if (last === undefined) return `${after}.`;
  if (last.rail === null) return `${after}: nothing is watched.`;
  return `${after} it is ${percent(last.chance)} likely that ${last.rail} loses less than half of what matters.`;
}
