import type { ModelPart } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { markSignature, shownSignature } from '../signature.ts';

export type Reasoning = Extract<ModelPart, { type: 'reasoning' }>;
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const textsOf = (list: Json | undefined): string[] =>
  (Array.isArray(list) ? list : []).flatMap((item) => (isJsonObject(item) ? (textOf(item.text) ?? []) : []));

/** Stands before what another vendor sealed whole, which this dialect has no place of its own for. */
const sealed = 'sealed:';

/** Summaries and what models without summaries show of their reasoning, one after the other. */
export function readReasoningItem(item: JsonObject): Reasoning {
  const text = [...textsOf(item.summary), ...textsOf(item.content)].join('\n\n');
  return { type: 'reasoning', text, ...readEncrypted(item.encrypted_content) };
}

function readEncrypted(content: Json | undefined): Pick<Reasoning, 'signature' | 'redacted'> {
  const given = textOf(content);
  if (given?.startsWith(sealed)) return { signature: null, redacted: given.slice(sealed.length) };
  return { signature: markSignature('openai', given), redacted: null };
}

function writeEncrypted({ signature, redacted }: Pick<Reasoning, 'signature' | 'redacted'>): JsonObject {
  const content = redacted !== null ? `${sealed}${redacted}` : shownSignature('openai', signature);
  return content === null ? {} : { encrypted_content: content };
}

export const reasoningItem = (id: string, part: Omit<Reasoning, 'type'>): JsonObject => ({
  id,
  type: 'reasoning',
  summary: part.text === '' ? [] : [{ type: 'summary_text', text: part.text }],
  ...writeEncrypted(part),
});

export const messageItem = (id: string, status: ItemStatus, content: JsonObject[]): JsonObject => ({
  id,
  type: 'message',
  status,
  role: 'assistant',
  content,
});

export const outputText = (text: string, logprobs: readonly JsonObject[] = []): JsonObject => ({
  type: 'output_text',
  text,
  annotations: [],
  logprobs: [...logprobs],
});

export const refusalContent = (refusal: string): JsonObject => ({ type: 'refusal', refusal });

export type CallItem = { id: string; callId: string; name: string; arguments: string };

export const callItem = (call: CallItem, status: ItemStatus): JsonObject => ({
  id: call.id,
  type: 'function_call',
  status,
  arguments: call.arguments,
  call_id: call.callId,
  name: call.name,
});
