import { isJsonObject, type Json } from '@wheelhouse/core/records';
import type { TraceRow } from './deps.ts';

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const roleOf = (message: Json): Json | undefined => (isJsonObject(message) ? message.role : undefined);

function messagesOf(input: Json): Json[] {
  const messages = isJsonObject(input) ? input.messages : undefined;
  return Array.isArray(messages) ? messages : [{ role: 'user', content: textOf(input) }];
}

/** Applications send what was said before again: what is new in a turn stands behind the last answer. */
function newIn(messages: Json[]): Json[] {
  const fresh = messages.slice(messages.findLastIndex((message) => roleOf(message) === 'assistant') + 1);
  return fresh.filter((message) => roleOf(message) !== 'system' && roleOf(message) !== 'developer');
}

/** The turns of a session, oldest first, as one row: all that was said before the last answer, and that answer. */
export function conversationOf(turns: readonly TraceRow[]): TraceRow | null {
  const last = turns.at(-1);
  if (!last) return null;
  const messages = turns.flatMap(({ input, output }, i): Json[] => {
    const asked = i === 0 ? messagesOf(input) : newIn(messagesOf(input));
    return i === turns.length - 1 || output === null
      ? asked
      : [...asked, { role: 'assistant', content: textOf(output) }];
  });
  return { ...last, input: { messages } };
}
