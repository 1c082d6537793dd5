import {
  isJsonObject,
  type Json,
  type JsonObject,
  type Nanos,
  type ProjectId,
  type Score,
  type Span,
  type SpanId,
  spanIdOfClient,
  type TraceId,
  traceIdOfClient,
} from '@wheelhouse/core/records';
import { normalizeSpan, type OtlpSpan } from '@wheelhouse/core/trace';
import { bareOtlpSpan, checkDepth, known, objectOf, prefixed, readTime, textOf, Unreadable } from '../vendor-values.ts';
import { readScore } from './read-score.ts';
import { costDetails, usageDetails } from './usage-details.ts';

/** What an event of a batch says. `trace` is the span that stands for the whole trace. */
export type EventReading =
  | { type: 'trace'; span: Span }
  | { type: 'observation'; span: Span }
  | { type: 'score'; score: Score }
  /** What the client says of itself. */
  | { type: 'log' };

/** The span that stands for a whole Langfuse trace, which is no observation itself. */
export const traceSpanId = (traceId: TraceId): SpanId => spanIdOfClient(`langfuse trace ${traceId}`);

/** Types of observations, as the events are called: `span-create`, `generation-update` … */
const observationTypes = new Set([
  'span',
  'generation',
  'event',
  'agent',
  'tool',
  'chain',
  'retriever',
  'embedding',
  'evaluator',
  'guardrail',
]);

const inObservation = 'langfuse.observation.';

/** Object members become attributes of their own, as the vendor's OpenTelemetry exporter writes them. */
function metadataAttributes(prefix: string, metadata: Json | undefined): JsonObject {
  if (metadata === undefined || metadata === null) return {};
  return prefixed(prefix, isJsonObject(metadata) ? metadata : { metadata });
}

const earliest = (times: (Nanos | null)[]): Nanos | null =>
  times.reduce((first, time) => (first === null || (time !== null && time < first) ? time : first), null);

type Envelope = { body: JsonObject; reportedNs: Nanos; project: ProjectId; scope: OtlpSpan['scope'] };

const finish = (span: OtlpSpan, { project, reportedNs }: Envelope): Span => ({
  ...normalizeSpan(span, project),
  reportedNs,
});

function readTrace(envelope: Envelope, eventId: string): EventReading {
  const { body, reportedNs, scope } = envelope;
  const id = textOf(body.id) ?? eventId;
  const traceId = traceIdOfClient(id);
  const startNs = readTime(body.timestamp) ?? reportedNs;
  const span: OtlpSpan = {
    ...bareOtlpSpan({ traceId, spanId: traceSpanId(traceId), parentSpanId: null, startNs, scope }),
    name: textOf(body.name) ?? '',
    // A trace says no end; it lasts at least until it was last spoken of.
    endNs: startNs,
    attributes: {
      ...known({
        'langfuse.trace.id': id,
        'langfuse.trace.name': body.name,
        'langfuse.trace.input': body.input,
        'langfuse.trace.output': body.output,
        'langfuse.trace.tags': body.tags,
        'langfuse.trace.public': body.public,
        'langfuse.session.id': body.sessionId,
        'langfuse.user.id': body.userId,
        'langfuse.environment': body.environment,
        'langfuse.release': body.release,
        'langfuse.version': body.version,
      }),
      ...metadataAttributes('langfuse.trace.metadata.', body.metadata),
    },
  };
  return { type: 'trace', span: finish(span, envelope) };
}

function idsOf(body: JsonObject, eventId: string, isUpdate: boolean) {
  const id = textOf(body.id) ?? (isUpdate ? null : eventId);
  if (id === null) throw new Unreadable('id missing', 'An update takes the `id` of what it changes.');
  const trace = textOf(body.traceId) ?? (isUpdate ? null : id);
  if (trace === null)
    throw new Unreadable('traceId missing', 'An update takes `traceId` beside `id`: that is where its span is found.');
  return { id, trace, traceId: traceIdOfClient(trace) };
}

