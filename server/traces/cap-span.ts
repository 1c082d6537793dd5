import type { ContentBody, MessageBody, SpanBody } from '@wheelhouse/core/contract';

type Part = MessageBody['parts'][number];
/** How many characters may still be taken, and how many were left behind. */
type Budget = { room: number; left: number };

/** Long, without a space, and of mixed case with digits: nobody reads it. */
const code = /^(?:data:([\w/+.-]+)[^,]{0,100},)?[A-Za-z0-9+/_-]{1000,}={0,2}$/;
const mixed = (text: string) => /[A-Z]/.test(text) && /[a-z]/.test(text) && /[0-9]/.test(text);
const count = (value: number) => value.toLocaleString('en');

function capText(text: string, budget: Budget): string {
  if (text.length <= 1000 && text.length <= budget.room) {
    budget.room -= text.length;
    return text;
  }
  const found = code.exec(text);
  if (found && mixed(text.slice(-1000))) {
    budget.left += text.length;
    return `[${found[1] ?? 'base64'}, ${count(Math.floor((text.length * 3) / 4))} bytes left out]`;
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

function capJson(value: unknown, budget: Budget, depth = 0): unknown {
  if (typeof value === 'string') return capText(value, budget);
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
    kept.push([key, capJson(child, budget, depth + 1)]);
  }
  return Array.isArray(value) ? kept.map(([, child]) => child) : Object.fromEntries(kept);
}

function capPart(part: Part, budget: Budget): Part {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { ...part, content: capText(part.content, budget) };
    case 'tool_call':
      return { ...part, arguments: capJson(part.arguments, budget) };
    case 'tool_call_response':
      return { ...part, response: capJson(part.response, budget) };
    case 'other':
      return { ...part, value: capJson(part.value, budget) as Record<string, unknown> };
  }
}

/** The newest messages that fit: of an agent's long history the end is what matters. */
function capMessages(messages: MessageBody[], budget: Budget): MessageBody[] {
  const kept: MessageBody[] = [];
  for (const message of messages.toReversed()) {
    if (budget.room <= 0 && kept.length > 0) {
      budget.left += sizeOf(message.parts);
      continue;
    }
    kept.push({ ...message, parts: message.parts.map((part) => capPart(part, budget)) });
  }
  return kept.reverse();
}

function capContent(content: ContentBody | null, budget: Budget): ContentBody | null {
  if (content === null) return null;
  if (content.type === 'json') return { type: 'json', value: capJson(content.value, budget) };
  return { type: 'messages', messages: capMessages(content.messages, budget) };
}

/** A content of so many characters at most, without base64. */
export const cappedContent = (content: ContentBody | null, cap: number): ContentBody | null =>
  capContent(content, { room: cap, left: 0 });

/**
 * The span with so many characters of its input, of its output and of all else at most, and no base64 among them;
 * `leftOut` says how many it has beyond that. What fits is as it was.
 * @param cap characters; undefined takes all
 */
export function capSpan(span: SpanBody, cap: number | undefined): SpanBody {
  if (cap === undefined) return span;
  const budgets: Budget[] = [];
  const budget = () => {
    const one = { room: cap, left: 0 };
    budgets.push(one);
    return one;
  };
  const rest = budget();
  const capped: SpanBody = {
    ...span,
    input: capContent(span.input, budget()),
    output: capContent(span.output, budget()),
    toolCall: span.toolCall && {
      ...span.toolCall,
      arguments: capJson(span.toolCall.arguments, rest),
      result: capJson(span.toolCall.result, rest),
    },
    documents: span.documents.map((document) => ({
      ...document,
      content: document.content === null ? null : capText(document.content, rest),
      metadata: capJson(document.metadata, rest),
    })),
    events: span.events.map((event) => ({
      ...event,
      attributes: capJson(event.attributes, rest) as Record<string, unknown>,
    })),
    toolDefinitions: capJson(span.toolDefinitions, rest),
    metadata: capJson(span.metadata, rest) as Record<string, unknown>,
    attributes: capJson(span.attributes, rest) as Record<string, unknown>,
  };
  const leftOut = budgets.reduce((sum, one) => sum + one.left, 0);
  return leftOut === 0 ? span : { ...capped, leftOut };
}
