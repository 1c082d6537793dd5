import type { Caller } from './actor.ts';
import type { ProjectId } from './ids.ts';
import type { JsonObject } from './json.ts';

export const releaseStates = ['running', 'promoted', 'rolled_back', 'stopped'] as const;
/** `stopped`: somebody moved the alias while it ran. */
export type ReleaseState = (typeof releaseStates)[number];

/** Whose calls stay with one version. Of a call that names neither user nor session each stands for itself. */
export const stickyKinds = ['user', 'session', 'request'] as const;
export type StickyKind = (typeof stickyKinds)[number];

export const verdicts = ['not_enough_data', 'hold', 'promote', 'roll_back'] as const;
export type ReleaseVerdictKind = (typeof verdicts)[number];

/**
 * What must not become worse, as a number in [0, 1] of a call or a score, where more is better. `effect`: the smallest loss
 * that matters.
 */
export type ReleaseRail = { name: string; effect: number } & (
  | { kind: 'quality'; score: string; low: number; high: number }
  /** The share of calls that are no slower than this, in decimal nanoseconds. */
  | { kind: 'latency'; slowNs: string }
  /** What calls cost, as a part of this, in decimal nano-dollars; more counts as much. */
  | { kind: 'cost'; capNanoUsd: string }
  /** The share of calls that do not fail, or are not refused. */
  | { kind: 'errors' | 'refusals' }
);

/** From so many calls, users or sessions of the candidate on, it has this share of the traffic. */
export type ReleaseStep = { share: number; after: number };

/** How often a release is rolled back that loses nothing, and promoted that loses an `effect` or more. */
export type ReleaseRisks = { falseRollback: number; missedRegression: number };

/**
 * The candidate answers nobody: it is asked the same beside the version that answers. `budgetNanoUsd`: what that may cost
 * in all, in decimal nano-dollars; null: as much as the project may spend. `outside`: also where it asks more than models.
 */
export type ReleaseShadow = { budgetNanoUsd: string | null; outside: boolean };

/** Between which shares the traffic of the candidate moves by how it does. */
export type ReleaseAllocation = { floor: number; ceiling: number };

/** What is wrong with a share that moves: it begins between its ends, and has no steps. null: nothing. */
export function allocationProblem(
  { floor, ceiling }: ReleaseAllocation,
  { share, hasSteps, listens }: { share: number; hasSteps: boolean; listens: boolean },
): string | null {
  if (hasSteps || listens)
    return 'A share moves by how the candidate does, or by steps; none of a release that only listens.';
  if (floor < ceiling && share >= floor && share <= ceiling) return null;
  return `It begins at ${share}, which has to lie between ${floor} and ${ceiling}.`;
}

/** Calls that were to be copied, answers of the candidate to them, and what these cost in decimal nano-dollars. */
export type ReleaseCopies = { drawn: number; answered: number; costNanoUsd: string };

export type ReleasePlan = {
  /** null: the candidate answers its share of the calls. Else the share is of calls that are copied to it. */
  shadow: ReleaseShadow | null;
  sticky: StickyKind;
  steps: ReleaseStep[];
  /** null: the share is that of the steps. */
  allocation: ReleaseAllocation | null;
  rails: ReleaseRail[];
  risks: ReleaseRisks;
  /** Fewer values of the candidate are never enough for a promotion. */
  minimum: number;
  /** Whether the verdict `promote` promotes; else it says that somebody may. */
  promotesItself: boolean;
  /** The dataset whose draft gets the calls that failed, when it is rolled back; null: none. */
  examples: { dataset: string } | null;
};

/** What became of the calls that failed, after a rollback. */
export type ReleaseDrafts = {
  dataset: string;
  /** Rows that are in its draft by it. */
  rows: number;
  /** What did not become one, and why, the first few. */
  refused: string[];
  at: string;
};

type Seen = { count: number /** null: nothing was seen. */; mean: number | null };

