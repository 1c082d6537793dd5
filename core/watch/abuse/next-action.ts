import {
  type AbuseDecision,
  type AbuseKind,
  type AbusePolicy,
  type AbuseRung,
  type AbuseUser,
  abuseRungs,
  rungAt,
  rungRank,
} from '../../records/index.ts';
import { type RiskStep, tellingTraces, type UserRisk } from './risk-of.ts';

const minuteMs = 60_000;
/** Who is listed stays so for a week after the last call that spoke against the user. */
const listedMs = 7 * 24 * 60 * minuteMs;
/** Each hold is twice as long as the one before it, up to thirty days; after so long without any it begins anew. */
const mostHoldMs = 30 * 24 * 60 * minuteMs;
/** What is longer over is listed, and nothing else is done: it may be read long after it was done. */
const recentMs = 60 * minuteMs;
const forgottenMs = 30 * 24 * 60 * minuteMs;

export const newAbuseUser = (user: string): AbuseUser => ({
  ...{ user, rung: null, sinceMs: 0, untilMs: null, by: 'wheelhouse', challenge: null, isAllowed: false },
  ...{ freshFromMs: 0, holds: 0, passes: 0, risk: { oneIn: 1, kinds: {} }, lastSeenMs: 0 },
});

const words: Record<AbuseKind, string> = {
  injection: 'attempts to override the instructions',
  extraction: 'attempts to read the instructions',
  probing: 'questions for personal data of others',
  scraping: 'calls that fill in one form',
  farming: 'spending far beyond everybody else',
};

/** What speaks against a user most, in words. */
function reasonOf(steps: readonly RiskStep[]): string {
  const counts = new Map<AbuseKind, number>();
  for (const { speaks } of steps)
    for (const [kind, said] of Object.entries(speaks))
      if (said >= 0.5) counts.set(kind as AbuseKind, (counts.get(kind as AbuseKind) ?? 0) + 1);
  const named = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 2);
  return named.map(([kind, count]) => `${count} × ${words[kind]}`).join(', ');
}

/** How long the n-th hold in a row lasts, counted from 1. */
function holdMsOf(policy: AbusePolicy, rung: AbuseRung, holds: number): number {
  if (rung === 'log') return listedMs;
  return Math.min(mostHoldMs, policy[rung].holdMinutes * minuteMs * 2 ** Math.min(20, holds - 1));
}

/** How much a call has to show for a rung. Who passed a challenge and goes on is blocked where another one would follow. */
const neededFor = (policy: AbusePolicy, rung: AbuseRung, passes: number): number =>
  rung === 'block' && passes > 0 ? Math.min(policy.block.oneIn, policy.challenge.oneIn) : policy[rung].oneIn;

/** The highest rung that a call led to which came after what was done last, and which spoke against the user. */
function reached(
  { policy, nowMs }: { policy: AbusePolicy; nowMs: number },
  { steps, passes }: { steps: readonly RiskStep[]; passes: number },
): AbuseRung | null {
  let highest: AbuseRung | null = null;
  for (const { call, byRung, raised } of steps) {
    if (!raised) continue;
    const actsNow = policy.mode === 'act' && nowMs - call.atMs <= recentMs;
    for (const rung of actsNow ? abuseRungs : (['log'] as const))
      if (byRung[rung] >= neededFor(policy, rung, passes) && rungRank(rung) > rungRank(highest)) highest = rung;
  }
  return highest;
}

/**
 * What follows from the calls of a user. Only a call that spoke against the user begins anything; what is in force is
 * never lessened, and ends by itself. After a challenge and a block what came before counts no more, but each hold is twice as
 * long as the one before it. null: nothing changes.
 * @param was null: nothing was ever said of the user
 * @param newId of a challenge
 */
export function nextAction(
  was: AbuseUser | null,
  risk: UserRisk,
  { policy, nowMs, newId }: { policy: AbusePolicy; nowMs: number; newId: () => string },
): AbuseDecision | null {
  const user = was ?? newAbuseUser(risk.steps[0]?.call.user ?? '');
  const riskNow = { oneIn: risk.oneIn, kinds: risk.kinds };
  const lastSeenMs = Math.max(user.lastSeenMs, risk.steps.at(-1)?.call.atMs ?? 0);
  const inForce = rungAt(user, nowMs);
  // Why a user is held is what was there when that began.
  const isHeld = inForce === 'challenge' || inForce === 'block';
  const seen = { ...user, risk: isHeld ? user.risk : riskNow, lastSeenMs };
  const fresh = risk.steps.filter(({ call }) => call.atMs > Math.max(user.freshFromMs, user.sinceMs));
  const isRecent = user.sinceMs > 0 && nowMs - user.sinceMs < forgottenMs;
  const [holds, passes] = isRecent ? [user.holds, user.passes] : [0, 0];
  const isExempt = user.isAllowed || policy.exemptUsers.includes(user.user);
  const rung = isExempt ? null : reached({ policy, nowMs }, { steps: fresh, passes });
  if (rung === null || rungRank(rung) <= rungRank(inForce)) {
    if (was === null) return null;
    const stays = rung === 'log' && inForce === 'log' && user.by === 'wheelhouse';
    return { user: stays ? { ...seen, untilMs: nowMs + listedMs } : seen, event: null };
  }
  // Whoever climbs on while held is still in the same hold.
  const number = rungRank(inForce) > 0 ? Math.max(1, holds) : holds + 1;
  const untilMs = nowMs + holdMsOf(policy, rung, number);
  const most = Math.max(...fresh.map((step) => step.byRung[rung]));
  const resets = rung === 'challenge' || rung === 'block';
  return {
    user: {
      ...{ ...seen, risk: riskNow, rung, untilMs, by: 'wheelhouse', sinceMs: fresh.at(-1)?.call.atMs ?? nowMs },
      challenge: rung === 'challenge' ? newId() : null,
      freshFromMs: resets ? Math.max(seen.lastSeenMs, user.freshFromMs) : user.freshFromMs,
      holds: rung === 'log' ? holds : number,
      passes,
    },
    event: {
      kind: rung,
      text: `${reasonOf(risk.steps)}: of honest users at most one in ${show(most)} shows this in a month`,
      traces: tellingTraces(risk.steps),
    },
  };
}

/** Two digits are all that such a number is good for. */
const show = (oneIn: number): string => {
  if (oneIn > 1e9) return 'a billion';
  const whole = Math.round(oneIn);
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(whole)) - 1);
  return (Math.round(whole / unit) * unit).toLocaleString('en-US');
};
