import type { ProjectId, SpanId, TraceId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import type { NanoUsd } from './money.ts';
import type { Nanos } from './time.ts';
import type { Cost, Usage } from './usage.ts';

export const spanKinds = [
  'generation',
  'embedding',
  'tool',
  'agent',
  'chain',
  'retriever',
  'reranker',
  'guardrail',
  'evaluator',
  'event',
  'span',
] as const;
export type SpanKind = (typeof spanKinds)[number];
export type SpanStatus = 'unset' | 'ok' | 'error';

/** A message part of the OpenTelemetry GenAI conventions; kinds that we do not know are kept as they came. */
export type Part =
  | { type: 'text'; content: string }
  | { type: 'reasoning'; content: string }
  | { type: 'tool_call'; id: string | null; name: string; arguments: Json }
  | { type: 'tool_call_response'; id: string | null; response: Json }
  | { type: 'other'; value: JsonObject };

export type Message = { role: string; parts: Part[]; name?: string; finishReason?: string };

/** What went in or came out: a conversation when the span is one, any JSON otherwise. */
export type Content = { type: 'messages'; messages: Message[] } | { type: 'json'; value: Json };

/** The registered model that answered; `alias` when the caller named one. */
export type ModelRef = { name: string; version: number; alias: string | null };

export type RetrievedDocument = { id: string | null; content: string | null; score: number | null; metadata: Json };
export type ToolCall = { id: string | null; name: string; arguments: Json; result: Json };
export type SpanEvent = { name: string; timeNs: Nanos; attributes: JsonObject };

/**
 * The one normal form of every dialect: OpenTelemetry GenAI semantic conventions in fixed fields, raw attributes beside.
 * A span in the store is the fold of its fragments; a fragment is a Span as far as one report knew it.
 */
export type Span = {
  projectId: ProjectId;
  traceId: TraceId;
  spanId: SpanId;
  parentSpanId: SpanId | null;
  kind: SpanKind;
  name: string;
  startNs: Nanos;
  /** null: still running, or its end was never reported. */
  endNs: Nanos | null;
  firstTokenNs: Nanos | null;
  status: SpanStatus;
  statusMessage: string | null;
  provider: string | null;
  requestModel: string | null;
  responseModel: string | null;
  responseId: string | null;
  model: ModelRef | null;
  params: JsonObject | null;
  finishReasons: string[];
  input: Content | null;
  output: Content | null;
  toolDefinitions: Json;
  toolCall: ToolCall | null;
  documents: RetrievedDocument[];
  usage: Usage | null;
  /** null: no usage, or no price known; never 0 for unknown. */
  cost: Cost | null;
  emitterCostNanoUsd: NanoUsd | null;
  sessionId: string | null;
  userId: string | null;
  environment: string | null;
  release: string | null;
  tags: string[];
  metadata: JsonObject;
  /** Set on calls that an evaluation made. */
  run: { runId: string; exampleId: string; repetition: number } | null;
  /** Where the span came from: `gateway`, `otel`, `vercel-ai`, … and the version of the normaliser that read it. */
  dialect: string;
  normalizer: number;
  /** When its reporter said so, where reports correct one another: of two that differ the later counts. */
  reportedNs?: Nanos;
  /**
   * It was stored before, and is read again by a newer normaliser: what an older one made of the same fragment, known by
   * its raw attributes, events and times, counts for nothing beside it.
   */
  readAnew?: true;
  service: string | null;
  attributes: JsonObject;
  events: SpanEvent[];
};

/** Finish reasons by which vendors say that a model, or what watches it, would not answer. */
export const refusalReasons: readonly string[] = [
  'content_filter',
  'content_filtered',
  'refusal',
  'SAFETY',
  'guardrail_intervened',
];

/** Text of one message: its text parts and refusals joined, tool calls named. */
export function messageText(message: Message): string {
  return message.parts
    .map((part) => {
      if (part.type === 'text') return part.content;
      if (part.type === 'tool_call') return `${part.name}(${JSON.stringify(part.arguments)})`;
      if (part.type === 'tool_call_response')
        return typeof part.response === 'string' ? part.response : JSON.stringify(part.response);
      if (part.type === 'other' && typeof part.value.refusal === 'string') return part.value.refusal;
      return '';
    })
    .filter((text) => text !== '')
    .join('\n');
}

/** The text that stands for a content in lists: of an input the last user message, of an output the last message. */
export function contentText(content: Content | null, side: 'input' | 'output'): string {
  if (content === null) return '';
  if (content.type === 'json')
    return typeof content.value === 'string'
      ? content.value
      : content.value === null
        ? ''
        : JSON.stringify(content.value);
  const wanted = side === 'input' ? content.messages.findLast((m) => m.role === 'user') : undefined;
  const message = wanted ?? content.messages.at(-1);
  return message ? messageText(message) : '';
}

// Single spaces stay as they are: replacing each by itself would cost ten times as much.
const onOneLine = (text: string): string => text.replace(/[^\S ]\s*| \s+/g, ' ').trim();

/** First `length` characters on one line, never half of a surrogate pair. */
export function preview(text: string, length = 200): string {
  let line = onOneLine(text.slice(0, length + 32));
  // Much white space; how much more is looked at is bounded all the same.
  if (line.length <= length && text.length > length + 32) line = onOneLine(text.slice(0, length * 4));
  if (line.length <= length) return line;
  const cut = line.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
