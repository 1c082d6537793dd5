import {
  type Json,
  type JsonObject,
  type Score,
  type ScoreId,
  type TraceId,
  traceIdOfClient,
} from '@wheelhouse/core/records';
import { checkDepth, known, objectOf, textOf, Unreadable } from '../vendor-values.ts';

/** A feedback whose trace has still to be found: LangSmith's clients may name the run alone. */
export type Feedback = { score: Score; runId: string; traceId: TraceId | null };

/** The score counts, and what it was put into words as stands beside it; without a score the value does. */
function judgement(score: Json | undefined, value: Json | undefined): Score['value'] | null {
  for (const given of [score, value]) {
    if (typeof given === 'boolean' || (typeof given === 'number' && Number.isFinite(given))) return given;
    if (typeof given === 'string' && given !== '') return given.slice(0, 1000);
  }
  return null;
}

const sources = new Map<string, Score['source']>([
  ['model', 'judge'],
  ['app', 'human'],
  ['auto_eval', 'judge'],
]);

/** The members of a score that a feedback, or a change of one, gives. */
function said(body: JsonObject): Partial<Pick<Score, 'value' | 'comment'>> & { metadata: JsonObject } {
  const value = judgement(body.score, body.value);
  const label = body.score === undefined || body.score === null ? null : (body.value ?? null);
  return {
    ...(value === null ? {} : { value }),
    ...(textOf(body.comment) === null ? {} : { comment: textOf(body.comment) }),
    metadata: known({ 'langsmith.value': label, 'langsmith.correction': body.correction }),
  };
}

/** @throws Unreadable */
export function readFeedback(body: JsonObject, now: { id: ScoreId; createdAt: string }): Feedback {
  checkDepth(body);
  const runId = textOf(body.run_id);
  if (runId === null)
    throw new Unreadable(
      'feedback subject',
      'Feedback takes `run_id`; feedback on a whole project is not served here.',
    );
  const name = textOf(body.key);
  if (name === null) throw new Unreadable('feedback key', 'Feedback takes `key`.');
  const { value, comment, metadata } = said(body);
  const remark = comment ?? null;
  if (value === undefined && remark === null && metadata['langsmith.correction'] === undefined)
    throw new Unreadable('feedback value', 'Feedback takes `score`, `value`, `comment` or `correction`.');
  const source = objectOf(body.feedback_source);
  const trace = textOf(body.trace_id);
  return {
    runId,
    traceId: trace === null ? null : traceIdOfClient(trace),
    score: {
      id: (textOf(body.id) as ScoreId | null) ?? now.id,
      traceId: null,
      spanId: null,
      sessionId: null,
      name,
      // A remark alone is a judgement in words.
      value: value ?? (remark ?? 'corrected').slice(0, 1000),
      comment: remark,
      metadata: {
        ...objectOf(source.metadata),
        ...metadata,
        'langsmith.run_id': runId,
        ...(trace === null ? {} : { 'langsmith.trace_id': trace }),
      },
      source: sources.get(textOf(source.type) ?? '') ?? 'api',
      createdAt: now.createdAt,
    },
  };
}

/** The score after a change; newer than it was, so that the change counts. */
export function changeFeedback(score: Score, body: JsonObject, nowIso: string): Score {
  checkDepth(body);
  const { metadata, ...more } = said(body);
  const justAfter = new Date(Date.parse(score.createdAt) + 1).toISOString();
  return {
    ...score,
    ...more,
    metadata: { ...score.metadata, ...metadata },
    createdAt: nowIso > justAfter ? nowIso : justAfter,
  };
}

/** A score as LangSmith's clients read feedback. */
export function feedbackWire(score: Score): object {
  const own = Object.entries(score.metadata).filter(([key]) => !key.startsWith('langsmith.'));
  const isText = typeof score.value === 'string';
  return {
    id: score.id,
    run_id: score.metadata['langsmith.run_id'] ?? score.spanId ?? score.traceId,
    trace_id: score.metadata['langsmith.trace_id'] ?? score.traceId,
    key: score.name,
    score: isText ? null : typeof score.value === 'boolean' ? Number(score.value) : score.value,
    value: isText ? score.value : (score.metadata['langsmith.value'] ?? null),
    comment: score.comment,
    correction: score.metadata['langsmith.correction'] ?? null,
    created_at: score.createdAt,
    modified_at: score.createdAt,
    feedback_source: {
      type: score.source === 'judge' ? 'model' : score.source === 'human' ? 'app' : 'api',
      metadata: Object.fromEntries(own),
    },
  };
}
