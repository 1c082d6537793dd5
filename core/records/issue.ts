import type { SpanId, TraceId } from './ids.ts';
import type { Score } from './score.ts';
import type { Nanos } from './time.ts';

/**
 * How a trace fails. `error`: it ended in an error; `handled`: a step of it did, and the trace went on; `refusal`: the
 * model, or what guards it, would not answer; `score`: somebody or something says that it is bad.
 */
export const issueSignals = ['error', 'handled', 'refusal', 'score'] as const;
export type IssueSignal = (typeof issueSignals)[number];

/** `new` until somebody looked at it; `regressed`: it came again after it had been resolved. */
export const issueStates = ['new', 'known', 'regressed', 'resolved'] as const;
export type IssueState = (typeof issueStates)[number];

/** What went wrong, and where. Texts are empty where nothing is known. */
export type IssueCause = {
  signal: IssueSignal;
  /** The type of the error, why the model stopped, or the name of the score. */
  what: string;
  /** The name of the span. */
  step: string;
  /** The registered model without its version, or the base model. */
  model: string;
};

/** Causes are the same when this is. */
export const causeKey = ({ signal, what, step, model }: IssueCause): string =>
  JSON.stringify([signal, what, step, model]);

/** One way in which one trace fails. */
export type IssueOccurrence = {
  traceId: TraceId;
  spanId: string | null;
  cause: IssueCause;
  /** What alike ones are told by: the message of the error; of a bad score or a refusal what was asked. */
  text: string;
  atMs: number;
  user: string | null;
  /** The registered model that was called first; null: none was. */
  version: { model: string; number: number } | null;
};

/** Occurrences of one cause whose texts are alike. Those that come join it; an issue is one or more of these. */
export type IssueGroup = {
  id: string;
  issueId: string;
  cause: IssueCause;
  /** Of the first occurrence. */
  text: string;
  /** How many made it what it is, and the sum of their texts as vectors. */
  size: number;
  sum: number[];
  /** Words of them, with how many have each; the most frequent ones. */
  words: Record<string, number>;
};

/** The issue that a group began; it is of another where somebody put the two together. */
export const issueOfGroup = (groupId: string): string => groupId.replace('isg_', 'is_');
export const groupOfIssue = (issueId: string): string => issueId.replace('is_', 'isg_');

/** From when an issue counts as back. */
export type IssueResolution = {
  at: string;
  by: string;
  /** Of these models only versions beyond these numbers; null: any call that began later. */
  versions: Record<string, number> | null;
};

export type Issue = {
  id: string;
  title: string;
  signal: IssueSignal;
  state: IssueState;
  /** Holds the aliases of its models. */
  isBlocker: boolean;
  assignee: string | null;
  /** Registered models that it was seen in. */
  models: string[];
  firstSeen: string;
  lastSeen: string;
  resolution: IssueResolution | null;
  regressedAt: string | null;
};

export type IssueEvent = {
  id: string;
  at: string;
  /** `wheelhouse` where nobody did it. */
  by: string;
  kind: 'opened' | 'regressed' | 'state' | 'assigned' | 'blocker' | 'note' | 'merged' | 'split';
  text: string;
};

/** A place among traces that arrive, by the clock of the store. */
export type IssuePlace = { ms: number; id: string };

/** What is read of a span: of a trace with many, those that failed, those above all, and some of the others. */
export type FailingSpan = {
  spanId: SpanId;
  parentSpanId: SpanId | null;
  kind: string;
  name: string;
  startNs: Nanos;
  endNs: Nanos | null;
  isError: boolean;
  message: string;
  /** As OpenTelemetry names it; empty: not said. */
  errorType: string;
  /** Why the model stopped, where that says that it would not answer; empty: it did. */
  refusal: string;
  version: { model: string; number: number } | null;
  baseModel: string;
  input: string;
};

export type FailingTrace = {
  traceId: TraceId;
  user: string | null;
  /** Whether an evaluation or a judge made it. */
  isOurs: boolean;
  /** The one that began first comes first. */
  spans: FailingSpan[];
  /** The newest of each name. */
  scores: Pick<Score, 'name' | 'value' | 'source'>[];
};

/** Which values of the scores of a name say that something is bad. `never`: none does. */
export type BadScoreRule =
  | { bad: 'below' | 'above'; value: number }
  | { bad: 'true' | 'false' | 'never' }
  | { bad: 'one_of'; values: string[] };

/** What a project says of the scores of a name, in place of what is usual. */
export type BadScore = { name: string; rule: BadScoreRule; setBy: string; setAt: string };

/** What came lately of the scores of a name. */
export type SeenScore = {
  name: string;
  count: number;
  /** Of them true or false, and numbers that clients did not send by the API. */
  truths: number;
  judgedNumbers: number;
  /** Of the numbers; null: there are none. */
  least: number | null;
  most: number | null;
  /** Texts, a few. */
  labels: string[];
};
