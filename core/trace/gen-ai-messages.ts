import { type Content, isJsonObject, type Json, type JsonObject, type Message, type Part } from '../records/index.ts';
import { finishReason } from './finish-reason.ts';
import { jsonOrText, objectsOf, parseJson, textOf } from './json-value.ts';

function part(value: JsonObject): Part {
  const id = textOf(value.id);
  if ((value.type === 'text' || value.type === 'reasoning') && typeof value.content === 'string')
    return { type: value.type, content: value.content };
  if (value.type === 'tool_call' && typeof value.name === 'string')
    return { type: 'tool_call', id, name: value.name, arguments: jsonOrText(value.arguments ?? null) };
  // The conventions said `result` before they said `response`.
  if (value.type === 'tool_call_response')
    return { type: 'tool_call_response', id, response: value.response ?? value.result ?? null };
  return { type: 'other', value };
}

function parts(value: Json | undefined): Part[] {
  if (typeof value === 'string') return [{ type: 'text', content: value }];
  return objectsOf(value).map(part);
}

function message(value: JsonObject): Message {
  return {
    role: textOf(value.role) ?? 'assistant',
    parts: parts(value.parts ?? value.content),
    ...(typeof value.name === 'string' ? { name: value.name } : {}),
    ...(typeof value.finish_reason === 'string' ? { finishReason: finishReason(value.finish_reason) } : {}),
  };
}

const isMessageList = (value: unknown): value is JsonObject[] => Array.isArray(value) && value.every(isJsonObject);

/**
 * `gen_ai.input.messages` or `gen_ai.output.messages`, with `gen_ai.system_instructions` as a system message in front;
 * each as JSON text or as a structured value. What is no list of messages is kept as it came.
 */
export function readGenAiMessages(messages: Json | undefined, system?: Json): Content | null {
  const instructions = parts(typeof system === 'string' ? (parseJson(system) ?? system) : system);
  const front: Message[] = instructions.length > 0 ? [{ role: 'system', parts: instructions }] : [];
  const value = messages === undefined ? null : jsonOrText(messages);
  if (isMessageList(value)) return { type: 'messages', messages: [...front, ...value.map(message)] };
  if (value === null) return front.length > 0 ? { type: 'messages', messages: front } : null;
  if (front.length === 0) return { type: 'json', value };
  return { type: 'messages', messages: [...front, { role: 'user', parts: [textPart(value)] }] };
}

const textPart = (value: Json): Part => ({
  type: 'text',
  content: typeof value === 'string' ? value : JSON.stringify(value),
});
