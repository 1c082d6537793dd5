import { isJsonObject, type Json, type JsonObject, type Message, type SpanEvent } from '../records/index.ts';
import { finishReason } from './finish-reason.ts';
import { countOf, jsonOrText, textOf } from './json-value.ts';
import { readContent, readMessageOf } from './read-content.ts';

export type ReadMessageEvent = {
  side: 'input' | 'output';
  message: Message /** Of a choice among several. */;
  index: number;
};

const asked = /^gen_ai\.(system|user|assistant|tool)\.message$/;

function choice(body: JsonObject): ReadMessageEvent {
  const inner = jsonOrText(body.message ?? null);
  const given = isJsonObject(inner)
    ? inner
    : { content: inner ?? body.content ?? null, tool_calls: body.tool_calls ?? null };
  const finish = textOf(body.finish_reason);
  const { finishReason: _, ...message } = readMessageOf(textOf(given.role) ?? 'assistant', given);
  return {
    side: 'output',
    message: { ...message, ...(finish === null ? {} : { finishReason: finishReason(finish) }) },
    index: countOf(body.index) ?? 0,
  };
}

/**
 * One message of the events of GenAI conventions up to 1.36, where each is an event of the span or a log record.
 * @param body of the log record; of a span's event its attributes
 */
export function readMessageEvent(name: string, body: Json): ReadMessageEvent | null {
  const value = isJsonObject(body) ? body : { content: body };
  // Azure's instrumentations write the body as JSON in one attribute.
  const inner = jsonOrText(value['gen_ai.event.content'] ?? null);
  const given = isJsonObject(inner) ? inner : value;
  if (name === 'gen_ai.choice') return choice(given);
  const role = asked.exec(name)?.[1];
  if (role === undefined) return null;
  const spelled = { ...given, content: listed(given.content), tool_calls: jsonOrText(given.tool_calls ?? null) };
  return { side: 'input', message: readMessageOf(textOf(given.role) ?? role, spelled), index: 0 };
}

/** Parts are written as JSON where an attribute takes texts only. */
function listed(content: Json | undefined): Json {
  const json = jsonOrText(content ?? null);
  return Array.isArray(json) && json.every(isJsonObject) ? json : (content ?? null);
}

/** The messages that a span's own events tell, in both older forms. */
export function readSpanEvents(events: readonly SpanEvent[]): Record<'input' | 'output', Message[]> {
  const messages: Record<'input' | 'output', Message[]> = { input: [], output: [] };
  for (const { name, attributes } of events) {
    const read = readMessageEvent(name, attributes);
    if (read) messages[read.side].push(read.message);
    for (const [event, key, side] of contentEvents) {
      const content = name === event ? readContent(attributes[key], side) : null;
      if (content?.type === 'messages') messages[side].push(...content.messages);
    }
  }
  return messages;
}

const contentEvents = [
  ['gen_ai.content.prompt', 'gen_ai.prompt', 'input'],
  ['gen_ai.content.completion', 'gen_ai.completion', 'output'],
] as const;
