import { isJsonObject, type JsonObject, type Message, type Part } from '../records/index.ts';
import { jsonOrText, objectsOf, textOf } from './json-value.ts';

/** Arguments as the model wrote them: a value when they are JSON, the text when they are not, `{}` when there are none. */
export const readArguments = (text: unknown): Extract<Part, { type: 'tool_call' }>['arguments'] =>
  typeof text === 'string' ? (text === '' ? {} : jsonOrText(text)) : isJsonObject(text) ? text : {};

function contentParts(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', content }];
  return objectsOf(content).map(
    (item): Part =>
      item.type === 'text' && typeof item.text === 'string'
        ? { type: 'text', content: item.text }
        : { type: 'other', value: item },
  );
}

function toolCall(call: JsonObject): Part {
  const callee = isJsonObject(call.function) ? call.function : isJsonObject(call.custom) ? call.custom : null;
  if (!callee || typeof callee.name !== 'string') return { type: 'other', value: call };
  return {
    type: 'tool_call',
    id: textOf(call.id),
    name: callee.name,
    arguments: readArguments(callee.arguments ?? callee.input),
  };
}

/** Spoken output without its bytes, which nobody reads in a trace. */
export function audioPart(audio: JsonObject): Part {
  return { type: 'other', value: { type: 'audio', id: audio.id ?? null, transcript: audio.transcript ?? '' } };
}

export const refusalPart = (refusal: string): Part => ({ type: 'other', value: { type: 'refusal', refusal } });

/** A message of the OpenAI chat dialect, asked or answered, in the parts of the GenAI conventions. */
export function readOpenAiMessage(message: JsonObject): Message {
  const role = textOf(message.role) ?? 'assistant';
  const name = typeof message.name === 'string' && role !== 'function' ? { name: message.name } : {};
  if (role === 'tool' || role === 'function') {
    const texts = contentParts(message.content);
    const only = texts.length === 1 && texts[0]?.type === 'text' ? texts[0].content : null;
    const response = only ?? message.content ?? null;
    return { role, parts: [{ type: 'tool_call_response', id: textOf(message.tool_call_id), response }], ...name };
  }
  const reasoning = textOf(message.reasoning_content) ?? textOf(message.reasoning);
  const refusal = textOf(message.refusal);
  const legacy = isJsonObject(message.function_call) ? message.function_call : null;
  const parts: Part[] = [
    ...(reasoning === null ? [] : [{ type: 'reasoning' as const, content: reasoning }]),
    ...contentParts(message.content),
    ...(refusal === null ? [] : [refusalPart(refusal)]),
    ...(isJsonObject(message.audio) ? [audioPart(message.audio)] : []),
    ...objectsOf(message.tool_calls).map(toolCall),
    ...(legacy ? [toolCall({ function: legacy })] : []),
  ];
  return { role, parts, ...name };
}
