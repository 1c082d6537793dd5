import type {
  Actor,
  BadScore,
  BadScoreRule,
  FailingTrace,
  Issue,
  IssueEvent,
  IssueGroup,
  IssueOccurrence,
  IssuePlace,
  IssueResolution,
  IssueSignal,
  IssueState,
  ProjectId,
  SeenScore,
  TraceId,
} from '../records/index.ts';

/** Traces of a project that wait to be looked at, held by the caller until it says how far it came, or for a while. */
export type DueIssues = { project: ProjectId; place: IssuePlace; heldUntilMs: number };

/** What one look led to. Everything of it is written at once, or nothing. */
export type IssueLook = {
  place: IssuePlace;
  dueMs: number;
  groups: IssueGroup[];
  issues: Issue[];
  events: { issueId: string; kind: IssueEvent['kind']; text: string }[];
};

export type IssueFilter = {
  limit: number;
  cursor?: string | undefined;
  /** `open`: all that are not resolved. */
  state?: IssueState | 'open' | undefined;
  signal?: IssueSignal | undefined;
  model?: string | undefined;
  assignee?: string | undefined;
};

/** What a person says of an issue. */
export type IssueChange = {
  state?: { to: 'known'; resolution: null } | { to: 'resolved'; resolution: Pick<IssueResolution, 'versions'> };
  assignee?: string | null;
  isBlocker?: boolean;
  note?: string;
};

/** Issues of projects. A change of people takes its actor and is written with its audit entry. */
export type IssueStore = {
  /** Projects whose traces are due; one that was never looked at begins at `startMs`. */
  claim(nowMs: number, options: { holdMs: number; limit: number; startMs: number }): Promise<DueIssues[]>;
  /** Groups of these causes, their issues, and how many groups there are of all. */
  known(
    project: ProjectId,
    causeKeys: readonly string[],
  ): Promise<{ groups: IssueGroup[]; issues: Issue[]; groupCount: number }>;
  /** false, and nothing is written, when it was given to somebody else meanwhile. */
  record(due: DueIssues, look: IssueLook): Promise<boolean>;
  /** The last seen first. */
  list(project: ProjectId, filter: IssueFilter): Promise<{ data: Issue[]; next: string | null }>;
  /** One, or the one that it was put into, with its groups, and what became of it, the newest first; null: there is none. */
  get(project: ProjectId, id: string): Promise<{ issue: Issue; groups: IssueGroup[]; events: IssueEvent[] } | null>;
  /** Ids of the groups that each is made of. */
  groupsOf(project: ProjectId, issueIds: readonly string[]): Promise<{ id: string; issueId: string }[]>;
  /** null: there is none. */
  change(by: Actor, id: string, change: IssueChange): Promise<Issue | null>;
  /** All groups of one become the other's, and the one is no more. @throws WheelhouseError `not_found` */
  merge(by: Actor, ask: { id: string; into: string }): Promise<Issue>;
  /**
   * A group that came to the issue with another is an issue of its own again.
   * @throws WheelhouseError `not_found`, `conflict` for the group that the issue began with
   */
  split(by: Actor, ask: { id: string; groupId: string; title: string }): Promise<Issue>;
  /** What the project says of its scores, by name. */
  badScores(project: ProjectId): Promise<BadScore[]>;
  /** null: as is usual. */
  setBadScore(by: Actor, name: string, rule: BadScoreRule | null): Promise<void>;
  /** An open one that holds the aliases of a model; null: there is none. */
  blocker(project: ProjectId, model: string): Promise<Issue | null>;
};

/** An occurrence as it is kept: one of a trace for each key. */
export type KeptOccurrence = Pick<IssueOccurrence, 'traceId' | 'spanId' | 'atMs' | 'user' | 'version'> & {
  key: string;
  groupId: string;
};

/** What is known of an issue's occurrences, each trace counted once. */
export type IssueCounts = {
  traces: number;
  users: number;
  /** Of the days that were asked for, the oldest first. */
  days: number[];
};

/** What telemetry knows of failing traces; occurrences go with their traces. Times are those of its clock. */
export type IssueTelemetry = {
  /** Traces that fail, or may do so no more, in the order in which they can be looked at. */
  arrived(
    project: ProjectId,
    ask: {
      after: IssuePlace;
      untilMs: number;
      limit: number;
      badWhenTrue: readonly string[];
      badBelow: number;
      /** Names of scores of which the project says itself what is bad: any value of them may be. */
      ruled: readonly string[];
    },
  ): Promise<IssuePlace[]>;
  /** Scores that came since then, by name, those with most first; 500 names at most. */
  seenScores(project: ProjectId, sinceMs: number): Promise<SeenScore[]>;
  traces(project: ProjectId, ids: readonly TraceId[]): Promise<FailingTrace[]>;
  /** Those of these traces that are kept. */
  kept(project: ProjectId, ids: readonly TraceId[]): Promise<KeptOccurrence[]>;
  /** Writes them in place of those of the same trace and key; `gone` are no more. */
  put(project: ProjectId, occurrences: readonly KeptOccurrence[], gone: readonly KeptOccurrence[]): Promise<void>;
  /** By issue; `days` whole days up to the one of `untilMs`. */
  counts(
    project: ProjectId,
    groups: readonly { id: string; issueId: string }[],
    ask: { days: number; untilMs: number },
  ): Promise<Map<string, IssueCounts>>;
  /** By registered model and version, most first. */
  versions(
    project: ProjectId,
    groupIds: readonly string[],
  ): Promise<{ model: string; number: number; traces: number }[]>;
  /** Newest first, each trace once. */
  occurrences(
    project: ProjectId,
    groupIds: readonly string[],
    page: { limit: number; cursor?: string | undefined },
  ): Promise<{ data: Pick<KeptOccurrence, 'traceId' | 'spanId' | 'atMs' | 'user' | 'version'>[]; next: string | null }>;
};