function observationAttributes(body: JsonObject, type: string): JsonObject {
  const usage = usageDetails(body.usageDetails ?? body.usage);
  const cost = costDetails(body.costDetails, body.usage);
  return {
    ...known({
      [`${inObservation}type`]: type,
      [`${inObservation}level`]: body.level,
      [`${inObservation}status_message`]: body.statusMessage,
      [`${inObservation}input`]: body.input,
      [`${inObservation}output`]: body.output,
      [`${inObservation}model.name`]: body.model,
      [`${inObservation}model.parameters`]: body.modelParameters,
      [`${inObservation}usage_details`]: usage,
      [`${inObservation}cost_details`]: cost,
      [`${inObservation}completion_start_time`]: body.completionStartTime,
      [`${inObservation}prompt.name`]: body.promptName,
      [`${inObservation}prompt.version`]: body.promptVersion,
      'langfuse.environment': body.environment,
      'langfuse.version': body.version,
    }),
    ...metadataAttributes(`${inObservation}metadata.`, body.metadata),
  };
}

function readObservation(envelope: Envelope, event: { id: string; type: string; isUpdate: boolean }): EventReading {
  const { body, reportedNs, scope } = envelope;
  const { id, trace, traceId } = idsOf(body, event.id, event.isUpdate);
  const endNs = readTime(body.endTime);
  const parent = textOf(body.parentObservationId);
  // An update does not say when the span began; anything known to be later does no harm to the earliest.
  const startNs = readTime(body.startTime) ?? earliest([endNs, readTime(body.completionStartTime), reportedNs]);
  const span: OtlpSpan = {
    ...bareOtlpSpan({
      traceId,
      spanId: spanIdOfClient(id),
      // An update without a parent does not say that there is none.
      parentSpanId: parent !== null ? spanIdOfClient(parent) : event.isUpdate ? null : traceSpanId(traceId),
      startNs: startNs ?? reportedNs,
      scope,
    }),
    name: textOf(body.name) ?? '',
    endNs: event.type === 'event' ? startNs : endNs !== null && startNs !== null && endNs < startNs ? startNs : endNs,
    attributes: {
      'langfuse.trace.id': trace,
      [`${inObservation}id`]: id,
      ...(parent === null ? {} : { [`${inObservation}parent_id`]: parent }),
      ...observationAttributes(body, event.type),
    },
  };
  return { type: 'observation', span: finish(span, envelope) };
}

/**
 * One event of `POST /api/public/ingestion` as what it says, in the words of Langfuse's own OpenTelemetry export, so that
 * both are read by the same dialect. Updates are fragments of the span that they change.
 * @throws Unreadable
 */
export function readEvent(event: JsonObject, project: ProjectId, sdk: string): EventReading {
  checkDepth(event);
  const id = textOf(event.id);
  const type = textOf(event.type);
  if (id === null || type === null) throw new Unreadable('no event', 'An event takes `id` and `type`, both text.');
  if (type === 'sdk-log') return { type: 'log' };
  const reportedNs = readTime(event.timestamp);
  if (reportedNs === null)
    throw new Unreadable('timestamp missing', 'An event takes `timestamp`, ISO 8601 with a time of day.');
  if (!isJsonObject(event.body)) throw new Unreadable('no event', 'An event takes `body`, an object.');
  const envelope: Envelope = { body: event.body, reportedNs, project, scope: { name: 'langfuse-sdk', version: sdk } };
  if (type === 'trace-create') return readTrace(envelope, id);
  if (type === 'score-create') return { type: 'score', score: readScore(event.body, { id, reportedNs }) };
  const [, named = '', action] = /^([a-z]+)-(create|update)$/.exec(type) ?? [];
  const kind = named === 'observation' ? (textOf(objectOf(event.body).type)?.toLowerCase() ?? 'span') : named;
  if (action === undefined || !observationTypes.has(kind))
    throw new Unreadable('unknown event type', `Events of type \`${type.slice(0, 60)}\` are not served here.`);
  return readObservation(envelope, { id, type: kind, isUpdate: action === 'update' });
}

/** The span from the first of the others' starts to the last of their ends, where those are beyond its own. */
export function drawnOver(span: Span, others: readonly Span[]): Span {
  let { startNs, endNs } = span;
  for (const other of others) {
    const until = other.endNs ?? other.startNs;
    if (other.startNs < startNs) startNs = other.startNs;
    if (endNs === null || until > endNs) endNs = until;
  }
  return { ...span, startNs, endNs };
}

/** A fragment that draws the span of a whole trace over what is known to have happened in it. */
export function traceSpanOver(spans: readonly Span[]): Span | null {
  const [first] = spans;
  if (!first) return null;
  const { traceId, startNs, projectId } = first;
  const scope = { name: 'langfuse-sdk', version: '' };
  const span = bareOtlpSpan({ traceId, spanId: traceSpanId(traceId), parentSpanId: null, startNs, scope });
  return drawnOver(normalizeSpan(span, projectId), spans);
}
