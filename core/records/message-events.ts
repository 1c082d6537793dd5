import { canonicalJson, isJsonObject, type Json, type JsonObject } from './json.ts';
import type { Content, Message, Span, SpanEvent } from './span.ts';

type Side = 'input' | 'output';

const textOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const eventText = ({ name, attributes }: SpanEvent): string => canonicalJson([name, attributes]);

/** By time, then by name and content, so that equal sets have one order. */
export function sortEvents(events: readonly SpanEvent[]): SpanEvent[] {
  return [...events].sort((a, b) =>
    a.timeNs === b.timeNs ? textOrder(eventText(a), eventText(b)) : a.timeNs < b.timeNs ? -1 : 1,
  );
}

/**
 * One message of a call as an event of its span: instrumentations that send each message as a log record give the span's
 * content in pieces, which may arrive in any order and before the span itself.
 * @param place the record's place in its export, which parts messages of one instant
 */
export function messageEvent(
  event: SpanEvent,
  { side, place, message }: { side: Side; place: number; message: Message },
): SpanEvent {
  return {
    ...event,
    attributes: { ...event.attributes, 'wheelhouse.message': { side, place, message } as JsonObject },
  };
}

type Placed = { timeNs: bigint; place: number; rank: number; text: string; message: Message };

const isMessage = (value: Json | undefined): value is Json & Message =>
  isJsonObject(value) && typeof value.role === 'string' && Array.isArray(value.parts);

/** Clocks of milliseconds give one instant to what a call begins with. */
const rankOf = ({ role }: Message): number => (role === 'system' || role === 'developer' ? 0 : 1);

function messagesOf(events: readonly SpanEvent[], side: Side): Message[] {
  const placed = events.flatMap(({ timeNs, attributes }): Placed[] => {
    const given = attributes['wheelhouse.message'];
    if (!isJsonObject(given) || given.side !== side || !isMessage(given.message)) return [];
    const message: Message = given.message;
    const place = typeof given.place === 'number' ? given.place : 0;
    return [{ timeNs, place, rank: rankOf(message), text: canonicalJson(given.message), message }];
  });
  placed.sort((a, b) =>
    a.timeNs !== b.timeNs
      ? a.timeNs < b.timeNs
        ? -1
        : 1
      : a.rank - b.rank || a.place - b.place || textOrder(a.text, b.text),
  );
  return placed.map(({ message }) => message);
}

function wholeContent(content: Content | null, messages: Message[]): Content | null {
  if (messages.length === 0 || (content !== null && content.type === 'json')) return content;
  return content !== null && content.messages.length >= messages.length ? content : { type: 'messages', messages };
}

/** The folded span with the content that its message events make, where that is more than a fragment gave whole. */
export function withMessageEvents(span: Span): Span {
  if (span.events.length === 0) return span;
  return {
    ...span,
    input: wholeContent(span.input, messagesOf(span.events, 'input')),
    output: wholeContent(span.output, messagesOf(span.events, 'output')),
  };
}
