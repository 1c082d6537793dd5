import type { ContentBody, MessageBody, SpanBody } from '@wheelhouse/core/contract';
import {
  attachmentPath,
  base64Bytes,
  mediaIn,
  pointerTo,
  recordedMediaUrl,
  type SpanId,
  type TraceId,
  typeBeside,
} from '@wheelhouse/core/records';

type Part = MessageBody['parts'][number];
/** How many characters may still be taken, how many were left behind, and how many media are named instead. */
type Budget = { room: number; left: number; linked: number; of: { traceId: string; spanId: string } };

const count = (value: number) => value.toLocaleString('en');

const isAddress = (text: string) => text.startsWith(attachmentPath) && !/\s/.test(text);

/** Puts the address of media in their place. */
function linkMedia(text: string, { budget, pointer, siblings }: { budget: Budget; pointer: string; siblings: object }) {
  const media = mediaIn(text);
  if (media.length === 0) return text;
  const of = { traceId: budget.of.traceId as TraceId, spanId: budget.of.spanId as SpanId, pointer };
  const pieces: string[] = [];
  let end = 0;
  for (const [nth, { from, to, type, base64 }] of media.entries()) {
    const url = recordedMediaUrl({ ...of, nth }, { type: type ?? typeBeside(siblings), bytes: base64Bytes(base64) });
    pieces.push(text.slice(end, from), url);
    end = to;
  }
  budget.linked += media.length;
  return pieces.join('') + text.slice(end);
}

function capText(recorded: string, budget: Budget, pointer: string, siblings: object = {}): string {
  if (recorded.length <= 1000 && recorded.length <= budget.room) {
    budget.room -= recorded.length;
    return recorded;
  }
  const text = linkMedia(recorded, { budget, pointer, siblings });
  // Half an address would lead nowhere.
  if (text !== recorded && isAddress(text)) {
    budget.room -= text.length;
    return text;
  }
  if (text.length <= budget.room) {
    budget.room -= text.length;
    return text;
  }
  const kept = text.slice(0, budget.room).replace(/[\uD800-\uDBFF]$/, '');
  budget.left += text.length - kept.length;
  budget.room = 0;
  return `${kept}… [${count(text.length - kept.length)} more characters]`;
}

/** Characters of a value that is left out whole, about. */
function sizeOf(value: unknown): number {
  let size = 0;
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const one = rest.pop();
    if (typeof one === 'string') size += one.length + 2;
    else if (typeof one === 'object' && one !== null) {
      for (const [key, child] of Object.entries(one)) {
        size += Array.isArray(one) ? 1 : key.length + 4;
        rest.push(child);
      }
    } else size += 4;
  }
  return size;
}

/** Deeper than any reader unfolds; and recursion must end. */
const deepest = 200;

type JsonPlace = { pointer: string; siblings?: object; depth?: number };

function capJson(value: unknown, budget: Budget, { pointer, siblings = {}, depth = 0 }: JsonPlace): unknown {
  if (typeof value === 'string') return capText(value, budget, pointer, siblings);
  if (typeof value !== 'object' || value === null) {
    budget.room -= 6;
    return value;
  }
  if (depth >= deepest) {
    budget.left += sizeOf(value);
    return '[nested too deep]';
  }
  const entries = Object.entries(value);
  const kept: [string, unknown][] = [];
  for (const [key, child] of entries) {
    if (budget.room <= 0) {
      const rest = entries.slice(kept.length);
      budget.left += sizeOf(rest.map(([, one]) => one));
      kept.push(['…', `[${count(rest.length)} more]`]);
      break;
    }
    budget.room -= key.length + 4;
    kept.push([key, capJson(child, budget, { pointer: pointerTo(pointer, key), siblings: value, depth: depth + 1 })]);
  }
  return Array.isArray(value) ? kept.map(([, child]) => child) : Object.fromEntries(kept);
}

