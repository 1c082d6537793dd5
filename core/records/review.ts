import type { EvaluationId, ExampleId, FeedbackKeyId, ReviewQueueId, RunId, SpanId, TraceId } from './ids.ts';

/** One thing that people are asked. `name` is the name of the scores that answers become. */
export type ReviewField = {
  name: string;
  /** The question, as people read it. */
  label: string;
  /** Whether a label without it is refused. */
  required: boolean;
} & (
  | {
      kind: 'choice';
      /** `points`, from 0 to 1, are what a judge's score is compared with; null: this option cannot be. */
      options: { value: string; points: number | null }[];
    }
  | { kind: 'number'; low: number; high: number }
  | { kind: 'boolean' }
  | { kind: 'text' }
  /** What the output should have been. */
  | { kind: 'correction' }
  /** Which of two answers is better; what has it is a queue of pairs. */
  | { kind: 'preference' }
);

/** What is said of two answers. */
export const preferences = ['left', 'same', 'right'] as const;
export type Preference = (typeof preferences)[number];

/** What is looked at: a trace, one span of it, a whole conversation, one answer of an evaluation, or two to the same row. */
export type ReviewTarget =
  | { kind: 'trace'; traceId: TraceId }
  | { kind: 'span'; traceId: TraceId; spanId: SpanId }
  | { kind: 'session'; sessionId: string }
  | { kind: 'cell'; evaluationId: EvaluationId; runId: RunId; exampleId: ExampleId; repetition: number }
  | {
      kind: 'pair';
      evaluationId: EvaluationId;
      /** Runs by the side on which their answers stand, which chance decided. */
      left: RunId;
      right: RunId;
      exampleId: ExampleId;
      repetition: number;
    };

/** Traces that fit go into the queue as they come. */
export type ReviewRule = {
  q: string;
  /** Share of the traces that fit; decided by the trace's id, so that all servers agree. */
  sample: number;
};

/** How rows of an evaluation were drawn by chance, so that their labels say something of all rows. */
export type ReviewDraw = {
  evaluationId: EvaluationId;
  /** The first answers of a drawn row, of each of these. */
  runs: RunId[];
  /** The scorer whose doubts steered the draw, or whose rows were drawn evenly. */
  measure: string;
  pick: 'evenly' | 'doubt';
  /** Rows that could be drawn: those that the scorer has a score for. */
  rows: number;
  /** Rows drawn; drawing more later goes on from the same list. */
  count: number;
  seed: number;
};

export const reviewStates = ['open', 'disputed', 'done'] as const;
export type ReviewState = (typeof reviewStates)[number];

export type ReviewQueue = {
  id: ReviewQueueId;
  name: string;
  /** What people are to look for. */
  instructions: string;
  form: ReviewField[];
  /** Whoever labels sees no model, no score and no label of others. */
  blind: boolean;
  /** Labels wanted of each item, each by somebody else. */
  overlap: number;
  /** null: nothing in it was drawn by chance. */
  draw: ReviewDraw | null;
  /** null: it is filled by hand alone. */
  rule: ReviewRule | null;
  items: Record<ReviewState, number>;
  createdBy: string;
  createdAt: string;
};

export type ReviewItem = {
  /** From 1 on, within its queue. */
  number: number;
  target: ReviewTarget;
  /** The trace that it shows, of a pair on the left; null: a conversation, or an answer without a trace. */
  traceId: TraceId | null;
  /** Of a pair, on the right. */
  otherTraceId: TraceId | null;
  /** Why it is here, for people. */
  reason: string | null;
  /** With which it was drawn; null: not by chance. */
  probability: number | null;
  state: ReviewState;
};

export type ReviewAnswers = Record<string, number | string | boolean>;

/** What somebody said of an item. One item has one label of each person, and one decision. */
export type ReviewLabel = {
  item: number;
  rater: string;
  /** Settles what others disagree about. */
  decides: boolean;
  /** Left to others; there are no answers then. */
  skipped: boolean;
  answers: ReviewAnswers;
  comment: string | null;
  /** From when it was taken; null: it was not. */
  seconds: number | null;
  at: string;
};

/** What pages of users send feedback with. It is no secret: it can write scores of traces of its project, and do nothing else. */
export type FeedbackKey = {
  id: FeedbackKeyId;
  name: string;
  key: string;
  /** Names of scores that it may write. */
  scores: string[];
  /** Of web pages that may use it; empty: any. */
  origins: string[];
  createdBy: string;
  createdAt: string;
  revokedAt: string | null;
};

/** Numbers further apart than this share of their range are a disagreement. */
const mostApart = 0.25;

function differ(field: ReviewField, answers: (number | string | boolean)[]): boolean {
  if (field.kind === 'text' || field.kind === 'correction') return false;
  if (field.kind !== 'number') return new Set(answers).size > 1;
  const numbers = answers.map(Number);
  return Math.max(...numbers) - Math.min(...numbers) > mostApart * (field.high - field.low);
}

/** Names of the fields that people answered too differently. */
export const disputedFields = (form: readonly ReviewField[], labels: readonly Pick<ReviewLabel, 'answers'>[]) =>
  form
    .filter((field) =>
      differ(
        field,
        labels.flatMap(({ answers }) => answers[field.name] ?? []),
      ),
    )
    .map(({ name }) => name);

/** What an item is by its labels: done when enough people agree, or somebody decided. */
export function reviewState(
  { form, overlap }: Pick<ReviewQueue, 'form' | 'overlap'>,
  labels: readonly Pick<ReviewLabel, 'decides' | 'skipped' | 'answers'>[],
): ReviewState {
  if (labels.some(({ decides }) => decides)) return 'done';
  const given = labels.filter(({ skipped }) => !skipped);
  if (given.length < overlap) return 'open';
  return disputedFields(form, given).length > 0 ? 'disputed' : 'done';
}

/** An answer from 0 to 1, as judges score; null: it has no place there. */
export function pointsOf(field: ReviewField, answer: number | string | boolean | undefined): number | null {
  if (answer === undefined) return null;
  if (field.kind === 'boolean') return answer === true ? 1 : 0;
  if (field.kind === 'number') return (Number(answer) - field.low) / (field.high - field.low);
  return field.kind === 'choice' ? (field.options.find(({ value }) => value === answer)?.points ?? null) : null;
}

/** Whether two answers are set beside each other in it, rather than one shown. */
export const isOfPairs = ({ form }: Pick<ReviewQueue, 'form'>): boolean =>
  form.some(({ kind }) => kind === 'preference');

/** One text for one target; equal targets are one item of a queue. */
export function reviewTargetKey(target: ReviewTarget): string {
  switch (target.kind) {
    case 'trace':
      return `trace:${target.traceId}`;
    case 'span':
      return `span:${target.traceId}/${target.spanId}`;
    case 'session':
      return `session:${target.sessionId}`;
    case 'cell':
      return `cell:${target.runId}/${target.exampleId}/${target.repetition}`;
    case 'pair':
      return `pair:${[target.left, target.right].sort().join('+')}/${target.exampleId}/${target.repetition}`;
  }
}
