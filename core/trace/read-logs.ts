import {
  type Content,
  contentHash,
  type JsonObject,
  type Message,
  messageEvent,
  nanosToMs,
  type ProjectId,
  type Score,
  type ScoreId,
  type Span,
  type SpanEvent,
  type SpanId,
  sortEvents,
  type TraceId,
} from '../records/index.ts';
import { numberOf, textOf } from './json-value.ts';
import type { OtlpLogRecord } from './log-record.ts';
import { type ReadMessageEvent, readMessageEvent } from './message-event.ts';
import { normalizeSpan } from './normalize-span.ts';

/** Why a record is not kept; `reason` is one of few. */
export type UnreadLog = { reason: string; sample: string };

export type ReadLogs = {
  /** One fragment a span that the records tell of: it joins the span itself, whichever comes first. */
  spans: Span[];
  scores: Score[];
  unread: UnreadLog[];
};

const detailsName = 'gen_ai.client.inference.operation.details';
const evaluationName = 'gen_ai.evaluation.result';

/** Content stands in the fragment's fields in its normal form; twice would be much. */
const contentKeys = new Set([
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
]);

type Joined = OtlpLogRecord & { traceId: TraceId; spanId: SpanId };

const withoutContent = (attributes: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== 'event.name' && !contentKeys.has(key)));

const eventOf = ({ name, timeNs, attributes }: OtlpLogRecord): SpanEvent => ({
  name,
  timeNs,
  attributes: withoutContent(attributes),
});

/** The span as far as one record's attributes tell of it: content and what the event says, no end and no name. */
function describedSpan(record: Joined, attributes: JsonObject, projectId: ProjectId): Span {
  const { traceId, spanId, timeNs, resource, scope } = record;
  const read = normalizeSpan(
    {
      traceId,
      spanId,
      parentSpanId: null,
      name: '',
      kind: null,
      startNs: timeNs,
      endNs: null,
      status: 'unset',
      statusMessage: '',
      attributes,
      events: [],
      links: [],
      resource,
      scope,
    },
    projectId,
  );
  // The span has attributes of its own; these are its event's.
  return { ...read, attributes: {} };
}

const contentOf = (messages: Message[]): Content | null =>
  messages.length > 0 ? { type: 'messages', messages } : null;

/**
 * The fragment that records of one span make together. Messages that come one by one are events, which a store unites;
 * beside that, lists want a word of the conversation before all of it is there.
 */
function fragmentOf(records: Joined[], projectId: ProjectId): Span | null {
  const [first] = records;
  if (!first) return null;
  const told = records.map((record) => ({ record, read: readMessageEvent(record.name, bodyOf(record)) }));
  const details = records.filter(({ name }) => name === detailsName);
  const described = Object.fromEntries(details.flatMap(({ attributes }) => Object.entries(attributes)));
  const fragment = describedSpan(first, withoutEventName(described), projectId);
  const said = (side: 'input' | 'output') => told.flatMap(({ read }) => (read?.side === side ? [read.message] : []));
  const asked = said('input');
  const events = sortEvents(
    told.map(({ record, read }, place) => {
      const event = eventOf(record);
      return read
        ? messageEvent(event, { side: read.side, place: placeOf(read, place), message: read.message })
        : event;
    }),
  );
  return {
    ...fragment,
    // Until the span itself comes, and tells its own.
    name: [described['gen_ai.operation.name'], fragment.requestModel].flatMap((word) => textOf(word) ?? []).join(' '),
    startNs: events[0]?.timeNs ?? first.timeNs,
    input: fragment.input ?? (asked.some(({ role }) => role === 'user') ? contentOf(asked) : null),
    output: fragment.output ?? contentOf(said('output')),
    events,
    dialect: 'otel-genai',
  };
}

const withoutEventName = (attributes: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== 'event.name'));

/** Choices have numbers of their own, which say more than the order in which they were sent. */
const placeOf = ({ side, index }: ReadMessageEvent, place: number): number => (side === 'output' ? index : place);

/** Some emitters write the members of the body as attributes. */
const bodyOf = ({ body, attributes }: OtlpLogRecord) => (body === null || body === '' ? attributes : body);

function scoreOf(record: OtlpLogRecord): { score: Score } | UnreadLog {
  const { attributes, traceId, spanId, timeNs } = record;
  const name = textOf(attributes['gen_ai.evaluation.name']);
  const failure = textOf(attributes['error.type']);
  const value =
    numberOf(attributes['gen_ai.evaluation.score.value']) ?? textOf(attributes['gen_ai.evaluation.score.label']);
  const unread = (reason: string): UnreadLog => ({ reason, sample: `${evaluationName} \`${name ?? ''}\`: ${reason}` });
  if (name === null) return unread('an evaluation without a name');
  if (failure !== null) return unread('an evaluation that failed');
  if (value === null) return unread('an evaluation without a value');
  if (traceId === null) return unread('an evaluation without a trace');
  const label = textOf(attributes['gen_ai.evaluation.score.label']);
  const comment = textOf(attributes['gen_ai.evaluation.explanation']);
  const responseId = textOf(attributes['gen_ai.response.id']);
  const score: Omit<Score, 'id'> = {
    traceId,
    spanId,
    sessionId: null,
    name: name.slice(0, 100),
    value,
    source: 'api',
    comment: comment ?? (typeof value === 'number' ? label : null),
    metadata: responseId === null ? {} : { 'gen_ai.response.id': responseId },
    createdAt: new Date(nanosToMs(timeNs)).toISOString(),
  };
  // A record that is sent again is the same score.
  return { score: { ...score, id: `sc_${contentHash({ ...score }).slice(0, 26)}` as ScoreId } };
}

const isJoined = (record: OtlpLogRecord): record is Joined => record.traceId !== null && record.spanId !== null;

/**
 * What log records tell of spans: the messages and details of GenAI calls become fragments of their spans, evaluation
 * results become scores. Wheelhouse is no log store: other records are named and not kept.
 * Follows the GenAI semantic conventions, events of both generations.
 */
export function readLogs(records: readonly OtlpLogRecord[], projectId: ProjectId): ReadLogs {
  const found: ReadLogs = { spans: [], scores: [], unread: [] };
  const bySpan = new Map<string, Joined[]>();
  for (const record of records) {
    if (record.name === evaluationName) {
      const read = scoreOf(record);
      if ('score' in read) found.scores.push(read.score);
      else found.unread.push(read);
    } else if (!record.name.startsWith('gen_ai.'))
      found.unread.push({
        reason: 'a log record that is no GenAI event',
        sample: `\`${record.name || textOf(record.body) || record.scope.name}\` is no GenAI event; Wheelhouse keeps no logs`,
      });
    else if (!isJoined(record))
      found.unread.push({
        reason: 'a GenAI event without a span',
        sample: `\`${record.name}\` names no trace and span that it belongs to`,
      });
    else {
      const key = `${record.traceId}/${record.spanId}`;
      const others = bySpan.get(key);
      if (others) others.push(record);
      else bySpan.set(key, [record]);
    }
  }
  for (const group of bySpan.values()) {
    const fragment = fragmentOf(group, projectId);
    if (fragment) found.spans.push(fragment);
  }
  return found;
}