function capPart(part: Part, budget: Budget, pointer: string): Part {
  const at = (key: string) => ({ pointer: pointerTo(pointer, key) });
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { ...part, content: capText(part.content, budget, `${pointer}/content`) };
    case 'tool_call':
      return { ...part, arguments: capJson(part.arguments, budget, at('arguments')) };
    case 'tool_call_response':
      return { ...part, response: capJson(part.response, budget, at('response')) };
    case 'other':
      return { ...part, value: capJson(part.value, budget, at('value')) as Record<string, unknown> };
  }
}

/** `from`: how many messages stand before the first of these. */
type ContentPlace = { pointer: string; from: number };

/** The newest messages that fit: of an agent's long history the end is what matters. */
function capMessages(messages: MessageBody[], budget: Budget, { pointer, from }: ContentPlace): MessageBody[] {
  const kept: MessageBody[] = [];
  for (const [i, message] of [...messages.entries()].reverse()) {
    if (budget.room <= 0 && kept.length > 0) {
      budget.left += sizeOf(message.parts);
      continue;
    }
    const parts = `${pointer}/messages/${from + i}/parts`;
    kept.push({ ...message, parts: message.parts.map((part, j) => capPart(part, budget, `${parts}/${j}`)) });
  }
  return kept.reverse();
}

function capContent(content: ContentBody | null, budget: Budget, place: ContentPlace): ContentBody | null {
  if (content === null) return null;
  if (content.type === 'json')
    return { type: 'json', value: capJson(content.value, budget, { pointer: `${place.pointer}/value` }) };
  return { type: 'messages', messages: capMessages(content.messages, budget, place) };
}

/**
 * A content of so many characters at most, without base64.
 * @param side of the span that it is of
 * @param from how many of the span's messages stand before its first
 */
export const cappedContent = (
  content: ContentBody | null,
  cap: number,
  { span, side, from }: { span: Budget['of']; side: 'input' | 'output'; from: number },
): ContentBody | null =>
  capContent(content, { room: cap, left: 0, linked: 0, of: span }, { pointer: `/${side}`, from });

/**
 * The span with so many characters of its input, of its output and of all else at most; `leftOut` says how many it has
 * beyond that. Base64 is not among them: in its place stands the address that gives its bytes. What fits is as it was.
 * @param cap characters; undefined takes all
 */
export function capSpan(span: SpanBody, cap: number | undefined): SpanBody {
  if (cap === undefined) return span;
  const budgets: Budget[] = [];
  const budget = () => {
    const one: Budget = { room: cap, left: 0, linked: 0, of: span };
    budgets.push(one);
    return one;
  };
  const rest = budget();
  const capped: SpanBody = {
    ...span,
    input: capContent(span.input, budget(), { pointer: '/input', from: 0 }),
    output: capContent(span.output, budget(), { pointer: '/output', from: 0 }),
    toolCall: span.toolCall && {
      ...span.toolCall,
      arguments: capJson(span.toolCall.arguments, rest, { pointer: '/toolCall/arguments' }),
      result: capJson(span.toolCall.result, rest, { pointer: '/toolCall/result' }),
    },
    documents: span.documents.map((document, i) => ({
      ...document,
      content: document.content === null ? null : capText(document.content, rest, `/documents/${i}/content`),
      metadata: capJson(document.metadata, rest, { pointer: `/documents/${i}/metadata` }),
    })),
    events: span.events.map((event, i) => ({
      ...event,
      attributes: capJson(event.attributes, rest, { pointer: `/events/${i}/attributes` }) as Record<string, unknown>,
    })),
    toolDefinitions: capJson(span.toolDefinitions, rest, { pointer: '/toolDefinitions' }),
    metadata: capJson(span.metadata, rest, { pointer: '/metadata' }) as Record<string, unknown>,
    attributes: capJson(span.attributes, rest, { pointer: '/attributes' }) as Record<string, unknown>,
  };
  const leftOut = budgets.reduce((sum, one) => sum + one.left, 0);
  if (leftOut > 0) return { ...capped, leftOut };
  return budgets.some(({ linked }) => linked > 0) ? capped : span;
}
