import type { NamedScoring, SpanChoice } from './scoring.ts';

export const onlineTargets = ['traces', 'spans', 'sessions', 'follow_ups'] as const;
/**
 * What is scored as it comes. `sessions`: when they have been quiet for a while; `follow_ups`: whether the same user or
 * session asked the same, or nearly the same, again soon after.
 */
export type OnlineTarget = (typeof onlineTargets)[number];

/** Names of the scores that follow-ups give; `settled`: neither of the others, so that more is better. */
export const followUpScores = ['regenerated', 'rephrased', 'settled'] as const;

/** Stands on every call that judges anything, so that nothing that judges is judged. */
export const judgeTag = 'judge';

export type OnlineDefinition = {
  of: OnlineTarget;
  /** Which traces, in the filter language, without a time and without scores. */
  q: string;
  /** Of `spans`: which of them; null: any. */
  span: SpanChoice;
  /** Of `follow_ups` none: what they score is theirs. */
  scorers: NamedScoring[];
  /** Share of those that fit, by a hash of the trace, or of the session. */
  sample: number;
  /** Decimal nano-dollars of judges a day of UTC; null: no limit. */
  budgetNanoUsd: string | null;
  /** Of `sessions`: so long nothing came. Of `follow_ups`: so long one is waited for. */
  waitSeconds: number;
};

/** A place among what arrives, by the clock of the store: the time at which it is looked at, and its id. */
export type OnlinePlace = { ms: number; id: string };

/** Decimal nano-dollars, and counts. */
export type OnlineCounts = {
  /** Traces, spans or sessions that were looked at. */
  looked: number;
  scored: number;
  /** Scores that were there already. */
  kept: number;
  /** Scores that could not be given, and are not tried again. */
  failed: number;
  /** Not scored because the budget of the day was spent. */
  skipped: number;
  costNanoUsd: string;
  /** Calls of judges of which no price is known, so that the budget does not hold them. */
  unpriced: number;
};

export type OnlineProblem = { target: string; scorer: string; error: string; at: string };

/** One that could not be scored, and is tried again. */
export type OnlineRetry = { target: string; attempts: number; dueMs: number };

/** How far it is, and what it found. */
export type OnlineLook = {
  place: OnlinePlace;
  /** The last look, by the server's clock; null: none yet. */
  at: string | null;
  lastScoreAt: string | null;
  /** Day of UTC that `today` counts. */
  day: string;
  today: OnlineCounts;
  total: OnlineCounts;
  /** Since when no judge answers; what arrives waits meanwhile. null: they do. */
  failingSince: string | null;
  /** Looks in a row that failed. */
  failures: number;
  /** Why the last look failed; null: it did not. */
  problem: string | null;
  /** Some of what could not be scored, the newest first. */
  problems: OnlineProblem[];
  retries: OnlineRetry[];
};

/** Scores of which some were drawn for people to label: those of that scorer, given between the two. */
export type OnlineDraw = { scorer: string; queue: string; since: string; until: string };

/** Scores what arrives, as it arrives. */
export type OnlineEvaluation = OnlineDefinition & {
  id: string;
  name: string;
  /** Grows with each change. */
  version: number;
  isPaused: boolean;
  look: OnlineLook;
  /** null: nothing was drawn yet. */
  draw: OnlineDraw | null;
  createdBy: string;
  createdAt: string;
};

const nothingCounted: OnlineCounts = {
  ...{ looked: 0, scored: 0, kept: 0, failed: 0, skipped: 0, costNanoUsd: '0', unpriced: 0 },
};

/** From that time of the store on. */
export const firstOnlineLook = (ms: number): OnlineLook => ({
  ...{ place: { ms, id: '' }, at: null, lastScoreAt: null, day: new Date(ms).toISOString().slice(0, 10) },
  ...{ today: { ...nothingCounted }, total: { ...nothingCounted } },
  ...{ failingSince: null, failures: 0, problem: null, problems: [], retries: [] },
});

export const addCounts = (a: OnlineCounts, b: Partial<OnlineCounts>): OnlineCounts => ({
  looked: a.looked + (b.looked ?? 0),
  scored: a.scored + (b.scored ?? 0),
  kept: a.kept + (b.kept ?? 0),
  failed: a.failed + (b.failed ?? 0),
  skipped: a.skipped + (b.skipped ?? 0),
  costNanoUsd: String(BigInt(a.costNanoUsd) + BigInt(b.costNanoUsd ?? '0')),
  unpriced: a.unpriced + (b.unpriced ?? 0),
});

/** With the counts of another day begun when it is one. */
export function onDay(look: OnlineLook, nowMs: number): OnlineLook {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return day === look.day ? look : { ...look, day, today: { ...nothingCounted } };
}

/** Whether the judges of the day have cost what they may. */
export const isSpent = ({ budgetNanoUsd }: Pick<OnlineDefinition, 'budgetNanoUsd'>, { today }: OnlineLook): boolean =>
  budgetNanoUsd !== null && BigInt(today.costNanoUsd) >= BigInt(budgetNanoUsd);
