import { type Content, isJsonObject, type Json, type JsonObject, type Message, type Part } from '../records/index.ts';
import { finishReason } from './finish-reason.ts';
import { jsonOrText, listOf, objectsOf, textOf } from './json-value.ts';
import { audioPart, readArguments, refusalPart } from './openai-messages.ts';

const textPart = (content: string): Part => ({ type: 'text', content });
const call = (id: Json | undefined, name: string, given: Json | undefined): Part => ({
  type: 'tool_call',
  id: textOf(id),
  name,
  arguments: typeof given === 'string' ? readArguments(given) : (given ?? {}),
});
const answer = (id: Json | undefined, response: Json | undefined): Part => ({
  type: 'tool_call_response',
  id: textOf(id),
  response: plain(response ?? null),
});

/** The text of a list that is nothing but texts. */
function plain(value: Json): Json {
  const texts = listOf(value).map((item) => (isJsonObject(item) && item.type === 'text' ? textOf(item.text) : null));
  return texts.length > 0 && texts.every((text) => text !== null) ? texts.join('\n') : value;
}

const textTypes = new Set(['text', 'input_text', 'output_text', 'summary_text']);
const reasoningTypes = new Set(['reasoning', 'thinking']);
const callTypes = new Set(['tool_call', 'tool_use', 'tool-call', 'function_call', 'function']);
const answerTypes = new Set([
  'tool_call_response',
  'tool_result',
  'tool-result',
  'function_call_output',
  'custom_tool_call_output',
]);

const reasoningText = (value: JsonObject): string | null =>
  textOf(value.content) ??
  textOf(value.thinking) ??
  textOf(value.text) ??
  textOf(
    objectsOf(value.summary)
      .map(({ text }) => text)
      .join('\n'),
  );

function callPart(value: JsonObject): Part | null {
  const callee = isJsonObject(value.function) ? value.function : value;
  const name = textOf(callee.name) ?? textOf(callee.toolName);
  if (name === null) return null;
  const given = callee.arguments ?? callee.input ?? callee.args;
  return call(value.call_id ?? value.id ?? value.toolCallId, name, given);
}

/** Gemini's parts have no type. */
function untypedPart(value: JsonObject): Part | null {
  if (isJsonObject(value.functionCall) && typeof value.functionCall.name === 'string')
    return call(value.functionCall.id, value.functionCall.name, value.functionCall.args);
  if (isJsonObject(value.functionResponse)) return answer(value.functionResponse.id, value.functionResponse.response);
  if (typeof value.text !== 'string') return null;
  return value.thought === true ? { type: 'reasoning', content: value.text } : textPart(value.text);
}

/** A part of a message of any vendor or framework; one that nobody here knows stays as it came. */
export function readPart(value: JsonObject): Part {
  const other: Part = { type: 'other', value };
  if (typeof value.type !== 'string') return untypedPart(value) ?? other;
  if (textTypes.has(value.type)) {
    const text = typeof value.text === 'string' ? value.text : value.content;
    return typeof text === 'string' ? textPart(text) : other;
  }
  if (reasoningTypes.has(value.type)) {
    const text = reasoningText(value);
    return text === null ? other : { type: 'reasoning', content: text };
  }
  if (callTypes.has(value.type)) return callPart(value) ?? other;
  if (!answerTypes.has(value.type)) return other;
  const id = value.tool_use_id ?? value.call_id ?? value.toolCallId ?? value.id;
  return answer(id, value.response ?? value.result ?? value.output ?? value.content);
}

function partsOf(content: Json | undefined): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [textPart(content)];
  if (isJsonObject(content)) return [readPart(content)];
  return listOf(content).flatMap((item): Part[] =>
    typeof item === 'string' ? [textPart(item)] : isJsonObject(item) ? [readPart(item)] : [],
  );
}

const roles = new Map([
  ['human', 'user'],
  ['ai', 'assistant'],
  ['model', 'assistant'],
  ['humanmessage', 'user'],
  ['humanmessagechunk', 'user'],
  ['aimessage', 'assistant'],
  ['aimessagechunk', 'assistant'],
  ['systemmessage', 'system'],
  ['toolmessage', 'tool'],
  ['functionmessage', 'function'],
]);
const roleOf = (role: string): string => roles.get(role.toLowerCase()) ?? role;

const langChainRoles = new Set(['user', 'assistant', 'system', 'tool', 'function']);

/** LangChain writes its messages as constructors with arguments, or as plain objects with a type. */
function langChainMessage(value: JsonObject): JsonObject | null {
  const name = listOf(value.id).at(-1);
  if (
    value.lc !== undefined &&
    isJsonObject(value.kwargs) &&
    value.kwargs.content !== undefined &&
    typeof name === 'string'
  )
    return { ...value.kwargs, role: textOf(value.kwargs.role) ?? roleOf(name) };
  const given = isJsonObject(value.data) ? value.data : value;
  const known = typeof value.type === 'string' && given.content !== undefined ? roleOf(value.type) : null;
  return known !== null && langChainRoles.has(known) ? { ...given, role: known } : null;
}

const said = ['content', 'parts', 'tool_calls', 'function_call', 'toolCalls', 'refusal', 'audio'];
const isMessage = (value: JsonObject): boolean =>
  typeof value.role === 'string' && said.some((key) => value[key] !== undefined);

/** The message in front of us, whoever wrote it; null when it is none. */
function messageObject(value: unknown): JsonObject | null {
  if (!isJsonObject(value)) return null;
  return isMessage(value) ? value : langChainMessage(value);
}

const toolRoles = new Set(['tool', 'function']);

