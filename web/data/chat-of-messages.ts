import type { MessageBody } from '@wheelhouse/sdk';
import type { ChatMessage } from './chat.ts';

type Part = MessageBody['parts'][number];

const textOf = (parts: Part[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? [part.content] : [])).join('\n');

const contentOf = (parts: Part[]): unknown =>
  parts.some((part) => part.type === 'other')
    ? parts.flatMap((part) =>
        part.type === 'text' ? [{ type: 'text', text: part.content }] : part.type === 'other' ? [part.value] : [],
      )
    : textOf(parts);

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Recorded messages in the form of OpenAI's chat, to be sent again. Reasoning is not sent back. */
export function chatOfMessages(messages: MessageBody[]): ChatMessage[] {
  return messages.flatMap((message, at): ChatMessage[] => {
    const { parts, role } = message;
    const results = parts.flatMap((part) =>
      part.type === 'tool_call_response'
        ? [{ role: 'tool', tool_call_id: part.id ?? `call_${at}`, content: asText(part.response) }]
        : [],
    );
    const calls = parts.flatMap((part) =>
      part.type === 'tool_call'
        ? [
            {
              id: part.id ?? `call_${at + 1}`,
              type: 'function',
              function: { name: part.name, arguments: asText(part.arguments) },
            },
          ]
        : [],
    );
    const said = parts.filter((part) => part.type === 'text' || part.type === 'other');
    if (results.length > 0 && said.length === 0) return results;
    const own: ChatMessage = {
      role,
      content: calls.length > 0 && said.length === 0 ? null : contentOf(said),
      ...(message.name === undefined ? {} : { name: message.name }),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    };
    return [...results, own];
  });
}