/**
 * How a rail stands, in the words of what it watches: the mean score, the share of calls that are slow, fail or are refused,
 * or what a call costs in nano-dollars. `broken`: worse, beyond chance; `held`: worse by less than `effect`, or better,
 * beyond chance.
 */
export type RailReading = {
  name: string;
  kind: ReleaseRail['kind'];
  state: 'too_few' | 'open' | 'held' | 'broken';
  unit: 'share' | 'score' | 'nano_usd';
  better: 'higher' | 'lower';
  incumbent: Seen;
  candidate: Seen;
  /** Candidate less incumbent; null: one of them has no value. */
  difference: number | null;
  /** Of the difference, at whatever time one looks; null: nothing is ruled out on that side. */
  interval: { low: number | null; high: number | null };
  /** The smallest loss that matters, above 0. */
  effect: number;
};

export type ReleaseVerdict = {
  verdict: ReleaseVerdictKind;
  /** Why, in a sentence. */
  sentence: string;
  rails: RailReading[];
};

/** A version on its way to an alias: it answers a share of the calls. Times are ISO 8601. */
export type Release = ReleasePlan & {
  id: string;
  model: string;
  alias: string;
  incumbent: number;
  candidate: number;
  state: ReleaseState;
  /** Of the traffic, that the candidate has now. */
  share: number;
  /** What verdicts go by; read and written by `core/watch` alone. */
  evidence: JsonObject;
  /** The newest; null: nothing was looked at yet. */
  verdict: ReleaseVerdict | null;
  /** Telemetry that arrived until then was looked at. */
  seenUntil: string;
  /** Grows with each change. */
  revision: number;
  message: string;
  startedBy: string;
  startedAt: string;
  endedBy: string | null;
  endedAt: string | null;
  /** Why it ended. */
  reason: string | null;
  /** null: it was not rolled back, names no dataset, or they are on their way. */
  drafts: ReleaseDrafts | null;
};

/** What a call or a score said of one version; each of one user, session or request once. */
type OneObservation =
  | {
      kind: 'call';
      arm: 'incumbent' | 'candidate';
      latencyNs: bigint | null;
      costNanoUsd: bigint | null;
      failed: boolean;
      refused: boolean;
    }
  | { kind: 'score'; arm: 'incumbent' | 'candidate'; name: string; value: number };

/** `pair`: what both versions made of the same call. */
export type ReleaseObservation =
  | OneObservation
  | { kind: 'pair'; incumbent: OneObservation; candidate: OneObservation };

/** Something that became of it. */
export type ReleaseEvent = {
  id: string;
  at: string;
  by: string;
  kind: 'started' | 'verdict' | 'share' | 'promoted' | 'rolled_back' | 'stopped' | 'examples';
  detail: JsonObject;
};

/** What the gateway needs of one that runs. */
export type ReleaseSplit = {
  id: string;
  candidate: number;
  share: number;
  sticky: StickyKind;
  /** What it is until every server knows `share`, in milliseconds since 1970, so that two of them do not disagree. */
  before?: { share: number; untilMs: number };
  /** The candidate answers nobody; `share` is of the calls that it is asked as well. */
  isShadow?: true;
};

/** Whose calls copies are: nobody's budget or limit but the project's. */
export const copier = (project: ProjectId, release: string): Caller => ({
  ...{ project, actor: `release ${release}`, role: 'editor', key: null, person: null, team: null },
});

/** Of a copy of a call: the release, and the trace and span of the call, as the run and the example of an evaluation. */
export const copyRun = (release: string, { traceId, spanId }: { traceId: string; spanId: string }) => ({
  ...{ runId: release, exampleId: `${traceId}-${spanId}`, repetition: 0 },
});
export const isCopyRun = (runId: string | null): boolean => runId?.startsWith('rel_') ?? false;

/** How the status of a copy reads that ended with its server. */
export const copyStopped = 'The copy ended with its server.';
/** Tag of the traces that copies make. */
export const copyTag = 'shadow';