function readMessage(value: JsonObject): Message {
  const role = roleOf(textOf(value.role) ?? 'assistant');
  const content = value.parts ?? value.content;
  const finish = textOf(value.finish_reason);
  const own = partsOf(content);
  const isAnswer = toolRoles.has(role) && !own.some((part) => part.type === 'tool_call_response');
  const more = isJsonObject(value.additional_kwargs) ? value.additional_kwargs : {};
  const reasoning = textOf(value.reasoning_content) ?? textOf(value.reasoning) ?? textOf(more.reasoning_content);
  const refusal = textOf(value.refusal);
  const listed = [value.tool_calls, value.toolCalls, more.tool_calls].find((calls) => listOf(calls).length > 0);
  // Anthropic's content of a LangChain message repeats the calls that stand beside it.
  const calls = own.some((part) => part.type === 'tool_call') ? [] : objectsOf(listed);
  const legacy = isJsonObject(value.function_call) ? [{ function: value.function_call }] : [];
  return {
    role,
    parts: [
      ...(reasoning === null ? [] : [{ type: 'reasoning' as const, content: reasoning }]),
      ...(isAnswer ? [answer(value.tool_call_id ?? value.toolCallId ?? value.id, content)] : own),
      ...(refusal === null ? [] : [refusalPart(refusal)]),
      ...(isJsonObject(value.audio) ? [audioPart(value.audio)] : []),
      ...[...calls, ...legacy].map((item): Part => callPart(item) ?? { type: 'other', value: item }),
    ],
    ...(typeof value.name === 'string' && value.name !== '' && !toolRoles.has(role) ? { name: value.name } : {}),
    ...(finish === null ? {} : { finishReason: finishReason(finish) }),
  };
}

/** Messages, when the list is one of messages and nothing else. */
function messageList(value: unknown): Message[] | null {
  const items = listOf(value);
  // LangChain calls models in batches.
  if (items.length === 1 && Array.isArray(items[0])) return messageList(items[0]);
  const messages = items.map(messageObject);
  return items.length > 0 && messages.every((message) => message !== null) ? messages.map(readMessage) : null;
}

/** Items of OpenAI's responses: messages, and between them calls, their outputs and reasoning. */
function responseItems(value: unknown): Message[] | null {
  const items = objectsOf(value);
  const known = (item: JsonObject) => messageObject(item) !== null || readPart(item).type !== 'other';
  if (items.length === 0 || !items.some(known)) return null;
  return items.map((item): Message => {
    const message = messageObject(item);
    if (message) return readMessage(message);
    const part = readPart(item);
    return { role: part.type === 'tool_call_response' ? 'tool' : 'assistant', parts: [part] };
  });
}

function instructions(value: Json | undefined): Message[] {
  const parts = partsOf(isJsonObject(value) && value.parts !== undefined ? value.parts : value);
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

function askedMessages(value: JsonObject): Message[] | null {
  const front = instructions(value.system ?? value.instructions ?? value.systemInstruction ?? value.system_instruction);
  const listed = messageList(value.messages) ?? messageList(value.contents);
  if (listed) return [...front, ...listed];
  if (typeof value.model !== 'string' || value.input === undefined) return null;
  const input = typeof value.input === 'string' ? [{ role: 'user', parts: partsOf(value.input) }] : null;
  const asked = input ?? messageList(value.input) ?? responseItems(value.input);
  return asked && [...front, ...asked];
}

function choiceMessages(choices: Json | undefined): Message[] | null {
  const messages = objectsOf(choices).flatMap((choice): Message[] => {
    if (typeof choice.text === 'string') return [{ role: 'assistant', parts: partsOf(choice.text) }];
    const message = choice.message ?? choice.content;
    if (!isJsonObject(message)) return [];
    return [readMessage({ finish_reason: choice.finish_reason ?? choice.finishReason ?? null, ...message })];
  });
  return messages.length > 0 ? messages : null;
}

/** LangChain: one list of generations a prompt of the batch. */
function generationMessages(generations: Json | undefined): Message[] | null {
  const first = listOf(generations)[0];
  const messages = objectsOf(Array.isArray(first) ? first : generations).flatMap((generation): Message[] => {
    const message = messageObject(generation.message);
    if (message) return [readMessage(message)];
    return typeof generation.text === 'string' ? [{ role: 'assistant', parts: partsOf(generation.text) }] : [];
  });
  return messages.length > 0 ? messages : null;
}

function objectMessages(value: JsonObject, side: 'input' | 'output'): Message[] | null {
  const own = messageObject(value);
  if (own) return [readMessage(own)];
  // A prompt that LangChain filled in.
  if (value.lc !== undefined && isJsonObject(value.kwargs)) return messageList(value.kwargs.messages);
  if (side === 'input') return askedMessages(value);
  return (
    choiceMessages(value.choices) ??
    choiceMessages(value.candidates) ??
    generationMessages(value.generations) ??
    (value.object === 'response' ? responseItems(value.output) : null) ??
    messageList(value.messages)
  );
}

/**
 * What a span says went in or came out, as a conversation when it is one in the words of any vendor or framework we know
 * (OpenAI, Anthropic, Gemini, LangChain, AI SDK, the GenAI conventions), as it came otherwise; JSON text is read.
 */
export function readContent(given: Json | undefined, side: 'input' | 'output'): Content | null {
  const value = jsonOrText(given ?? null);
  if (value === null || value === '') return null;
  const messages = isJsonObject(value) ? objectMessages(value, side) : messageList(value);
  return messages ? { type: 'messages', messages } : { type: 'json', value };
}

/** One message whose role is told elsewhere. */
export const readMessageOf = (role: string, value: JsonObject): Message => readMessage({ ...value, role });
