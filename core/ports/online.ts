import type {
  Actor,
  OnlineDefinition,
  OnlineDraw,
  OnlineEvaluation,
  OnlineLook,
  OnlinePlace,
  OnlineTarget,
  ProjectId,
  TraceId,
} from '../records/index.ts';

/** One that is due, held by the caller until it says how far it is, or until `heldUntilMs`. */
export type DueOnline = { project: ProjectId; online: OnlineEvaluation; heldUntilMs: number };

/** Online evaluations. A change takes its actor and is written with its audit entry. Times are whole milliseconds. */
export type OnlineStore = {
  /**
   * Replaces one of that name, which goes on at the place where it is.
   * @param online.startMs where a new one begins, by the clock of telemetry
   */
  set(
    by: Actor,
    online: { id: string; name: string; definition: OnlineDefinition; startMs: number },
  ): Promise<OnlineEvaluation>;
  get(project: ProjectId, name: string): Promise<OnlineEvaluation | null>;
  /** Newest first, below `before` (an id) when given. */
  list(project: ProjectId, page: { limit: number; before?: string }): Promise<OnlineEvaluation[]>;
  /** Whether it was there. Its scores stay. */
  remove(by: Actor, name: string): Promise<boolean>;
  /**
   * One that goes on goes on from `fromMs`, by the clock of telemetry: what came meanwhile is left out.
   * null: there is none.
   */
  pause(by: Actor, name: string, change: { isPaused: boolean; fromMs: number }): Promise<OnlineEvaluation | null>;
  /** null: there is none. */
  setDraw(by: Actor, name: string, draw: OnlineDraw): Promise<OnlineEvaluation | null>;
  /** Those that are due and not paused, of all projects, the longest waiting first; nobody else gets them for `holdMs`. */
  claim(nowMs: number, options: { holdMs: number; limit: number }): Promise<DueOnline[]>;
  /** Holds it for longer; null: it was changed, removed, or given to somebody else meanwhile. */
  hold(due: DueOnline, untilMs: number): Promise<DueOnline | null>;
  /** false, and nothing is written, when it was changed, removed, or given to somebody else meanwhile. */
  record(due: DueOnline, result: { look: OnlineLook; dueMs: number }): Promise<boolean>;
};

export type ArrivedAsk = {
  of: Exclude<OnlineTarget, 'spans'>;
  /** Behind this place. */
  after: OnlinePlace;
  /** Up to this time. */
  untilMs: number;
  /** So long after the last fragment a session is quiet, or a follow-up is waited for no more. */
  waitMs: number;
  limit: number;
};

/** What telemetry knows of what arrives. Times are those of its clock, which that of releases tells. */
export type OnlineTelemetry = {
  /**
   * Traces and sessions in the order in which they can be looked at, which is when their last fragment came, or later: a
   * trace without a root is waited for. What began more than a day before it came is left out: that is history.
   */
  arrived(project: ProjectId, ask: ArrivedAsk): Promise<OnlinePlace[]>;
  /** Numbers that a scorer gave to traces in that time under a name, the newest first. */
  scored(
    project: ProjectId,
    ask: { name: string; label: string; sinceMs: number; untilMs: number; limit: number },
  ): Promise<{ traceId: TraceId; value: number }[]>;
};

/** What people say of traces, in review queues. */
export type LabelDesk = {
  /**
   * What was said of each, from 0 to 1. null: there is no such queue.
   * @throws WheelhouseError `invalid_request` when no field of its form can be compared with a scorer
   */
  read(
    project: ProjectId,
    queue: string,
    field: string | undefined,
  ): Promise<{ field: string; queued: Set<TraceId>; said: Map<TraceId, number> } | null>;
  /** Makes the queue where there is none; how many are new in it. */
  add(
    by: Actor,
    queue: { name: string; instructions: string },
    items: readonly { traceId: TraceId; reason: string; probability: number }[],
  ): Promise<number>;
};
